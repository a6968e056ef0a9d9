"""A message as an event of a channel: who it is, what caused it, and what it says. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from runtime.bus.envelope import Envelope
from runtime.bus.rfc3339 import parse_rfc3339
from runtime.bus.timing import Timing
from runtime.causality import identity
from runtime.causality.sampling import is_sampled
from runtime.causality.trace_context import TraceContext
from runtime.rabbitmq.bodies import DATA_BASE64, read_payload
from runtime.rabbitmq.cloudevents import CAUSE_NODE, attributes_of, read_structured_event, trace_of
from runtime.rabbitmq.letters import REPLAYS, letter_of
from runtime.rabbitmq.message import Message
from runtime.semconv import NodeKind, SpanVerb, span_name

_DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it is recorded.

    Attributes:
        envelope: the event.
        sender: the span that sent the message; None where it does not say.
        is_stable: whether it is the same event when the message comes again. One without an id of its sender's is not.
    """

    envelope: Envelope
    sender: TraceContext | None
    is_stable: bool


@dataclass(frozen=True, slots=True)
class ArrivalContext:
    """Where messages arrive.

    Attributes:
        queue, channel: from where, and to where.
        holds_letters: whether what comes has died in another queue.
        now_ns: in nanoseconds since 1970 (UTC).
        sample_ratio: share of correlations that are kept where nobody has decided yet.
    """

    queue: str
    channel: str
    holds_letters: bool
    now_ns: int
    sample_ratio: float


def read_arrival(message: Message, at: ArrivalContext) -> Arrival:
    """Reads a message. Whatever it is, it is an event: what can't be read is a payload, for a handler to refuse."""
    whole = read_structured_event(message.body, message.content_type)
    said: Mapping[str, Any] = whole or attributes_of(message.headers)
    source = str(said.get("source") or message.properties.get("app_id") or f"rabbitmq/{at.queue}")
    raw_id, is_stable = _raw_id(message, said, at)
    id_ = _event_id(source, raw_id, message, said, at)
    correlation = _correlation_id(said.get("correlationid")) or id_
    cause = _parse_uuid(said.get("causationid")) if not said.get(CAUSE_NODE) else _parse_uuid(said.get("id"))
    cause_node = _parse_uuid(said.get(CAUSE_NODE)) or cause
    is_itself = id_ in (cause, cause_node)  # back on its own channel, or by a sender who says so
    sender = trace_of(message.headers, said)
    envelope = Envelope(
        id=id_,
        channel=at.channel,
        source=source,
        time_ns=parse_rfc3339(said.get("time")) or at.now_ns,
        data=letter_of(message, at.queue) if at.holds_letters else _read_data(message, whole),
        correlation_id=correlation,
        subject=str(said.get("subject") or ""),
        causation_event=None if is_itself else cause,
        cause_node=None if is_itself else cause_node,
        trace=_publish_trace(id_, correlation, sender, at),
        raw_id="" if str(id_) == raw_id or id_ != identity.foreign_event_id(source, raw_id) else raw_id,
        budget=_parse_uuid(said.get("budgetid")),
        timing=Timing.read({"expirytime": said.get("expirytime")}),
    )
    return Arrival(envelope, sender, is_stable)


def _raw_id(message: Message, said: Mapping[str, Any], at: ArrivalContext) -> tuple[str, bool]:
    """What tells the event from others of its source, and whether it does so when the message comes again."""
    name = str(said.get("id") or message.id)
    if not name:
        # A digest of the body would make one event of two messages that say the same.
        return str(identity.mint()), False
    if at.holds_letters:
        return f"{name}/{_digest(message.body, _death_mark(message))}", True
    # CloudEvents promises an id that is an event's own; of AMQP's, senders make constants.
    return (name if said else f"{name}/{_digest(message.body)}"), True


def _event_id(source: str, raw_id: str, message: Message, said: Mapping[str, Any], at: ArrivalContext) -> UUID:
    own = identity.foreign_event_id(source, raw_id)
    if at.holds_letters or not said.get(CAUSE_NODE) or said.get("type") == at.channel:
        return own
    # An event of ours, or of another app's, that was sent on: on this channel it is another one, caused by its sender.
    return identity.derive(NodeKind.EVENT, own, at.channel, f"sent on {message.headers.get(REPLAYS, 0)}")


def _publish_trace(id_: UUID, correlation: UUID, sender: TraceContext | None, at: ArrivalContext) -> TraceContext:
    """Where the span stands that tells of the event: the same when the message comes again."""
    name = span_name(SpanVerb.PUBLISH, at.channel)
    if sender is not None:
        return sender.child(id_, name)
    trace = identity.derive(NodeKind.EVENT, id_, "trace").int
    return TraceContext(trace, identity.span_id(id_, name), is_sampled(correlation, at.sample_ratio))


def _read_data(message: Message, whole: Mapping[str, Any]) -> Any:
    if not whole:
        return read_payload(message.body, message.content_type)
    return {DATA_BASE64: whole[DATA_BASE64]} if DATA_BASE64 in whole else whole.get("data")


def _correlation_id(said: Any) -> UUID | None:
    """The id that all share that say the same, whatever that is."""
    return identity.foreign_event_id("correlation", str(said)) if said else None


def _death_mark(message: Message) -> bytes:
    """What tells one death of a message from the next."""
    return repr((message.headers.get("x-death"), message.headers.get(REPLAYS))).encode()


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\x1f".join(parts)).hexdigest()[:_DIGEST]


def _parse_uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
