"""What passes over a bus: events on their way, deliveries, and attempts at them."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from runtime.bus.envelope import Envelope
from runtime.bus.records import AttemptRecord
from runtime.causality.trace_context import TraceContext
from runtime.frozen import frozen

#: How a consumer lost what it held: its parent saw its cell die (which counts as a kill), it has vanished together with
#: whoever could have seen its cell die, or for a reason that says nothing against the work.
Loss = Literal["killed", "vanished", "lost"]


@frozen()
class OutgoingEvent:
    """An event on its way out. `parent` is the span of the attempt that published it, `agent` who made that."""

    envelope: Envelope
    parent: TraceContext | None
    agent: str


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """An event that a committed step or delivery published and that is not in its channel yet."""

    outbox: str
    entry: str
    outgoing: OutgoingEvent


@frozen()
class PublishReceipt:
    """An event is in its channel since `at_ms` (by the bus's clock), owed to so many groups."""

    event: UUID
    at_ms: int
    groups: int


@dataclass(frozen=True, slots=True)
class GroupRegistration:
    """A group is registered under `group`. `shared_with` names another app that serves it too, else is empty."""

    group: str
    is_new: bool
    shared_with: str = ""


@frozen()
class Delivery:
    """One event owed to one group, held by one consumer.

    `raw` is the envelope verbatim; `envelope` is None where that can't be decoded. `replay` and `replay_trace` tell the
    replay that made this round.
    """

    id: UUID
    channel: str
    group: str
    entry: str
    is_retry: bool
    event_id: UUID
    round: int
    raw: bytes
    envelope: Envelope | None
    replay: UUID | None = None
    replay_trace: TraceContext | None = None
    origin: UUID | None = None
    """The dead letter that the replay sent again."""
    foreign: bool = False
    """Something else than this bus wrote it into the channel; it is booked as owed when it begins."""
    key: str | None = None
    """Its key, where its group keeps an order."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A delivery whose consumer is gone; it waits for a cell. `vanished` counts how often its cell was lost unseen."""

    delivery: Delivery
    vanished: int


@frozen()
class BeginAnswer:
    """The answer to `begin`: the attempt's number (1-based within its round), or why there is none. `before` is the
    attempt before it (the last one of poison); `fails` counts the attempts of its round that ended in an error."""

    status: Literal["ok", "stale", "duplicate", "suspect", "poison", "expired"]
    attempt: int = 0
    started_ms: int = 0
    first_ms: int = 0
    before: AttemptRecord | None = None
    fails: int = 0
