"""A replay and a discard lead to all that they stem from."""

import pytest

from runtime import identity
from runtime.bus.letters import LetterTraces
from runtime.bus.records import AttemptRecord, DeadLetter
from runtime.semconv import DeadLetterReason
from runtime.settlements import discarded, replayed
from runtime.tracecontext import TraceContext
from tests.contract.made import CHANNEL, TRACE, uuid

TOLD = TraceContext(TRACE.trace_id + 1, 0xCD)
DELIVERY = identity.delivery_id(uuid(1), "sms", 0)


def letter(*history: AttemptRecord) -> DeadLetter:
    """The letter of a delivery that killed its worker."""
    return DeadLetter(
        id=identity.dead_letter_id(DELIVERY),
        channel=CHANNEL,
        group="sms",
        event_id=uuid(1),
        delivery_id=DELIVERY,
        round=0,
        reason=DeadLetterReason.POISON,
        attempts=len(history),
        dead_ms=1,
        state="dead",
        envelope="{}",
        history=history,
    )


def links(one: DeadLetter, traces: LetterTraces) -> tuple[TraceContext, ...]:
    """What both kinds of settlement link to."""
    found = replayed(one, traces, TRACE, "ann", 1).links
    assert discarded(one, traces, "ann", "lost", 1).links == found
    return found


@pytest.mark.parametrize("told", [None, TOLD])
def test_a_settlement_links_to_publish_attempt_and_letter(told: TraceContext | None) -> None:
    """Also where the last attempt's worker died before it could tell its span: that can be derived."""
    one = letter(*(AttemptRecord(n, 0, n, trace_id=f"{TOLD.trace_id:032x}") for n in (1, 2)))
    attempt = told or TraceContext(TOLD.trace_id, identity.span_id(DELIVERY, f"process {CHANNEL}", 2))
    died = attempt.child(one.id, f"dead_letter {CHANNEL}")
    assert links(one, LetterTraces(TRACE, told)) == (TRACE, attempt, died)


def test_a_letter_without_any_attempt_links_to_its_publish() -> None:
    """Nothing is made up."""
    assert links(letter(), LetterTraces(TRACE, None)) == (TRACE,)
    assert links(letter(AttemptRecord(1, 1, 1, trace_id="ab")), LetterTraces(TRACE, None)) == (TRACE,)
    assert links(letter(AttemptRecord(1, 0, 1)), LetterTraces(TRACE, None)) == (TRACE,)
