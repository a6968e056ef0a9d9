"""How dead letters and the audit look inside Redis: from its fields to records. Pure."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Final, cast
from uuid import UUID

from runtime.bus.envelope import mask_envelope
from runtime.bus.records import AttemptRecord, AuditAction, AuditRecord, DeadLetter, LetterState
from runtime.bus.wire import attempt_record, entry_ms
from runtime.causality.trace_context import TraceContext
from runtime.semconv import DeadLetterReason

#: Fields of a letter's hash that a list needs, in the order that `parse_letter` takes them.
LETTER_FIELDS: Final = [
    "state",
    "event",
    "delivery",
    "round",
    "reason",
    "attempts",
    "dead_ms",
    "e",
    "error_type",
    "message",
    "subject",
    "correlation",
    "replay_id",
    "settled_ms",
    "operator",
    "outcome",
    "why",
    "k",
]


def parse_letter(channel: str, group: str, id_: UUID, record: list[bytes | None]) -> DeadLetter | None:
    """The letter of a hash, from its `LETTER_FIELDS`; None where there is none. Its history is left out."""
    values = {name: (value or b"").decode(errors="replace") for name, value in zip(LETTER_FIELDS, record, strict=True)}
    if not values["state"]:
        return None
    return DeadLetter(
        id=id_,
        channel=channel,
        group=group,
        event_id=UUID(values["event"]),
        delivery_id=UUID(values["delivery"]),
        round=int(values["round"]),
        reason=DeadLetterReason(values["reason"]),
        attempts=int(values["attempts"]),
        dead_ms=int(values["dead_ms"]),
        state=cast("LetterState", values["state"]),
        envelope=mask_envelope(values["e"]),
        error_type=values["error_type"],
        message=values["message"],
        subject=values["subject"],
        correlation_id=UUID(values["correlation"]) if values["correlation"] else None,
        replay_id=UUID(values["replay_id"]) if values["replay_id"] else None,
        settled_ms=int(values["settled_ms"]) if values["settled_ms"] else None,
        operator=values["operator"],
        replay_outcome=values["outcome"],
        why=values["why"],
        order_key=values["k"] if record[LETTER_FIELDS.index("k")] is not None else None,
    )


def parse_history(values: Mapping[str, bytes]) -> tuple[AttemptRecord, ...]:
    """Every attempt that a letter's hash tells of, earlier rounds first."""
    records = [attempt_record(value) for name, value in values.items() if name.startswith("h:")]
    return tuple(sorted(records, key=attrgetter("round", "attempt")))


def audit_record(channel: str, group: str, entry: bytes, raw: Mapping[bytes, bytes]) -> AuditRecord:
    """What an entry of a group's audit says."""
    values = {name.decode(): value.decode(errors="replace") for name, value in raw.items()}
    return AuditRecord(
        at_ms=entry_ms(entry),
        action=cast("AuditAction", values["action"]),
        channel=channel,
        group=group,
        dead_letter_id=UUID(values["letter"]) if values["letter"] else None,
        event_id=UUID(values["event"]) if values["event"] else None,
        operator=values["operator"],
        reason=values.get("reason", ""),
    )


def parse_trace(raw: bytes | None) -> TraceContext | None:
    """Where a span stands, from a letter's field."""
    return TraceContext.parse(raw.decode()) if raw else None
