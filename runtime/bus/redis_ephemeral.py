"""Groups on Redis that live as long as their owner."""

from typing import Any
from uuid import UUID

from runtime.bus.keys import ChannelKeys, keys_of
from runtime.bus.redis_order import OrderedGroups


class EphemeralGroups(OrderedGroups):
    """Dissolves groups."""

    async def dissolve(self, channel: str, group: str) -> bool:
        return await self._dissolve(channel, group, is_gone=True)

    async def dissolve_silent(self, channel: str) -> list[str]:
        groups: Any = await self._client.hkeys(keys_of(channel).ephemeral)
        names = [name.decode() for name in groups]
        return [name for name in names if await self._dissolve(channel, name, is_gone=False)]

    async def make_room(self, channel: str) -> int:
        # What nobody is there for any more is no reason to give events of others up.
        if await self.dissolve_silent(channel) and (dropped := await self.trim(channel)):
            return dropped
        return await super().make_room(channel)

    async def _dissolve(self, channel: str, group: str, *, is_gone: bool) -> bool:
        keys = keys_of(channel)
        records = await self._records_under_way(keys, group) if is_gone else []
        touched = [keys.stream, keys.ephemeral, keys.live(group), keys.state(group)]
        if not await self._scripts.call("dissolve", touched, group, int(is_gone)):
            return False
        if records:
            await self._client.delete(*records)
        return True

    async def _records_under_way(self, keys: ChannelKeys, group: str) -> list[str]:
        """The records of deliveries that the group has begun or put off."""
        waiting: Any = await self._client.zrange(keys.waiting(group), 0, -1)
        due: Any = await self._client.xrange(keys.retries(group))
        turns: Any = await self._client.hkeys(keys.turns(group))
        ids = {UUID(one.decode()) for one in (*waiting, *(fields[b"d"] for _, fields in due))}
        async for page in self._pending_pages(keys, group, is_retry=False):
            for consumer in {one.consumer for one in page}:
                held = [one for one in page if one.consumer == consumer]
                ids |= {one.id for one in await self._read_pending(keys, group, consumer, held, is_retry=False)}
        for turn in turns:
            behind: Any = await self._client.lrange(keys.behind(group, turn.decode()), 0, -1)
            ids |= {UUID(one.decode()) for one in behind}
        return [keys.delivery(group, id_) for id_ in ids]
