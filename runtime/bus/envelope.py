"""The event on the wire: a CloudEvents 1.0 envelope in structured JSON. Pure.

Extensions: Correlation (`correlationid`, `causationid`: the nearest ancestor event), Distributed Tracing
(`traceparent`, `tracestate`), Expiry Time (`expirytime`), and our own: `causenode`, the node that directly caused the
event, `budgetid`, the budget that holds over what it causes, `delayms`, how long it was held back, `stepresult`, what a
step has returned beside which a handler is tried, `stepeffects`, what that has done beside, and `datatypes`, what JSON
does not say about the types in its payload.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final
from uuid import UUID

from pydantic_core import PydanticSerializationError, from_json, to_json

from runtime.bus.rfc3339 import format_rfc3339, parse_rfc3339
from runtime.bus.timing import Timing
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.codec.encoded import Encoded
from runtime.codec.json_text import dump
from runtime.codec.masking import mask_secrets
from runtime.errors import UndecodableError
from runtime.frozen import frozen

_SPEC_VERSION: Final = "1.0"


@frozen(kw_only=True)
class Envelope:
    """One event. `time_ns` is nanoseconds since 1970 (UTC), 0 where it is not known; `data` is plain JSON, and `types`
    what that does not say, as the codec notes it (None where there is nothing)."""

    id: UUID
    channel: str
    source: str
    time_ns: int
    data: Any
    correlation_id: UUID
    subject: str = ""
    causation_event: UUID | None = None
    cause_node: UUID | None = None
    trace: TraceContext | None = None
    raw_id: str = ""
    """The id as its maker wrote it, where that is not a UUID."""
    types: Any = None
    budget: UUID | None = None
    """The innermost that holds over what it causes."""
    timing: Timing | None = None
    """From when on and until when it is of use; None where that was not said."""
    beside: str = field(default="", repr=False)
    """What the step returned that is compared with what a handler returns for the event, as it is stored; empty where
    the event is an event."""
    beside_effects: str = field(default="", repr=False)
    """What that step did beside, as it is stored."""

    @property
    def payload(self) -> Encoded:
        """The payload as the codec reads it."""
        return Encoded(self.data, self.types)

    def encode(self) -> bytes:
        """The envelope as JSON; absent attributes are left out."""
        trace = self.trace
        members = {
            "specversion": _SPEC_VERSION,
            "id": self.raw_id or identity.text_of(self.id),
            "type": self.channel,
            "source": self.source,
            "time": format_rfc3339(self.time_ns),
            "subject": self.subject or None,
            "datacontenttype": "application/json",
            "correlationid": identity.text_of(self.correlation_id),
            "causationid": _uuid_text(self.causation_event),
            "causenode": _uuid_text(self.cause_node),
            "traceparent": trace.traceparent if trace else None,
            "tracestate": (trace.state or None) if trace else None,
            "budgetid": _uuid_text(self.budget),
            "datatypes": None if self.types is None else json.dumps(self.types),
            "stepresult": self.beside or None,
            "stepeffects": self.beside_effects or None,
            "data": self.data,
        }
        if self.timing is not None:
            members |= self.timing.attributes()
        return _dump_members({name: value for name, value in members.items() if value is not None})

    def masked_payload(self) -> str:
        """The payload as JSON text, its secrets replaced."""
        return dump(self.data) if self.types is None else json.dumps(mask_secrets(self.payload))


def decode(raw: bytes, channel: str) -> Envelope:
    """The event that was published.

    Args:
        raw: structured JSON.
        channel: where it was found; wins over its `type`.

    Raises:
        UndecodableError: when it is no CloudEvents envelope. An unreadable `traceparent` is no such reason.
    """
    try:
        members = _parse_members(raw)
        source, event = str(members["source"]), str(members["id"])
        id_ = identity.foreign_event_id(source, event)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UndecodableError(f"an entry of channel {channel} is not a CloudEvents envelope: {error!r}") from None
    return Envelope(
        id=id_,
        channel=channel,
        source=source,
        time_ns=parse_rfc3339(members.get("time")),
        data=members.get("data"),
        correlation_id=_parse_uuid(members.get("correlationid")) or id_,
        subject=str(members.get("subject") or ""),
        causation_event=_parse_uuid(members.get("causationid")),
        cause_node=_parse_uuid(members.get("causenode")),
        trace=TraceContext.parse(_string(members.get("traceparent")), _string(members.get("tracestate")) or ""),
        raw_id="" if identity.text_of(id_) == event else event,
        types=_parse_types(members.get("datatypes")),
        budget=_parse_uuid(members.get("budgetid")),
        timing=Timing.read(members) if "expirytime" in members or "delayms" in members else None,
        beside=_string(members.get("stepresult")) or "",
        beside_effects=_string(members.get("stepeffects")) or "",
    )


def mask_envelope(raw: str) -> str:
    """An envelope as it may be shown: its payload's secrets replaced; as it is where it can't be read."""
    try:
        members = json.loads(raw)
        types = _parse_types(members.get("datatypes"))
        return (
            raw if types is None else json.dumps(members | {"data": mask_secrets(Encoded(members.get("data"), types))})
        )
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return raw


def _parse_types(text: Any) -> Any:
    """The notes about types; None where there are none that can be read: natural JSON still says most."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _dump_members(members: Mapping[str, Any]) -> bytes:
    try:
        return to_json(members)
    except (PydanticSerializationError, ValueError):  # half a surrogate pair, or too deep for it
        return json.dumps(members).encode()


def _parse_members(raw: bytes) -> Any:
    try:
        return from_json(raw)
    except ValueError:  # what its parser refuses, Python's may take
        return json.loads(raw)


def _parse_uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _uuid_text(id_: UUID | None) -> str | None:
    return identity.text_of(id_) if id_ else None
