"""Due steps that are set aside for the workers of their agents, on Redis or Valkey."""

from collections.abc import Mapping, Sequence
from typing import Any

from runtime.resilience.limits import Limit
from runtime.server.client import Client
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.runs import Lane, Waiting
from runtime.state.tasks import Room, Task


class Lanes:
    """Part of a `StateStore`.

    Attributes:
        keys: of the app.
    """

    keys: StateKeys
    _client: Client
    _scripts: Scripts

    async def set_aside(self, tasks: Mapping[Task, str]) -> None:
        keys = self.keys
        touched = [keys.tasks, keys.suspects, keys.leases, keys.wake, keys.lanes]
        told = [part for task, agent in tasks.items() for part in (task.member, task.step, agent)]
        await self._scripts.call("set_aside", touched, keys.prefix, *told)

    async def rooms(self, limits: Sequence[Limit], wanted: int) -> list[Room]:
        told = [part for limit in limits for part in (limit.agent, *limit.bounds)]
        answer = await self._scripts.call("room", [self.keys.leases, self.keys.lanes], self.keys.prefix, wanted, *told)
        return [Room(None if free < 0 else free, [Task.parse(one.decode()) for one in due]) for free, *due in answer]

    async def spend(self, agent: str, calls: int, tokens: int) -> None:
        await self._scripts.call_once("spend", [self.keys.leases], self.keys.prefix, agent, calls, tokens)

    async def made_room(self, agent: str) -> None:
        await self._scripts.call("made_room", [self.keys.wake, self.keys.lanes], agent)

    async def lanes(self) -> list[Lane]:
        names: Any = await self._client.smembers(self.keys.lanes)
        agents = sorted(name.decode() for name in names)
        if not agents:
            return []
        now = await self._client.now_ms()
        async with self._client.pipeline() as pipe:
            for agent in agents:
                pipe.zcard(self.keys.lane(agent))
                pipe.zrange(self.keys.lane(agent), 0, 0, withscores=True)
            found = await pipe.execute()
        counted = zip(agents, found[::2], found[1::2], strict=True)
        return [Lane(agent, due, _first(first[0], now)) for agent, due, first in counted if first]


def _first(entry: tuple[bytes, float], now: int) -> Waiting:
    task = Task.parse(entry[0].decode())
    return Waiting(task.run, task.workflow, task.step, now - int(entry[1]))
