"""What every group owes and did, read from the live bus. There may be thousands of groups, so what is asked is asked of
all of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from redis.asyncio.client import Pipeline

from runtime.bus.keys import CHANNELS, ChannelKeys
from runtime.bus.records import ChannelLedger, GroupLedger
from runtime.bus.redis_recovery import SUSPECTS
from runtime.bus.wire import entry_ms
from runtime.server.batch import Question, ask_all
from runtime.server.client import Client

_STATES: Final = ("done", "pending", "retrying", "dead", "discarded", "expired")
#: Waiting retries that are looked at for the oldest; the others are younger in most cases.
_LOOK_AT: Final = 50
#: How answers begin about a group or a stream that is not there. One lost group must not hide what all others owe; its
#: workers make it again.
_LOST: Final = ("NOGROUP", "no such key")


@dataclass(frozen=True, slots=True)
class _ChannelHead:
    """A channel, and the names of what reads it."""

    keys: ChannelKeys
    counters: Mapping[bytes, bytes]
    groups: Sequence[bytes]
    apps: Mapping[bytes, bytes]
    delayed: int
    orders: Mapping[bytes, bytes]
    ephemeral: Sequence[bytes]

    def counter(self, name: str) -> int:
        return int(self.counters.get(name.encode(), 0))

    def states(self, group: str) -> dict[str, int]:
        return {state: self.counter(f"{group}:{state}") for state in _STATES}

    def is_open(self, group: str) -> bool:
        return self.counter(f"{group}:pending") + self.counter(f"{group}:retrying") > 0


@dataclass(frozen=True, slots=True)
class _GroupWork:
    """What of a group is under way or waits, as the server says it; None where that is lost.

    Attributes:
        held: summaries of its entries that were read and not settled, of the channel's stream and of its retries.
        unread: first entry that it has not read.
        waiting: first deliveries that wait for their retry, with the time when they are due in ms.
        due: first entries of its retries.
        firsts: when the events of `waiting` and `due` came, in ms.
    """

    held: Sequence[Mapping[str, Any] | None]
    unread: Sequence[Any]
    waiting: Sequence[tuple[bytes, float]]
    due: Sequence[tuple[Any, Mapping[bytes, bytes]]]
    firsts: Sequence[bytes | None]

    @property
    def oldest_ms(self) -> int | None:
        """When the oldest came that is not settled."""
        first = self.held[0]["min"] if self.held[0] else None
        times = [entry_ms(first)] if first else []
        times += [entry_ms(id_) for id_, _ in self.unread]
        times += [int(time) for time in self.firsts if time]
        return min(times, default=None)

    def count_held_and_suspects(self) -> tuple[int, int]:
        """How many deliveries consumers hold, and how many wait for a cell."""
        held = suspects = 0
        for summary in self.held:
            if summary:  # a group that had no retry yet has no stream of them
                waits = sum(one["pending"] for one in summary["consumers"] if one["name"] == SUSPECTS.encode())
                held += summary["pending"] - waits
                suspects += waits
        return held, suspects

    def overdue_ms(self, now: int) -> int | None:
        due = self.waiting[0][1] if self.waiting else None
        return now - int(due) if due is not None and due <= now else None


_IDLE: Final = _GroupWork((None, None), (), (), (), ())


async def read_ledger(client: Client, live_ms: int) -> list[ChannelLedger]:
    """Every channel's counters, by name.

    Args:
        client: of the bus's server.
        live_ms: a consumer whose last heartbeat is older than this many milliseconds is not live.
    """
    now = await client.now_ms()
    heads = await _read_heads(client)
    work = await _read_work(client, heads)
    seen = await _read_signs_of_life(client, heads, now - live_ms)
    ledgers = []
    for head in heads:
        groups = []
        for name in head.groups:
            group = name.decode()
            at = head.keys.channel, group
            groups.append(_build_group_ledger(head, group, work.get(at, _IDLE), seen[at], now))
        ledgers.append(ChannelLedger(head.keys.channel, head.counter("published"), tuple(groups), head.delayed))
    return ledgers


async def _read_heads(client: Client) -> list[_ChannelHead]:
    members: Any = await client.smembers(CHANNELS)
    channels = [ChannelKeys(name) for name in sorted(name.decode() for name in members)]
    questions: list[Question] = []
    for keys in channels:
        questions += [
            partial(Pipeline.hgetall, name=keys.counters),
            partial(Pipeline.hkeys, name=keys.groups),
            partial(Pipeline.hgetall, name=keys.apps),
            partial(Pipeline.zcard, name=keys.later),
            partial(Pipeline.hgetall, name=keys.order),
            partial(Pipeline.hkeys, name=keys.ephemeral),
        ]
    found = iter(await ask_all(client, questions))
    return [
        _ChannelHead(keys, next(found), sorted(next(found)), next(found), next(found), next(found), next(found))
        for keys in channels
    ]


async def _read_signs_of_life(
    client: Client, heads: Sequence[_ChannelHead], since: int
) -> dict[tuple[str, str], tuple[int, int | None]]:
    """How many consumers of each group gave a sign of life since a time in ms, and when the last one did."""
    groups = [(head.keys, name.decode()) for head in heads for name in head.groups]
    questions: list[Question] = []
    for keys, group in groups:
        live = keys.live(group)
        questions += [
            partial(Pipeline.zcount, name=live, min=since, max="+inf"),
            partial(Pipeline.zrange, name=live, start=0, end=0, desc=True, withscores=True),
        ]
    found = iter(await ask_all(client, questions))
    seen: dict[tuple[str, str], tuple[int, int | None]] = {}
    for keys, group in groups:
        count, last = next(found), next(found)
        seen[keys.channel, group] = (int(count), int(last[0][1]) if last else None)
    return seen


async def _read_work(client: Client, heads: Sequence[_ChannelHead]) -> dict[tuple[str, str], _GroupWork]:
    """What of each group is under way or waits, where something is."""
    busy = [
        (head.keys, group) for head in heads for group in (name.decode() for name in head.groups) if head.is_open(group)
    ]
    read = await _read_last_delivered(client, list(dict.fromkeys(keys for keys, _ in busy)))
    questions: list[Question] = []
    for keys, group in busy:
        retries, last = keys.retries(group), read.get((keys.channel, group.encode()))
        # Behind the last entry that there can be is none: a group that is lost has not read anything.
        behind = b"+" if last is None else b"(" + last
        questions += [
            partial(Pipeline.xpending, name=keys.stream, groupname=group),
            partial(Pipeline.xpending, name=retries, groupname=group),
            partial(Pipeline.xrange, name=keys.stream, min=behind, count=1),
            partial(Pipeline.zrange, name=keys.waiting(group), start=0, end=_LOOK_AT - 1, withscores=True),
            partial(Pipeline.xrange, name=retries, count=_LOOK_AT),
        ]
    found = iter(await ask_all(client, questions, _LOST))
    said = [[next(found) for _ in range(5)] for _ in busy]
    firsts = iter(await _read_first_times(client, busy, said))
    return {
        (keys.channel, group): _GroupWork((own, again), unread or (), waiting, due, next(firsts))
        for (keys, group), (own, again, unread, waiting, due) in zip(busy, said, strict=True)
    }


async def _read_last_delivered(client: Client, channels: Sequence[ChannelKeys]) -> dict[tuple[str, bytes], bytes]:
    """The entry that each group has read last. Asked once a channel: the answer is about all of its groups."""
    questions = [partial(Pipeline.xinfo_groups, name=keys.stream) for keys in channels]
    found = await ask_all(client, questions, _LOST)
    return {
        (keys.channel, _to_bytes(info["name"])): _to_bytes(info["last-delivered-id"])
        for keys, infos in zip(channels, found, strict=True)
        for info in infos or ()
    }


async def _read_first_times(
    client: Client, busy: Sequence[tuple[ChannelKeys, str]], said: Sequence[list[Any]]
) -> list[list[bytes | None]]:
    """When the events came of which retries wait or are due, for each group."""
    deliveries = [
        [keys.delivery(group, UUID(id_.decode())) for id_ in (*(each for each, _ in waiting), *_delivery_ids(due))]
        for (keys, group), (*_, waiting, due) in zip(busy, said, strict=True)
    ]
    questions = [partial(Pipeline.hget, name=name, key="first_ms") for names in deliveries for name in names]
    found = iter(await ask_all(client, questions))
    return [[next(found) for _ in names] for names in deliveries]


def _delivery_ids(due: Sequence[tuple[Any, Mapping[bytes, bytes]]]) -> list[bytes]:
    return [values[b"d"] for _, values in due]


def _build_group_ledger(
    head: _ChannelHead, group: str, work: _GroupWork, seen: tuple[int, int | None], now: int
) -> GroupLedger:
    states = head.states(group)
    held, suspects = work.count_held_and_suspects()
    oldest = work.oldest_ms
    consumers, last = seen
    return GroupLedger(
        group=group,
        owed=head.counter("published") - head.counter(f"{group}:birth"),
        **states,
        consumers=consumers,
        oldest_unprocessed_ms=max(0, now - oldest) if oldest is not None else None,
        app=head.apps.get(group.encode(), b"").decode(),
        silent_ms=max(0, now - last) if last is not None else None,
        under_way=held,
        suspects=suspects,
        overdue_ms=work.overdue_ms(now) if states["retrying"] else None,
        behind=head.counter(f"{group}:behind"),
        order_by=head.orders.get(group.encode(), b"").decode(),
        is_ephemeral=group.encode() in head.ephemeral,
    )


def _to_bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
