"""The facts of a replay and a discard: what an operator did to a dead letter. Pure."""

import hashlib
import json
from typing import Final

from runtime import identity
from runtime.bus.letters import LetterTraces
from runtime.bus.records import DeadLetter
from runtime.facts import Discarded, Replayed
from runtime.semconv import NodeKind, SpanVerb, span_name
from runtime.tracecontext import TraceContext

#: Who acts, as pictures name it: one lane for all operators; who it was is an attribute.
OPERATOR_LANE: Final = "operator"


def replayed(letter: DeadLetter, traces: LetterTraces, span: TraceContext, operator: str, at_ns: int) -> Replayed:
    """The letter was sent again, unchanged, by `operator`; `span` is where the replay stands."""
    digest = _payload_hash(letter.envelope)
    return Replayed(
        node_id=identity.replay_id(letter.id),
        kind=NodeKind.REPLAY,
        causation_id=letter.id,
        correlation_id=letter.correlation_id or letter.event_id,
        agent=OPERATOR_LANE,
        subject=letter.subject,
        span=span,
        links=_links(letter, traces),
        at_ns=at_ns,
        channel=letter.channel,
        group=letter.group,
        event_id=letter.event_id,
        round=letter.round + 1,
        dead_letter_id=letter.id,
        operator=operator,
        edited=False,
        hash_before=digest,
        hash_after=digest,
    )


def discarded(letter: DeadLetter, traces: LetterTraces, operator: str, reason: str, at_ns: int) -> Discarded:
    """The letter was given up by `operator`, for a reason in their words."""
    node = identity.discard_id(letter.id)
    return Discarded(
        node_id=node,
        kind=NodeKind.DISCARD,
        causation_id=letter.id,
        correlation_id=letter.correlation_id or letter.event_id,
        agent=OPERATOR_LANE,
        subject=letter.subject,
        span=TraceContext.root(node, span_name(SpanVerb.DISCARD, letter.channel), sampled=True),
        links=_links(letter, traces),
        at_ns=at_ns,
        channel=letter.channel,
        group=letter.group,
        event_id=letter.event_id,
        round=letter.round,
        dead_letter_id=letter.id,
        operator=operator,
        reason=reason,
    )


def _links(letter: DeadLetter, traces: LetterTraces) -> tuple[TraceContext, ...]:
    attempt = traces.attempt or _last_attempt(letter, sampled=traces.publish.sampled if traces.publish else True)
    died = attempt.child(letter.id, span_name(SpanVerb.DEAD_LETTER, letter.channel)) if attempt else None
    return tuple(link for link in (traces.publish, attempt, died) if link is not None)


def _last_attempt(letter: DeadLetter, *, sampled: bool) -> TraceContext | None:
    """Where the last attempt stands; for a letter whose worker died, and so never told its span."""
    last = letter.history[-1] if letter.history else None
    if last is None or last.round != letter.round or not last.trace_id:
        return None
    name = span_name(SpanVerb.PROCESS, letter.channel)
    return TraceContext(int(last.trace_id, 16), identity.span_id(letter.delivery_id, name, last.attempt), sampled)


def _payload_hash(envelope: str) -> str:
    try:
        payload = json.dumps(json.loads(envelope).get("data"), sort_keys=True)
    except (ValueError, AttributeError):
        payload = envelope
    return hashlib.sha256(payload.encode()).hexdigest()
