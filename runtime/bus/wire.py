"""How deliveries, outbox entries and dead letters look inside Redis: to and from its fields. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from runtime.bus.deliveries import Delivery, Loss, OutboxEntry, OutgoingEvent
from runtime.bus.envelope import Envelope, decode
from runtime.bus.keys import ChannelKeys
from runtime.bus.records import AttemptRecord
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.errors import UndecodableError
from runtime.semconv import DeadLetterReason

#: Fields of a delivery's hash that a consumer needs, in the order that `later_delivery` takes them.
RECORD_FIELDS: Final = ["e", "round", "event", "replay", "trace", "origin", "k"]

#: Fields of a delivery's or a step's record that count against it, by how its worker was lost.
BLAME: Final[dict[Loss, str]] = {"killed": "deaths", "vanished": "vanished", "lost": ""}

_ATTEMPT_FIELDS: Final = frozenset(field.name for field in fields(AttemptRecord))


def entry_ms(entry: bytes | str) -> int:
    """When a stream entry was added, in ms by the server's clock."""
    text = entry.decode() if isinstance(entry, bytes) else entry
    return int(text.partition("-")[0])


def outgoing_fields(event: OutgoingEvent) -> tuple[bytes, str, str]:
    """An outbox entry's values: the envelope, the publishing attempt's `traceparent`, and its agent."""
    return event.envelope.encode(), event.parent.traceparent if event.parent else "", event.agent


def build_outbox_entries(outbox: str, entries: Sequence[bytes], events: Sequence[OutgoingEvent]) -> list[OutboxEntry]:
    """The entries that a commit has made of its events. An answer that was asked for again names none: whoever tidies
    up carries them."""
    return [OutboxEntry(outbox, entry.decode(), event) for entry, event in zip(entries, events, strict=False)]


def payload_digest(event: Envelope) -> str:
    """Tells the payloads of events apart that are published under one key."""
    return sha256(event.payload.text.encode(errors="replace")).hexdigest()[:32]


def decode_outgoing(fields: Mapping[bytes, bytes]) -> OutgoingEvent:
    """The event of an outbox entry.

    Raises:
        UndecodableError: when it holds no envelope.
    """
    raw = fields.get(b"e", b"")
    envelope = decode(raw, "")
    channel = str(json.loads(raw).get("type", ""))
    parent = TraceContext.parse(fields.get(b"p", b"").decode())
    return OutgoingEvent(replace(envelope, channel=channel), parent, fields.get(b"a", b"").decode())


def first_delivery(channel: str, group: str, entry: bytes, fields: dict[bytes, bytes]) -> Delivery:
    """The delivery of an entry of the channel's own stream."""
    raw = fields.get(b"e", b"")
    envelope = _decode_or_none(raw, channel)
    event = envelope.id if envelope else identity.foreign_event_id(channel, entry.decode())
    return Delivery(
        id=identity.delivery_id(event, group, 0),
        channel=channel,
        group=group,
        entry=entry.decode(),
        is_retry=False,
        event_id=event,
        round=0,
        raw=raw,
        envelope=envelope,
        foreign=b"b" not in fields,
    )


def later_delivery(channel: str, group: str, entry: bytes, id_: UUID, record: list[Any]) -> Delivery:
    """The delivery of an entry of a group's retry stream, from its record (`RECORD_FIELDS`)."""
    raw, round_, event, replay, trace, letter, key = record
    envelope = _decode_or_none(raw, channel)
    known = UUID(event.decode()) if event else None
    return Delivery(
        id=id_,
        channel=channel,
        group=group,
        entry=entry.decode(),
        is_retry=True,
        event_id=known or (envelope.id if envelope else id_),
        round=int(round_ or 0),
        raw=raw,
        envelope=envelope,
        replay=UUID(replay.decode()) if replay else None,
        replay_trace=TraceContext.parse(trace.decode()) if trace else None,
        origin=UUID(letter.decode()) if letter else None,
        key=None if key is None else key.decode(),
    )


def delivery_stream(keys: ChannelKeys, delivery: Delivery) -> str:
    """The stream that holds the delivery's entry."""
    return keys.retries(delivery.group) if delivery.is_retry else keys.stream


def origin_key(keys: ChannelKeys, delivery: Delivery) -> str:
    """The hash of the dead letter whose replay made the delivery; a key that nothing has where there is none."""
    return keys.letter(delivery.group, delivery.origin or delivery.id)


def holder_arguments(delivery: Delivery, consumer: str) -> tuple[str, str, str, int]:
    """The arguments that every script checks ownership by."""
    return delivery.group, consumer, delivery.entry, int(delivery.is_retry)


def record_fields(delivery: Delivery, ms: int) -> tuple[str, int, bytes, str, int, int]:
    """The arguments of every script that puts a delivery off: its id, milliseconds, and what its record holds."""
    return str(delivery.id), ms, delivery.raw, str(delivery.event_id), delivery.round, int(delivery.foreign)


def attempt_record(text: bytes) -> AttemptRecord:
    """An attempt as a delivery's hash holds it; what another version wrote beside is passed over."""
    values = json.loads(text)
    return AttemptRecord(**{name: value for name, value in values.items() if name in _ATTEMPT_FIELDS})


def attempt_text(attempt: AttemptRecord) -> str:
    """An attempt as JSON that scripts can read too: they refuse the escape of half a character."""
    return json.dumps(asdict(attempt), ensure_ascii=False)


def attempt_field(attempt: AttemptRecord) -> str:
    """The field of a delivery's hash that holds an attempt."""
    return f"h:{attempt.round}:{attempt.attempt}"


def letter_fields(
    delivery: Delivery, attempt: AttemptRecord | None, reason: DeadLetterReason, attempts: int
) -> list[str | bytes | int]:
    """What a dead letter's hash holds beside its delivery's record, as field, value, field, value."""
    envelope = delivery.envelope
    fields: dict[str, str | bytes | int] = {
        "e": delivery.raw,
        "event": str(delivery.event_id),
        "delivery": str(delivery.id),
        "round": delivery.round,
        "reason": reason.value,
        "attempts": attempts,
        "subject": envelope.subject if envelope else "",
        "correlation": str(envelope.correlation_id) if envelope else "",
        "publish_trace": envelope.trace.traceparent if envelope and envelope.trace else "",
    }
    if delivery.key is not None:
        fields["k"] = delivery.key
    if attempt is not None:
        fields |= {
            attempt_field(attempt): attempt_text(attempt),
            "error_type": attempt.error_type,
            "message": attempt.message,
            "attempt_trace": f"00-{attempt.trace_id}-{attempt.span_id}-01",
        }
    return [part for pair in fields.items() for part in pair]


def _decode_or_none(raw: bytes, channel: str) -> Envelope | None:
    try:
        return decode(raw, channel)
    except UndecodableError:
        return None
