"""What on Redis comes due: retries, and events that were held back."""

from typing import Final

from runtime.bus.keys import keys_of
from runtime.bus.redis_overflow import Overflow

#: Retries handed to a group, and events to a channel, in one call.
PROMOTE_BATCH: Final = 200


class Timers(Overflow):
    """Promotes."""

    async def promote(self, channel: str, group: str) -> int | None:
        keys = keys_of(channel)
        _, due, now, is_full = await self._scripts.call(
            "promote",
            [
                keys.waiting(group),
                keys.retries(group),
                keys.counters,
                keys.stream,
                keys.groups,
                keys.later,
                keys.held_back,
            ],
            group,
            PROMOTE_BATCH,
            self._limits.stream,
        )
        if is_full:
            await self.make_room(channel)
        return None if due < 0 else max(0, int(due) - int(now))
