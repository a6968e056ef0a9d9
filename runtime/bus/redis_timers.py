"""What on Redis comes due: retries, and events that were held back; and events that are of no use any more."""

from typing import Final

from runtime.bus.deliveries import Begun, Delivery
from runtime.bus.keys import keys_of
from runtime.bus.redis_overflow import Overflow
from runtime.bus.wire import attempt_record, holder, source

#: Retries handed to a group, and events to a channel, in one call.
PROMOTE_BATCH: Final = 200


class Timers(Overflow):
    """Promote, lapse."""

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

    async def lapse(self, delivery: Delivery, consumer: str) -> Begun | None:
        keys, group = keys_of(delivery.channel), delivery.group
        answer = await self._scripts.call(
            "lapse",
            [
                source(keys, delivery),
                keys.delivery(group, delivery.id),
                keys.done(group, delivery.event_id),
                keys.counters,
            ],
            *holder(delivery, consumer),
            int(delivery.foreign),
            self._limits.done_mark_ms,
        )
        if not answer[0]:
            return None
        _, attempts, last = answer
        return Begun("expired", attempts, before=attempt_record(last) if last else None)
