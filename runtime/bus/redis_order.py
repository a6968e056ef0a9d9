"""How a group on Redis keeps the order of each key: what it reads is sorted first, and handed on in turns."""

from collections.abc import Sequence
from typing import Any, Final

from runtime.bus.deliveries import Delivery
from runtime.bus.keys import ChannelKeys, keys_of
from runtime.bus.ordering import order_key
from runtime.bus.redis_recovery import SORTER
from runtime.bus.redis_timers import Timers
from runtime.bus.wire import first_delivery
from runtime.errors import CommandRefusedError, GroupLostError

#: Events that are sorted in one script.
SORT_BATCH: Final = 100
#: Events of a group that wait behind others of their keys at most. The rest waits in the channel.
MOST_BEHIND: Final = 10_000
#: Says that nothing was sorted because so many wait.
_TOO_MANY: Final = 2


class OrderedGroups(Timers):
    """Sorts, and reads in turns."""

    async def sort(self, channel: str, group: str, order_by: str, block_ms: int) -> bool:
        keys = keys_of(channel)
        entries = await self._read_unsorted(keys, group, "0", None) or await self._read_unsorted(
            keys, group, ">", block_ms
        )
        if not entries:
            return True
        sorted_, why = await self._sort(keys, group, order_by, entries)
        return bool(sorted_) or why != _TOO_MANY

    async def read_turns(self, channel: str, group: str, consumer: str, limit: int, block_ms: int) -> list[Delivery]:
        keys = keys_of(channel)
        entries = await self._read_entries(keys.retries(group), keys, group, consumer, ">", limit, block_ms)
        return await self._deliveries(keys, group, consumer, entries, is_retry=True)

    async def _read_unsorted(self, keys: ChannelKeys, group: str, after: str, block_ms: int | None) -> list[Any]:
        return await self._read_entries(keys.stream, keys, group, SORTER, after, SORT_BATCH, block_ms)

    async def _read_entries(
        self, stream: str, keys: ChannelKeys, group: str, consumer: str, after: str, limit: int, block_ms: int | None
    ) -> list[Any]:
        try:
            answer: Any = await self._reader.xreadgroup(group, consumer, {stream: after}, count=limit, block=block_ms)
        except CommandRefusedError as error:
            if not error.answer.startswith("NOGROUP"):
                raise
            words = f"the server has lost group {group} of channel {keys.channel}: {error.answer}"
            raise GroupLostError(words) from None
        return list(answer[0][1]) if answer else []

    async def _sort(self, keys: ChannelKeys, group: str, order_by: str, entries: Sequence[Any]) -> tuple[int, int]:
        given: list[str | bytes | int] = []
        for entry, fields in entries:
            if not fields:  # something else has removed the event
                await self._drop(keys.stream, keys.nothing, keys, (group, SORTER, entry, 0))
                continue
            one = first_delivery(keys.channel, group, entry, fields)
            key = order_key(one.envelope, order_by)
            given += (one.entry, str(one.event_id), str(one.id), key, one.raw, int(one.foreign))
        if not given:
            return 1, 0
        touched = [keys.stream, keys.counters, keys.retries(group)]
        sorted_, why = await self._scripts.call("sort", touched, group, MOST_BEHIND, *given)
        return int(sorted_), int(why)
