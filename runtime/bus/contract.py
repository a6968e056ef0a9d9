"""What a bus promises to those who publish and consume, whatever carries it. Every backend passes one battery of tests.

Promises that hold for all of it:

- At least once: an event owed to a group stays owed until it is acknowledged, dead or discarded, whoever dies.
- Ownership: only the consumer that holds a delivery can begin, acknowledge, postpone, retry or bury it; to everybody
  else the call is stale and changes nothing. A consumer's name is never used by two processes.
- Settlements are idempotent: whoever repeats one, because its answer was lost, is told again that it holds; one that
  put the delivery off for as long as that goes on. A different one after it is stale.
- Groups are independent: what one does or fails to do is never seen by another.
- The ledger moves with the work: for every group done + pending + retrying + dead + discarded + expired equals what was
  published since the group's birth, after each call. An event that is held back is not published yet.
- A backend whose memory is full refuses new events, and goes on to settle what it holds.

Every method raises `ServerUnavailableError` when the server can't answer now, and `CommandRefusedError` when it refuses
what it was asked.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Literal, Protocol
from uuid import UUID

from runtime.bus.deliveries import (
    BeginAnswer,
    Delivery,
    GroupRegistration,
    Loss,
    OutboxEntry,
    OutgoingEvent,
    PublishReceipt,
    Suspect,
)
from runtime.bus.envelope import Envelope
from runtime.bus.outbox_contract import Outbox
from runtime.bus.records import AttemptRecord
from runtime.semconv import DeadLetterReason

#: Where a new group begins: at the earliest event that is kept, at the next one, or, by default, at the earliest for
#: the first group that a channel ever has and at the next one for a later group.
Start = Literal["earliest", "latest", ""]


class Bus(Protocol):
    """Channels with consumer groups, durable retries and dead letters."""

    async def subscribe(
        self,
        channel: str,
        group: str,
        *,
        schema: str,
        app: str,
        start: Start = "",
        former: str = "",
        order_by: str = "",
        ephemeral_ms: int = 0,
        owner: str = "",
    ) -> GroupRegistration:
        """Registers a group; a group that exists keeps its place.

        Args:
            channel: whose events.
            group: its name.
            schema: its handler's JSON Schema.
            app: who serves it.
            start: where it begins if it is new.
            former: the name that it would have had before names carried the app's; a group of that name is taken over,
                unless another app serves it.
            order_by: the field of the payload, or path of fields, whose value is the key that it keeps an order by;
                such a group is read by `sort` and `read_turns`.
            ephemeral_ms: the group is its owner's alone, and is gone once that has been silent for so many ms; 0 for a
                group that stays.
            owner: the consumer that an ephemeral group lives with.
        """
        ...

    async def publish(
        self, envelope: Envelope, *, inside: bool = False, key: str = "", behind: UUID | None = None
    ) -> PublishReceipt:
        """Adds an event to its channel, once for its id. One with a delay is held back first: it comes in when that is
        over, is owed to the groups of then, and nobody cancels it.

        Args:
            envelope: the event.
            inside: it comes from an outbox, and its mark stays until `forget`, or a year after the last publish.
            key: its publisher's own; of the events that one source publishes under one key, one is added.
            behind: the event of the same channel and outbox that comes before it; so many can be on their way at once,
                and keep their order.

        Returns:
            Which event, when it was added and to how many groups it is owed; the first one where it was there already.

        Raises:
            KeyConflictError: the first event under the key has another payload.
            StreamFullError: the channel is at its cap, or has not taken the event before; nothing was added.
        """
        ...

    async def forget(self, channel: str, event: UUID) -> None:
        """Lets the mark of an event expire soon whose outbox entry is gone."""
        ...

    def outbox(self, channel: str) -> Outbox:
        """Where a channel's handlers put what they publish."""
        ...

    async def read(self, channel: str, group: str, consumer: str, limit: int, block_ms: int) -> list[Delivery]:
        """Takes up to `limit` deliveries, waiting at most `block_ms` for the first. Empty when there is none.

        Raises:
            GroupLostError: the group's data was removed from the server; `subscribe` makes it again.
        """
        ...

    async def sort(self, channel: str, group: str, order_by: str, block_ms: int) -> bool:
        """Gives what a group that keeps an order has not read yet its turn, waiting at most `block_ms` for something to
        come; False where so many wait behind others of their keys that the rest stays where it is.

        Of a key one delivery is due or under way: the oldest that has not ended. It keeps its turn while it waits for
        another attempt, and passes it on when it is done, dead or expired.

        Raises:
            GroupLostError: as in `read`.
        """
        ...

    async def read_turns(self, channel: str, group: str, consumer: str, limit: int, block_ms: int) -> list[Delivery]:
        """As `read`, of a group that keeps an order: those whose turn it is."""
        ...

    async def find_held(
        self, channel: str, group: str, consumer: str, known: Container[str], limit: int
    ) -> list[Delivery]:
        """What a consumer holds without knowing it, because the answer to its read was lost.

        Args:
            channel, group: where.
            consumer: who asks.
            known: where those lie that it knows it holds, as `place_of` says it.
            limit: deliveries at most.
        """
        ...

    async def begin(
        self, delivery: Delivery, consumer: str, trace_id: int, *, isolated: bool, kills: int, vanishings: int
    ) -> BeginAnswer:
        """Records durably that an attempt begins, in a trace.

        Args:
            delivery: held by `consumer`.
            consumer: who begins.
            trace_id: the attempt's trace.
            isolated: it may begin although its last consumer is gone; else it is left to whoever isolates it.
            kills: so many kills of its consumer make it poison.
            vanishings: so many consumers that vanished with it make it poison.
        """
        ...

    async def ack(
        self, delivery: Delivery, consumer: str, events: Sequence[OutgoingEvent], writes: Mapping[str, str]
    ) -> list[OutboxEntry] | None:
        """Commits a success with the events it published and the state (key to JSON) it wrote; None when stale.

        Raises:
            OutboxFullError: so many events wait to be carried that these are not taken; nothing was changed.
        """
        ...

    async def lapse(self, delivery: Delivery, consumer: str) -> BeginAnswer | None:
        """Ends a delivery whose event has expired, as its consumer sees by its clock: with the status `expired`, and
        how an attempt before went that never ended; None when it is another's, or done. It makes no dead letter."""
        ...

    async def give_up(self, delivery: Delivery, consumer: str) -> bool:
        """Ends a delivery of an ephemeral group for good, without a dead letter; False when stale."""
        ...

    async def retry(
        self, delivery: Delivery, consumer: str, attempt: AttemptRecord, delay_ms: int, *, is_spared: bool = False
    ) -> bool:
        """Books another attempt after `delay_ms`, where the failed one counts for none if it is spared; False when
        stale."""
        ...

    async def postpone(self, delivery: Delivery, consumer: str, delay_ms: int) -> bool:
        """Puts a delivery off without using up a retry; False when stale."""
        ...

    async def hasten(self, channel: str, group: str, delivery: UUID) -> None:
        """Has a delivery that waits for later be handed on now."""
        ...

    async def bury(
        self, delivery: Delivery, consumer: str, attempt: AttemptRecord | None, reason: DeadLetterReason, attempts: int
    ) -> int:
        """Makes a dead letter of the delivery; the time of death in ms, or 0 when stale."""
        ...

    async def promote(self, channel: str, group: str) -> int | None:
        """Hands due retries to the group, and events that were held back to the channel; milliseconds until the next is
        due, None when none waits."""
        ...

    async def renew(
        self, consumer: str, groups: Sequence[tuple[str, str]], deliveries: Sequence[Delivery]
    ) -> list[Delivery]:
        """Renews what a consumer works on, and tells its groups that it lives.

        Returns:
            What it does not hold any more.
        """
        ...

    async def forfeit(self, channel: str, group: str, consumer: str, loss: Loss) -> int:
        """Takes all that a consumer held which is gone; how much. What it had begun waits for a cell, the rest is due
        at once."""
        ...

    async def expire(self, channel: str, group: str, idle_ms: int) -> int:
        """Takes what nobody has renewed for `idle_ms`, as `forfeit` does; nobody is blamed."""
        ...

    async def suspects(self, channel: str, group: str, limit: int) -> list[Suspect]:
        """Deliveries that wait for a cell, oldest first."""
        ...

    async def claim(self, delivery: Delivery, consumer: str) -> bool:
        """Takes a delivery that waits for a cell; False when somebody else has it."""
        ...

    async def groups_of(self, app: str, *, retired: bool = False) -> list[tuple[str, str]]:
        """Channels and groups that an app has ever served, by name: those that nobody has retired, or those that
        somebody has."""
        ...

    async def count_pending(self, channel: str, group: str) -> int:
        """How many events the group owes that are due now or under way."""
        ...

    async def read_state(self, channel: str, group: str, key: str) -> str | None:
        """A key of the group's own state; JSON."""
        ...

    async def trim(self, channel: str) -> int:
        """Drops entries that every group has settled; how many."""
        ...

    async def forget_letters(self, channel: str, group: str, older_than_ms: int, limit: int) -> int:
        """Removes dead letters that were replayed or discarded more than `older_than_ms` ago; how many. One whose
        replay goes on stays."""
        ...

    async def forget_audit(self, channel: str, group: str, older_than_ms: int) -> None:
        """Removes what operators did to a group's letters more than `older_than_ms` ago."""
        ...

    async def dissolve(self, channel: str, group: str) -> bool:
        """Removes an ephemeral group whose owner is gone, with all that is known of it; False when there is none."""
        ...

    async def dissolve_silent(self, channel: str) -> list[str]:
        """Removes the ephemeral groups of a channel whose owners have been silent for too long; which."""
        ...

    async def reap(self, channel: str, group: str, idle_ms: int) -> int:
        """Forgets consumers that hold nothing and have been away for `idle_ms`; how many."""
        ...


def place(entry: str, *, is_retry: bool) -> str:
    """Where a group holds an entry. A channel and a group's retries are two streams, and may have entries of one id."""
    return f"{'r' if is_retry else 's'}{entry}"


def place_of(delivery: Delivery) -> str:
    """Where its group holds a delivery."""
    return place(delivery.entry, is_retry=delivery.is_retry)
