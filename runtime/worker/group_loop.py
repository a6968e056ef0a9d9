"""Reads one group's deliveries and runs them; hands its due retries on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from runtime.bus.contract import Start, place_of
from runtime.bus.deliveries import Delivery
from runtime.definitions.subscription import Subscription
from runtime.errors import GroupLostError, ServerError
from runtime.worker.attempt import AttemptRunner
from runtime.worker.delivery_work import DeliveryWork
from runtime.worker.loop import BLOCK, StopEvent, WakeEvent
from runtime.worker.shadow_work import build_delivery_work
from runtime.worker.slots import Slots
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Seconds that a read waits for events and retries at most: what comes ends it, and so does the order to stop.
LONG_BLOCK: Final = 2.0
#: Seconds between two looks for due retries that another process may have booked; it looks for them, too.
LOOK_FOR_RETRIES: Final = 1.0
#: An ephemeral group is gone once its worker was silent for so many leases.
SILENT_LEASES: Final = 2
#: Seconds between two looks at a breaker that is open: somebody may close it by hand.
_LOOK_AT_BREAKER: Final = 0.5


class GroupLoop:
    """Fills the slots of one group."""

    def __init__(self, subscription: Subscription, equipment: Equipment, slots: Slots, stopping: StopEvent) -> None:
        self.subscription = subscription
        self.slots = slots
        self._kit = equipment
        self._runner = AttemptRunner(equipment)
        self._stopping = stopping
        self._places: set[str] = set()
        self._look_early = WakeEvent(stopping)
        self._may_hold_more = False

    @property
    def loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What goes on for the group, by what it is called in logs."""
        group = self.subscription.group
        return {f"group {group}": self.read, f"retries of {group}": self.promote}

    async def register(self, start: Start = "") -> None:
        """Registers the group as it is served here."""
        one, kit = self.subscription, self._kit
        await kit.bus.subscribe(
            one.channel,
            one.group,
            schema=one.schema,
            app=kit.app,
            start="latest" if one.ephemeral else start,
            order_by=one.order_by,
            ephemeral_ms=SILENT_LEASES * kit.lease_ms if one.ephemeral else 0,
            owner=kit.consumer if one.ephemeral else "",
        )

    async def read(self) -> None:
        """Takes as many deliveries as there are free slots, or waits a little for one. Never more: an entry that
        waits in a worker's memory is an entry that its death delays."""
        if not await self.slots.wait_free(BLOCK) or self._stopping.is_set():
            return
        room = await self._count_room()
        if not room:
            return
        for delivery in await (self._recover_held(room) if self._may_hold_more else self._read(room)):
            self.begin(delivery)

    async def promote(self) -> None:
        """Hands due retries to the group, then rests until the next is due, or one is booked that may be due before."""
        self._look_early.clear()
        due_ms = await self._kit.bus.promote(self.subscription.channel, self.subscription.group)
        seconds = LOOK_FOR_RETRIES if due_ms is None else min(LOOK_FOR_RETRIES, due_ms / 1000)
        await self._look_early.wait(seconds)

    def begin(self, delivery: Delivery) -> "asyncio.Task[None]":
        """Runs a delivery that this worker holds in a slot."""
        where = place_of(delivery)
        self._places.add(where)
        work = build_delivery_work(self._kit, self.subscription, delivery)
        name = f"{delivery.channel} {delivery.event_id}"
        task = self.slots.begin(lambda rest_: self._runner.run(work, rest_), name)
        task.add_done_callback(lambda _: self._note_ended(work, where))
        return task

    def _note_ended(self, work: DeliveryWork, where: str) -> None:
        self._places.discard(where)
        if work.is_put_off:
            self._look_early.ring()

    async def _count_room(self) -> int:
        """How many deliveries may begin now. What its breaker would put off anyway stays in the channel, where it is
        nobody's; there is a short rest before nothing."""
        breaker, free = self.subscription.breaker, self.slots.free
        if breaker is None:
            return free
        glance = await self._kit.breakers.glance(breaker)
        if glance.room == 0:
            with self._stopping.interrupts():
                await asyncio.sleep(min(glance.wait_ms / 1000, _LOOK_AT_BREAKER))
        return free if glance.room is None else min(free, glance.room)

    async def _read(self, room: int) -> list[Delivery]:
        with self._stopping.interrupts():  # what is read just then is given back when the worker says goodbye
            return await self._take_or_recreate(room)
        return []  # type: ignore[unreachable]  # the block is left at a stop, and its types do not say so

    async def _take_or_recreate(self, free: int) -> list[Delivery]:
        try:
            # With room for one, a retry has to wait until a read of events ends.
            block = LONG_BLOCK if free > 1 else BLOCK
            return await self._take(free, int(block * 1000))
        except GroupLostError as error:
            await self._recreate_group(error)
            return []
        except ServerError:
            self._may_hold_more = True  # the answer may have been lost on its way, with what it brought
            raise

    async def _take(self, limit: int, block_ms: int) -> list[Delivery]:
        one = self.subscription
        return await self._kit.bus.read(one.channel, one.group, self._kit.consumer, limit, block_ms)

    async def _recreate_group(self, error: GroupLostError) -> None:
        _log.warning("%s; it is made again", error)
        # What came meanwhile is owed to it as well: its first entry is the first since.
        await self.register("earliest")

    async def _recover_held(self, free: int) -> list[Delivery]:
        channel, group = self.subscription.channel, self.subscription.group
        found = await self._kit.bus.find_held(channel, group, self._kit.consumer, self._places, free)
        self._may_hold_more = len(found) == free and bool(found)
        return found
