"""What a bus promises to those who publish and consume, whatever carries it. Every backend passes one battery of tests.

Promises that hold for all of it:

- At least once: an event owed to a group stays owed until it is acknowledged, dead or discarded, whoever dies.
- Ownership: only the consumer that holds a delivery can begin, acknowledge, postpone, retry or bury it; to everybody
  else the call is stale and changes nothing. A consumer's name is never used by two processes.
- Groups are independent: what one does or fails to do is never seen by another.
- The ledger moves with the work: for every group done + pending + retrying + dead + discarded equals what was
  published since the group's birth, after each call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from runtime.bus.envelope import Envelope
from runtime.bus.records import AttemptRecord
from runtime.causality.trace_context import TraceContext
from runtime.semconv import DeadLetterReason


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way out. `parent` is the span of the attempt that published it, `agent` who made that."""

    envelope: Envelope
    parent: TraceContext | None
    agent: str


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """An event that a committed step or delivery published and that is not in its channel yet."""

    outbox: str
    entry: str
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event owed to one group, held by one consumer.

    `raw` is the envelope verbatim; `envelope` is None where that can't be decoded. `replay` and `replay_trace` tell the
    replay that made this round. `reclaimed`: another consumer died holding it.
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
    reclaimed: bool = False
    replay: UUID | None = None
    replay_trace: TraceContext | None = None
    origin: UUID | None = None
    """The dead letter that the replay sent again."""
    foreign: bool = False
    """Something else than this bus wrote it into the channel; it is booked as owed when it begins."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The answer to `begin`: the attempt's number (1-based within its round), or why there is none. `last_trace_id`
    is the trace of the attempt before it; `fails` counts the attempts of its round that ended in an error."""

    status: Literal["ok", "stale", "duplicate", "poison"]
    attempt: int = 0
    started_ms: int = 0
    first_ms: int = 0
    last_trace_id: int | None = None
    fails: int = 0


class Bus(Protocol):
    """Channels with consumer groups, durable retries and dead letters."""

    async def subscribe(self, channel: str, group: str, schema: str) -> None:
        """Registers a group; a group that exists keeps its place. `schema` is its handler's JSON Schema."""
        ...

    async def publish(self, envelope: Envelope, *, inside: bool = False) -> int:
        """Adds an event to its channel, once for its id.

        Args:
            envelope: the event.
            inside: it comes from an outbox, and its mark stays until `forget`.

        Returns:
            When it was added, in ms by the bus's clock; the same when it was there already.

        Raises:
            StreamFullError: the channel is at its cap; nothing was added.
        """
        ...

    async def read(self, channel: str, group: str, consumer: str, limit: int, block_ms: int) -> list[Delivery]:
        """Takes up to `limit` deliveries, waiting at most `block_ms` for the first. Empty when there is none.

        Raises:
            GroupLostError: the group's data was removed from the server; `subscribe` makes it again.
        """
        ...

    async def reclaim(self, channel: str, group: str, consumer: str, idle_ms: int, limit: int) -> list[Delivery]:
        """Takes over deliveries whose consumer has not renewed them for `idle_ms`."""
        ...

    async def begin(self, delivery: Delivery, consumer: str, trace_id: int, *, solo: bool, death_limit: int) -> Begun:
        """Records durably that an attempt begins, in a trace; `solo`: nothing else runs in the process."""
        ...

    async def ack(
        self, delivery: Delivery, consumer: str, events: Sequence[Outgoing], writes: Mapping[str, str]
    ) -> list[OutboxEntry] | None:
        """Commits a success with the events it published and the state (key to JSON) it wrote; None when stale."""
        ...

    async def retry(self, delivery: Delivery, consumer: str, attempt: AttemptRecord, delay_ms: int) -> bool:
        """Books another attempt after `delay_ms`; False when stale."""
        ...

    async def postpone(self, delivery: Delivery, consumer: str, delay_ms: int) -> bool:
        """Puts a delivery off without using up a retry, and clears its holder of any blame; False when stale."""
        ...

    async def bury(
        self, delivery: Delivery, consumer: str, attempt: AttemptRecord | None, reason: DeadLetterReason, attempts: int
    ) -> int:
        """Makes a dead letter of the delivery; the time of death in ms, or 0 when stale."""
        ...

    async def promote(self, channel: str, group: str) -> int | None:
        """Hands due retries to the group; milliseconds until the next is due, None when none waits."""
        ...
