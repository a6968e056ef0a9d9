"""Due steps that are set aside for the workers of their agents, on Redis or Valkey."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from runtime.resilience.limits import BY_KEY, Limit, turn_keys
from runtime.server.client import Client
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.lanes import GOES, KEYS_TOLD, NO_KEYS, OLDEST, PAGE
from runtime.state.runs import DueStep, Lane, LimitUse, WaitingKey
from runtime.state.tasks import LimitRoom, Task


class RedisLanes:
    """Part of a `StateStore`.

    Attributes:
        keys: of the app.
    """

    keys: StateKeys
    _client: Client
    _scripts: Scripts

    async def set_aside(self, tasks: Mapping[Task, str], by_key: Mapping[Task, Sequence[Limit]] = NO_KEYS) -> None:
        keys = self.keys
        touched = [keys.tasks, keys.suspects, keys.leases, keys.wake, keys.lanes]
        told: list[str | int] = []
        for task, agent in tasks.items():
            told += [task.member, task.step, agent, *limit_arguments(by_key.get(task, ()))]
        await self._scripts.call("set_aside", touched, keys.prefix, *told)

    async def list_next_turns(self, agents: Sequence[str], limits: Sequence[Limit], wanted: int) -> list[list[Task]]:
        told = [part for limit in limits for part in (limit.name, *limit.bounds)]
        asked = [self.keys.prefix, wanted, PAGE, GOES, len(limits), *told, *agents]
        answer = await self._scripts.call("turns", [self.keys.leases, self.keys.lanes], *asked)
        return [[Task.parse(member.decode()) for member in found] for found in answer]

    async def find_admissible(self, tasks: Mapping[Task, Sequence[Limit]]) -> list[Task]:
        told: list[str | int] = []
        for task, limits in tasks.items():
            told += [task.member, *limit_arguments(limits)]
        places = await self._scripts.call("admitted", [self.keys.leases], self.keys.prefix, *told)
        asked = list(tasks)
        return [asked[place] for place in places]

    async def rooms(self, limits: Sequence[Limit], wanted: int) -> list[LimitRoom]:
        told = [part for limit in limits for part in (limit.name, *limit.bounds)]
        answer = await self._scripts.call("room", [self.keys.leases, self.keys.lanes], self.keys.prefix, wanted, *told)
        return [
            LimitRoom(None if free < 0 else free, [Task.parse(one.decode()) for one in due]) for free, *due in answer
        ]

    async def spend(self, name: str, calls: int, tokens: int) -> None:
        await self._scripts.call_once("spend", [self.keys.leases], self.keys.prefix, name, calls, tokens)

    async def list_limit_uses(self, limits: Sequence[Limit]) -> list[LimitUse]:
        if not limits:
            return []
        since = await self._client.now_ms() // 1000 - 60
        async with self._client.pipeline() as pipe:
            for limit in limits:
                pipe.hgetall(self.keys.permits(limit.name))
                pipe.hgetall(self.keys.spending(limit.name))
            found: list[Any] = await pipe.execute()
        held = [member for permits in found[::2] for member in permits]
        tokens: Any = await self._client.hmget(self.keys.leases, held) if held else []
        leases = dict(zip(held, tokens, strict=True))
        return [
            _measure_use(limit, sum(leases[member] == token for member, token in permits.items()), spent, since)
            for limit, permits, spent in zip(limits, found[::2], found[1::2], strict=True)
        ]

    async def announce_room(self, agents: Collection[str], names: Collection[str] = ()) -> None:
        touched = [self.keys.leases, self.keys.wake, self.keys.lanes]
        await self._scripts.call("made_room", touched, self.keys.prefix, len(names), *names, *agents)

    async def lanes(self) -> list[Lane]:
        found: Any = await self._client.smembers(self.keys.lanes)
        names = sorted(name.decode() for name in found)
        if not names:
            return []
        now = await self._client.now_ms()
        async with self._client.pipeline() as pipe:
            for name in names:
                pipe.zcard(self.keys.lane(name))
                pipe.zrange(self.keys.lane(name), 0, 0, withscores=True)
            found = await pipe.execute()
        counted = zip(names, found[::2], found[1::2], strict=True)
        return [
            Lane(name.rstrip(BY_KEY), due, _parse_due_step(first[0], now), await self._waiting_keys(name, now))
            for name, due, first in counted
            if first
        ]

    async def _waiting_keys(self, lane: str, now: int) -> tuple[WaitingKey, ...]:
        """The keys of a lane whose steps have waited the longest; there may be more keys than anybody could look at."""
        if not lane.endswith(BY_KEY):
            return ()
        oldest: Any = await self._client.zrange(self.keys.lane(lane), 0, OLDEST - 1, withscores=True)
        if not oldest:  # they have begun since
            return ()
        turns: Any = await self._client.hmget(self.keys.lane_keys(lane), [member for member, _ in oldest])
        since: dict[str, int] = {}
        for turn, (_, score) in zip(turns, oldest, strict=True):
            if turn is not None:  # it has begun since
                since.setdefault(turn.decode(), int(score))
        told = list(since.items())[:KEYS_TOLD]
        async with self._client.pipeline() as pipe:
            for turn, _ in told:
                pipe.zcard(self.keys.lane_turn(lane, turn))
            counts = await pipe.execute()
        return tuple(
            WaitingKey(turn_keys(turn), due, now - first)
            for (turn, first), due in zip(told, counts, strict=True)
            if due
        )


def limit_arguments(limits: Sequence[Limit]) -> list[str | int]:
    """Limits as scripts are told of them: how many, and each."""
    return [len(limits), *(part for limit in limits for part in (limit.name, limit.key, *limit.bounds))]


def _measure_use(limit: Limit, at_once: int, spent: Mapping[bytes, bytes], since: int) -> LimitUse:
    """What of a limit is used; `spent` has calls and tokens of the last minutes, by second, of which those before
    `since` don't count."""
    counted = {"c": 0, "t": 0}
    for field, count in spent.items():
        kind, second = field[:1].decode(), int(field[1:])
        if second >= since:
            counted[kind] += int(count)
    return LimitUse(limit, at_once, counted["c"], counted["t"])


def _parse_due_step(entry: tuple[bytes, float], now: int) -> DueStep:
    task = Task.parse(entry[0].decode())
    return DueStep(task.run, task.workflow, task.step, now - int(entry[1]))
