"""How a full channel on Redis makes room: groups that nobody serves, or that are far behind, never stop publishers."""

from dataclasses import replace
from typing import Any, Final

from runtime.bus.deliveries import Delivery
from runtime.bus.keys import ChannelKeys
from runtime.bus.ordering import order_key
from runtime.bus.overflow import Entry, GroupNeed, choose_giving_up, format_entry, parse_entry
from runtime.bus.redis_recovery import PAGE, Recovery
from runtime.bus.redis_settling import DeliverySettlement
from runtime.semconv import DeadLetterReason

#: A group is served that a worker has renewed its hold on within so many ms.
SERVED_MS: Final = 60_000
#: Events that a group gives up in one go; the next publish that finds the channel full goes on.
SPILL_BATCH: Final = 100

#: The consumer that holds events on their way from a group to its dead letters.
_SPILLER: Final = "~overflow"
#: Entries that are looked at in one script when settled ones are dropped.
_COMPACT_PAGE: Final = 200


class Overflow(DeliverySettlement, Recovery):
    """Makes room."""

    async def make_room(self, channel: str) -> int:
        """Drops what every group has settled; where that is nothing, events become dead letters (`overflow`) of the
        groups that hold the channel up. How many entries went."""
        return await self.trim(channel) or await self._compact(channel) or await self._spill(channel)

    async def trim(self, channel: str) -> int:
        keys = ChannelKeys(channel)
        return int(await self._scripts.call("trim", [keys.stream, keys.groups], self._limits.unclaimed))

    async def _compact(self, channel: str) -> int:
        keys, first, dropped = ChannelKeys(channel), "-", 0
        while first and not dropped:
            gone, last = await self._scripts.call("compact", [keys.stream, keys.groups], first, _COMPACT_PAGE)
            dropped += gone
            first = f"({last.decode()}" if last else ""
        return dropped

    async def _spill(self, channel: str) -> int:
        keys = ChannelKeys(channel)
        spilled = 0
        for group, kept in choose_giving_up(await self._read_needs(keys)).items():
            order_by: Any = await self._client.hget(keys.order, group)
            is_ephemeral = await self._client.hexists(keys.ephemeral, group)
            for delivery in await self._take_given_up(keys, group, kept):
                reason, attempts = DeadLetterReason.OVERFLOW, await self._count_attempts(keys, delivery)
                if is_ephemeral:
                    spilled += await self.give_up(delivery, _SPILLER)
                    continue
                key = order_key(delivery.envelope, order_by.decode()) if order_by else None
                spilled += bool(await self.bury(replace(delivery, key=key), _SPILLER, None, reason, attempts))
        return await self._compact(channel) if spilled else 0

    async def _read_needs(self, keys: ChannelKeys) -> list[GroupNeed]:
        since = await self._client.now_ms() - SERVED_MS
        needs: list[GroupNeed] = []
        for info in await self._client.xinfo_groups(keys.stream):
            group = info["name"].decode()
            pending = await self._pending(keys, group, is_retry=False, count=1)
            ms, number = parse_entry(info["last-delivered-id"])
            oldest = parse_entry(pending[0].entry) if pending else (ms, number + 1)
            is_served = bool(await self._client.zcount(keys.live(group), since, "+inf"))
            needs.append(GroupNeed(group, oldest, is_served))
        return needs

    async def _take_given_up(self, keys: ChannelKeys, group: str, kept: Entry) -> list[Delivery]:
        """Deliveries of a group before the entry that it keeps: those that a consumer holds which is gone, then unread
        ones. They are held by the spiller."""
        silent = await self._pending(keys, group, is_retry=False, count=PAGE, idle_ms=SERVED_MS)
        abandoned = [one for one in silent if parse_entry(one.entry) < kept]
        if abandoned:
            claimed: list[Any] = [one.entry for one in abandoned]
            await self._client.xclaim(keys.stream, group, _SPILLER, SERVED_MS, claimed, justid=True)
            return await self._read_pending(keys, group, _SPILLER, abandoned, is_retry=False)
        unread = await self._count_unread_before(keys, group, kept)
        if not unread:
            return []
        rows: Any = await self._client.xreadgroup(group, _SPILLER, {keys.stream: ">"}, count=unread)
        entries = [row for _, found in rows for row in found]
        return await self._deliveries(keys, group, _SPILLER, entries, is_retry=False)

    async def _count_unread_before(self, keys: ChannelKeys, group: str, kept: Entry) -> int:
        for info in await self._client.xinfo_groups(keys.stream):
            if info["name"].decode() == group:
                last = info["last-delivered-id"].decode()
                rows: Any = await self._client.xrange(
                    keys.stream, f"({last}", f"({format_entry(kept)}", count=SPILL_BATCH
                )
                return len(rows)
        return 0

    async def _count_attempts(self, keys: ChannelKeys, delivery: Delivery) -> int:
        raw: Any = await self._client.hget(keys.delivery(delivery.group, delivery.id), "n")
        return int(raw or 0)
