"""What became of a letter is told from its record, and leads to all that it stems from."""

from dataclasses import replace

import pytest

from runtime.bus.records import AttemptRecord, DeadLetter
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.dead_letters.facts import make_death_fact, make_settlement_fact
from runtime.dead_letters.letters import LetterTraces
from runtime.semconv import DeadLetterReason
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
    found = make_settlement_fact(replace(one, state="replayed"), traces).links
    assert make_settlement_fact(replace(one, state="discarded"), traces).links == found
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


def test_a_settlement_stands_where_its_record_says() -> None:
    """Its trace was made when it was done: told again, it must not be another span."""
    one = replace(letter(), state="replayed", settled_ms=7, operator="ann")
    first, second = (make_settlement_fact(one, LetterTraces(TRACE, None, TOLD)) for _ in range(2))
    assert first == second
    assert (first.span, first.at_ns, first.operator) == (TOLD, 7_000_000, "ann")


def test_a_death_is_a_child_of_its_last_attempt() -> None:
    """Of a delivery that killed its worker too: no attempt of it failed."""
    one = letter(AttemptRecord(1, 0, 1, trace_id=f"{TOLD.trace_id:032x}"))
    attempt = TraceContext(TOLD.trace_id, identity.span_id(DELIVERY, f"process {CHANNEL}", 1))
    fact = make_death_fact(one, LetterTraces(TRACE, None), "texter")
    assert (fact.parent, fact.span) == (attempt, attempt.child(one.id, f"dead_letter {CHANNEL}"))
    assert (fact.agent, fact.error_type, fact.at_ns) == ("texter", "PoisonError", 1_000_000)


def test_a_death_without_any_attempt_is_one_span_too() -> None:
    """Told twice, by two processes."""
    first, second = (make_death_fact(letter(), LetterTraces(None, None), "texter") for _ in range(2))
    assert first == second
    assert (first.parent, first.span.trace_id) == (None, letter().id.int)
