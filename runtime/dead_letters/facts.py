"""The facts of a dead letter: that it died, and what an operator did to it. They are made from its record alone, so
that they are the same whoever tells them. Pure."""

from typing import Any, Final

from runtime.bus.records import DeadLetter
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.dead_letters.letters import LetterTraces
from runtime.errors import PoisonError
from runtime.facts import DeadLettered, Discarded, Replayed
from runtime.semconv import DeadLetterReason, NodeKind, SpanVerb, span_name

#: Who acts, as pictures name it: one lane for all operators; who it was is an attribute.
OPERATOR_LANE: Final = "operator"


def make_death_fact(letter: DeadLetter, traces: LetterTraces, agent: str) -> DeadLettered:
    """The delivery gave up; `agent` is its group's."""
    attempt = _last_attempt(letter, traces)
    poison = letter.reason is DeadLetterReason.POISON  # no attempt of it failed: its worker died
    return DeadLettered(
        node_id=letter.id,
        kind=NodeKind.DEAD_LETTER,
        causation_id=letter.delivery_id,
        agent=agent,
        span=_death_span(letter, attempt) or _standalone_span(letter),
        parent=attempt,
        at_ns=letter.dead_ms * 1_000_000,
        round=letter.round,
        reason=letter.reason,
        attempts=letter.attempts,
        error_type=letter.error_type or (PoisonError.__name__ if poison else ""),
        **_common_fields(letter),
    )


def make_settlement_fact(letter: DeadLetter, traces: LetterTraces) -> Replayed | Discarded:
    """An operator sent the letter again, unchanged, or gave it up."""
    return _make_replay_fact(letter, traces) if letter.state == "replayed" else _make_discard_fact(letter, traces)


def replay_trace(letter: DeadLetter, traces: LetterTraces) -> TraceContext:
    """Where a replay's span stands: a trace of its own, kept where the event's is."""
    sampled = traces.publish.sampled if traces.publish else True
    return TraceContext.root(identity.replay_id(letter.id), span_name(SpanVerb.REPLAY, letter.channel), sampled=sampled)


def discard_trace(letter: DeadLetter) -> TraceContext:
    """Where a discard's span stands: a trace of its own."""
    return TraceContext.root(identity.discard_id(letter.id), span_name(SpanVerb.DISCARD, letter.channel), sampled=True)


def _make_replay_fact(letter: DeadLetter, traces: LetterTraces) -> Replayed:
    return Replayed(
        node_id=identity.replay_id(letter.id),
        kind=NodeKind.REPLAY,
        causation_id=letter.id,
        agent=OPERATOR_LANE,
        span=traces.settled or replay_trace(letter, traces),
        links=_links(letter, traces),
        at_ns=(letter.settled_ms or 0) * 1_000_000,
        round=letter.round + 1,
        dead_letter_id=letter.id,
        operator=letter.operator,
        **_common_fields(letter),
    )


def _make_discard_fact(letter: DeadLetter, traces: LetterTraces) -> Discarded:
    return Discarded(
        node_id=identity.discard_id(letter.id),
        kind=NodeKind.DISCARD,
        causation_id=letter.id,
        agent=OPERATOR_LANE,
        span=traces.settled or discard_trace(letter),
        links=_links(letter, traces),
        at_ns=(letter.settled_ms or 0) * 1_000_000,
        round=letter.round,
        dead_letter_id=letter.id,
        operator=letter.operator,
        reason=letter.why,
        **_common_fields(letter),
    )


def _common_fields(letter: DeadLetter) -> dict[str, Any]:
    """What all facts of a letter carry."""
    return {
        "correlation_id": letter.correlation_id or letter.event_id,
        "subject": letter.subject,
        "channel": letter.channel,
        "group": letter.group,
        "event_id": letter.event_id,
    }


def _links(letter: DeadLetter, traces: LetterTraces) -> tuple[TraceContext, ...]:
    attempt = _last_attempt(letter, traces)
    return tuple(link for link in (traces.publish, attempt, _death_span(letter, attempt)) if link is not None)


def _death_span_name(letter: DeadLetter) -> str:
    return span_name(SpanVerb.DEAD_LETTER, letter.channel)


def _death_span(letter: DeadLetter, attempt: TraceContext | None) -> TraceContext | None:
    return attempt.child(letter.id, _death_span_name(letter)) if attempt else None


def _standalone_span(letter: DeadLetter) -> TraceContext:
    """Where the death of a letter without any attempt stands: in a trace of its id, so that it is told as one span."""
    return TraceContext(letter.id.int, identity.span_id(letter.id, _death_span_name(letter), 1))


def _last_attempt(letter: DeadLetter, traces: LetterTraces) -> TraceContext | None:
    """Where the last attempt stands; that of a worker that died, and so never told its span, is derived."""
    sampled = traces.publish.sampled if traces.publish else True
    if traces.attempt is not None:
        return TraceContext(traces.attempt.trace_id, traces.attempt.span_id, sampled)
    last = letter.history[-1] if letter.history else None
    if last is None or last.round != letter.round or not last.trace_id:
        return None
    name = span_name(SpanVerb.PROCESS, letter.channel)
    return TraceContext(int(last.trace_id, 16), identity.span_id(letter.delivery_id, name, last.attempt), sampled)
