"""How work of consumers on Redis is kept, and how it goes on when they are gone."""

from collections import defaultdict
from collections.abc import AsyncIterator, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from redis.asyncio.client import Pipeline

from runtime.bus.contract import place
from runtime.bus.deliveries import Delivery, Loss, Suspect
from runtime.bus.keys import ChannelKeys, keys_of
from runtime.bus.redis_base import RedisPart
from runtime.bus.wire import BLAME, delivery_stream, holder_arguments, record_fields
from runtime.errors import CommandRefusedError
from runtime.server.batch import ask_all

#: The consumer that holds what waits for a cell, as `lua/prelude.lua` has it.
SUSPECTS: Final = "~suspects"
#: The consumer that holds what was read and not sorted yet.
SORTER: Final = "~sorter"
#: Entries of a pending list that are looked at in one go.
PAGE: Final = 100
#: How the server says that it has lost a group.
_NO_GROUP: Final = "NOGROUP"


@dataclass(frozen=True, slots=True)
class _Pending:
    entry: bytes
    consumer: str


class Recovery(RedisPart):
    """Renews, takes over, isolates."""

    async def find_held(
        self, channel: str, group: str, consumer: str, known: Container[str], limit: int
    ) -> list[Delivery]:
        keys = keys_of(channel)
        found: list[Delivery] = []
        for is_retry in (False, True):
            async for page in self._pending_pages(keys, group, is_retry=is_retry, consumer=consumer):
                unknown = [one for one in page if place(one.entry.decode(), is_retry=is_retry) not in known]
                found += await self._read_pending(keys, group, consumer, unknown, is_retry=is_retry)
                if len(found) >= limit:
                    return found[:limit]
        return found

    async def renew(
        self, consumer: str, groups: Sequence[tuple[str, str]], deliveries: Sequence[Delivery]
    ) -> list[Delivery]:
        held: dict[tuple[str, str, bool], dict[str, Delivery]] = defaultdict(dict)
        for channel, group in groups:
            held[channel, group, False] = {}
        for one in deliveries:
            held[one.channel, one.group, one.is_retry][one.entry] = one
        lost: list[Delivery] = []
        for (channel, group, is_retry), entries in held.items():
            keys = keys_of(channel)
            stream = keys.retries(group) if is_retry else keys.stream
            gone = await self._scripts.call("renew", [stream, keys.live(group)], group, consumer, *entries)
            lost += [entries[entry.decode()] for entry in gone]
        return lost

    async def forfeit(self, channel: str, group: str, consumer: str, loss: Loss) -> int:
        keys, blame = keys_of(channel), BLAME[loss]
        taken = 0
        for is_retry in (False, True):
            async for page in self._pending_pages(keys, group, is_retry=is_retry, consumer=consumer):
                taken += await self._forfeit_entries(keys, group, page, is_retry=is_retry, idle_ms=0, blame=blame)
        await self._client.zrem(keys.live(group), consumer)
        return taken

    async def expire(self, channel: str, group: str, idle_ms: int) -> int:
        keys = keys_of(channel)
        taken, others = 0, {SUSPECTS}
        if await self._client.hexists(keys.order, group):
            others.add(SORTER)
        for is_retry in (False, True):
            # What waits for a cell, or to be sorted, is silent too, and may stand before all else.
            async for page in self._pending_pages(keys, group, is_retry=is_retry, idle_ms=idle_ms):
                silent = [one for one in page if one.consumer not in others]
                taken += await self._forfeit_entries(keys, group, silent, is_retry=is_retry, idle_ms=idle_ms, blame="")
        return taken

    async def suspects(self, channel: str, group: str, limit: int) -> list[Suspect]:
        keys = keys_of(channel)
        found: list[Delivery] = []
        about = {"groupname": group, "min": "-", "max": "+", "count": limit, "consumername": SUSPECTS}
        looks = [partial(Pipeline.xpending_range, name=one, **about) for one in (keys.stream, keys.retries(group))]
        for is_retry, rows in enumerate(await ask_all(self._client, looks, (_NO_GROUP,))):
            pending = _read_rows(rows or ())
            found += await self._read_pending(keys, group, SUSPECTS, pending, is_retry=bool(is_retry))
        if not found:
            return []
        found = sorted(found, key=_entry_order)[:limit]
        async with self._client.pipeline() as pipe:
            for one in found:
                pipe.hget(keys.delivery(group, one.id), "vanished")
            counts = await pipe.execute()
        return [Suspect(one, int(count or 0)) for one, count in zip(found, counts, strict=True)]

    async def claim(self, delivery: Delivery, consumer: str) -> bool:
        stream = delivery_stream(keys_of(delivery.channel), delivery)
        return bool(await self._scripts.call("claim", [stream], delivery.group, consumer, delivery.entry))

    async def reap(self, channel: str, group: str, idle_ms: int) -> int:
        keys = keys_of(channel)
        gone = 0
        for stream in (keys.stream, keys.retries(group)):
            gone += int(await self._scripts.call("reap", [stream, keys.live(group)], group, idle_ms))
        return gone

    async def forget_letters(self, channel: str, group: str, older_than_ms: int, limit: int) -> int:
        keys, before = keys_of(channel), await self._client.now_ms() - older_than_ms
        prefix = keys.letter(group, UUID(int=0)).removesuffix(str(UUID(int=0)))
        skip = removed = 0
        while removed < limit:
            page = (group, before, PAGE, skip, prefix)
            looked_at, gone = await self._scripts.call("forget", [keys.settled_letters(group), keys.groups], *page)
            removed += gone
            skip += looked_at - gone
            if looked_at < PAGE:
                break
        return removed

    async def forget_audit(self, channel: str, group: str, older_than_ms: int) -> None:
        before = await self._client.now_ms() - older_than_ms
        await self._client.xtrim(keys_of(channel).audit(group), minid=str(before), approximate=False)

    async def _forfeit_entries(
        self, keys: ChannelKeys, group: str, pending: list[_Pending], *, is_retry: bool, idle_ms: int, blame: str
    ) -> int:
        taken = 0
        for consumer in {one.consumer for one in pending}:
            held = [one for one in pending if one.consumer == consumer]
            for delivery in await self._read_pending(keys, group, consumer, held, is_retry=is_retry):
                taken += int(
                    await self._scripts.call(
                        "forfeit",
                        [
                            delivery_stream(keys, delivery),
                            keys.delivery(group, delivery.id),
                            keys.waiting(group),
                            keys.counters,
                        ],
                        *holder_arguments(delivery, consumer),
                        *record_fields(delivery, idle_ms),
                        blame,
                    )
                )
        return taken

    async def _pending_pages(
        self, keys: ChannelKeys, group: str, *, is_retry: bool, consumer: str | None = None, idle_ms: int = 0
    ) -> AsyncIterator[list[_Pending]]:
        """All that a consumer, or any, holds in one of a group's streams, in pages."""
        first = "-"
        while page := await self._pending(
            keys, group, is_retry=is_retry, count=PAGE, first=first, consumer=consumer, idle_ms=idle_ms
        ):
            yield page
            first = f"({page[-1].entry.decode()}"

    async def _pending(
        self,
        keys: ChannelKeys,
        group: str,
        *,
        is_retry: bool,
        count: int,
        first: str = "-",
        consumer: str | None = None,
        idle_ms: int = 0,
    ) -> list[_Pending]:
        """What a consumer, or any, holds in one of a group's streams; nothing where the server has lost the group."""
        stream = keys.retries(group) if is_retry else keys.stream
        try:
            rows: Any = await self._client.xpending_range(
                stream, group, first, "+", count, consumername=consumer, idle=idle_ms or None
            )
        except CommandRefusedError as error:
            if not error.answer.startswith(_NO_GROUP):
                raise
            return []
        return _read_rows(rows)

    async def _read_pending(
        self, keys: ChannelKeys, group: str, consumer: str, pending: list[_Pending], *, is_retry: bool
    ) -> list[Delivery]:
        if not pending:
            return []
        stream = keys.retries(group) if is_retry else keys.stream
        async with self._client.pipeline() as pipe:
            for one in pending:
                pipe.xrange(stream, one.entry, one.entry)
            found = await pipe.execute()
        # Something else may have removed the event: the entry then has no fields.
        entries = [rows[0] if rows else (one.entry, {}) for one, rows in zip(pending, found, strict=True)]
        return await self._deliveries(keys, group, consumer, entries, is_retry=is_retry)


def _read_rows(rows: Iterable[Mapping[str, Any]]) -> list[_Pending]:
    return [_Pending(row["message_id"], row["consumer"].decode()) for row in rows]


def _entry_order(delivery: Delivery) -> tuple[int, int]:
    """Sorts by when entries were added, older ones first."""
    ms, _, number = delivery.entry.partition("-")
    return int(ms), int(number)
