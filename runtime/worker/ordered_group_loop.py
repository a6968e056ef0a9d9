"""Reads the deliveries of a group that keeps an order, and gives what comes its turn."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from runtime.bus.deliveries import Delivery
from runtime.definitions.subscription import Subscription
from runtime.errors import GroupLostError
from runtime.worker.group_loop import LONG_BLOCK, GroupLoop
from runtime.worker.loop import StopEvent, sleep_unless_stopped
from runtime.worker.slots import Slots
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Seconds until it is looked again whether fewer wait behind others of their keys.
_REST: Final = 0.2


class OrderedGroupLoop(GroupLoop):
    """Fills the slots of one group, by key in the channel's order. Any worker of the group sorts for all of them."""

    def __init__(self, subscription: Subscription, equipment: Equipment, slots: Slots, stopping: StopEvent) -> None:
        super().__init__(subscription, equipment, slots, stopping)
        within = "" if subscription.timeout is None else f", beside {subscription.timeout:g} s for each of these"
        _log.info(
            "an event of group %s that fails holds up the others of its %s for up to %g s between its %d attempts%s",
            subscription.group,
            subscription.order_by,
            subscription.retry.longest,
            subscription.retry.attempts,
            within,
        )

    @property
    def loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return super().loops | {f"order of {self.subscription.group}": self.sort}

    async def sort(self) -> None:
        """Gives what comes its turn, or waits a little for something."""
        one = self.subscription
        try:
            with self._stopping.interrupts():  # what was read just then is sorted by whoever looks next
                if await self._kit.bus.sort(one.channel, one.group, one.order_by, int(LONG_BLOCK * 1000)):
                    return
                await sleep_unless_stopped(self._stopping, _REST)
        except GroupLostError as error:
            await self._recreate_group(error)

    async def _take(self, limit: int, block_ms: int) -> list[Delivery]:
        one = self.subscription
        return await self._kit.bus.read_turns(one.channel, one.group, self._kit.consumer, limit, block_ms)
