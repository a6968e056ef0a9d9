"""What every group owes and did, read from the live bus."""

from typing import Any, Final
from uuid import UUID

from runtime.bus.keys import CHANNELS, ChannelKeys
from runtime.bus.records import ChannelLedger, GroupLedger
from runtime.bus.redis_recovery import SUSPECTS
from runtime.bus.wire import entry_ms
from runtime.errors import CommandRefusedError
from runtime.server.client import Client

_STATES: Final = ("done", "pending", "retrying", "dead", "discarded")
#: Waiting retries that are looked at for the oldest; the others are younger in most cases.
_LOOK_AT: Final = 50
#: How answers begin about a group or a stream that is not there.
_LOST: Final = ("NOGROUP", "no such key")


async def read_ledger(client: Client, live_ms: int) -> list[ChannelLedger]:
    """Every channel's counters, by name.

    Args:
        client: of the bus's server.
        live_ms: a consumer whose last heartbeat is older than this many milliseconds is not live.
    """
    members: Any = await client.smembers(CHANNELS)
    names = sorted(name.decode() for name in members)
    now = await client.now_ms()
    return [await _channel(client, ChannelKeys(name), now, live_ms) for name in names]


async def _channel(client: Client, keys: ChannelKeys, now: int, live_ms: int) -> ChannelLedger:
    raw: Any = await client.hgetall(keys.counters)

    def counter(name: str) -> int:
        return int(raw.get(name.encode(), 0))

    published = counter("published")
    names: Any = await client.hkeys(keys.groups)
    apps: Any = await client.hgetall(keys.apps)
    groups = []
    for name in sorted(names):
        group = name.decode()
        states = {state: counter(f"{group}:{state}") for state in _STATES}
        open_ = states["pending"] + states["retrying"] > 0
        oldest = await _oldest(client, keys, group) if open_ else None
        held, suspects = await _held(client, keys, group) if open_ else (0, 0)
        last: Any = await client.zrange(keys.live(group), 0, 0, desc=True, withscores=True)
        groups.append(
            GroupLedger(
                group=group,
                owed=published - counter(f"{group}:birth"),
                **states,
                consumers=int(await client.zcount(keys.live(group), now - live_ms, "+inf")),
                oldest_unprocessed_ms=max(0, now - oldest) if oldest is not None else None,
                app=apps.get(name, b"").decode(),
                silent_ms=max(0, now - int(last[0][1])) if last else None,
                under_way=held,
                suspects=suspects,
                overdue_ms=await _overdue(client, keys, group, now) if states["retrying"] else None,
            )
        )
    return ChannelLedger(keys.channel, published, tuple(groups))


async def _held(client: Client, keys: ChannelKeys, group: str) -> tuple[int, int]:
    """How many deliveries consumers hold, and how many wait for a cell."""
    held = suspects = 0
    for stream in (keys.stream, keys.retries(group)):
        try:
            summary: Any = await client.xpending(stream, group)
        except CommandRefusedError as error:  # a group that had no retry yet has no stream of them
            if not error.answer.startswith(_LOST):
                raise
            continue
        waiting = sum(one["pending"] for one in summary["consumers"] if one["name"] == SUSPECTS.encode())
        held += summary["pending"] - waiting
        suspects += waiting
    return held, suspects


async def _overdue(client: Client, keys: ChannelKeys, group: str, now: int) -> int | None:
    first: Any = await client.zrange(keys.waiting(group), 0, 0, withscores=True)
    return now - int(first[0][1]) if first and first[0][1] <= now else None


async def _oldest(client: Client, keys: ChannelKeys, group: str) -> int | None:
    """When the oldest that waits came; None when nothing does, or the server lost the group."""
    try:
        return await _oldest_known(client, keys, group)
    except CommandRefusedError as error:
        # One lost group must not hide what all others owe; its workers make it again.
        if not error.answer.startswith(_LOST):
            raise
        return None


async def _oldest_known(client: Client, keys: ChannelKeys, group: str) -> int | None:
    times = [
        time_
        for time_ in (
            await _oldest_pending(client, keys.stream, group),
            await _oldest_unread(client, keys.stream, group),
            await _oldest_retry(client, keys, group),
        )
        if time_ is not None
    ]
    return min(times, default=None)


async def _oldest_pending(client: Client, stream: str, group: str) -> int | None:
    summary: Any = await client.xpending(stream, group)
    first = summary["min"]
    return entry_ms(first) if first else None


async def _oldest_unread(client: Client, stream: str, group: str) -> int | None:
    for info in await client.xinfo_groups(stream):
        if info["name"] in (group, group.encode()):
            entries: Any = await client.xrange(stream, min=b"(" + _bytes(info["last-delivered-id"]), count=1)
            return entry_ms(entries[0][0]) if entries else None
    return None


async def _oldest_retry(client: Client, keys: ChannelKeys, group: str) -> int | None:
    waiting: Any = await client.zrange(keys.waiting(group), 0, _LOOK_AT - 1)
    due: Any = await client.xrange(keys.retries(group), count=_LOOK_AT)
    ids = [*waiting, *(values[b"d"] for _, values in due)]
    async with client.pipeline() as pipe:
        for id_ in ids:
            pipe.hget(keys.delivery(group, _uuid(id_)), "first_ms")
        firsts = await pipe.execute()
    return min((int(first) for first in firsts if first), default=None)


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _uuid(raw: bytes) -> UUID:
    return UUID(raw.decode())
