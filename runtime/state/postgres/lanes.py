"""Due steps on PostgreSQL, some of which are set aside: for the workers of their agents, and for limits."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from runtime.resilience.limits import BY_KEY, Limit, permit_names, turn_keys, turn_lane
from runtime.state.lanes import GOES, KEYS_TOLD, NO_KEYS, OLDEST, PAGE
from runtime.state.postgres.base import PostgresPart
from runtime.state.postgres.rows import Row, parse_task
from runtime.state.postgres.step_queues import StepQueue, take_in_turn
from runtime.state.runs import DueStep, Lane, LimitUse, WaitingKey
from runtime.state.tasks import LimitRoom, Task


class PostgresLanes(PostgresPart):
    """Part of a `StateStore`."""

    async def list_due(self, limit: int, skip: int = 0, without: Collection[str] = ()) -> list[Task]:
        found = await self._read_due(limit, skip, without)
        if not found and not skip and await self._telling.discard_wakes():
            # They have been overtaken by other workers, or whoever waits would wake for each of them.
            return await self._read_due(limit, skip, without)
        return found

    async def _read_due(self, limit: int, skip: int, without: Collection[str]) -> list[Task]:
        return [
            parse_task(row) for row in await self._database.fetch_rows("due", self._app, limit, skip, list(without))
        ]

    async def set_aside(self, tasks: Mapping[Task, str], by_key: Mapping[Task, Sequence[Limit]] = NO_KEYS) -> None:
        runs, steps = [one.run for one in tasks], [one.step for one in tasks]
        limits = [[[limit.name, limit.key] for limit in by_key.get(one, ())] for one in tasks]
        told = runs, steps, list(tasks.values()), Jsonb(limits)
        rows = await self._database.fetch_rows("set_aside", self._app, *told)
        # There may be workers that do all, too.
        self._telling.notify_due(len(rows), [row["agent"] for row in rows])

    async def rooms(self, limits: Sequence[Limit], wanted: int) -> list[LimitRoom]:
        free = await self._read_free({one.name: one for one in limits})
        rooms = []
        for one in limits:
            left = free[one.name]
            rows = await self._database.fetch_rows("in_lane", self._app, one.name, wanted) if left != 0 else []
            rooms.append(LimitRoom(left, [parse_task(row) for row in rows]))
        return rooms

    async def list_next_turns(self, agents: Sequence[str], limits: Sequence[Limit], wanted: int) -> list[list[Task]]:
        known = {one.name: one for one in limits}
        return [await self._list_next_turns(agent, known, wanted) for agent in agents]

    async def _list_next_turns(self, agent: str, known: Mapping[str, Limit], wanted: int) -> list[Task]:
        lane = turn_lane(agent)
        for _ in range(GOES):
            rows = await self._database.fetch_rows("turns", self._app, lane, PAGE, wanted)
            queues = [StepQueue([agent, *permit_names(row["turn"])], _parse_tasks(row)) for row in rows]
            held = {name for queue in queues for name in queue.names}
            bounds = {name: known[name.partition(BY_KEY)[0]] for name in held if name.partition(BY_KEY)[0] in known}
            found = take_in_turn(queues, await self._read_free(bounds), wanted)
            if found or len(rows) < PAGE:
                return found
            # Others may have room: so many are not looked at each time.
            await self._database.fetch_rows("go_last", self._app, lane, [row["turn"] for row in rows])
        return []

    async def list_limit_uses(self, limits: Sequence[Limit]) -> list[LimitUse]:
        rows = await self._database.fetch_rows("uses", self._app, [one.name for one in limits]) if limits else []
        return [
            LimitUse(limit, row["at_once"], row["calls"], row["tokens"])
            for limit, row in zip(limits, rows, strict=True)
        ]

    async def find_admissible(self, tasks: Mapping[Task, Sequence[Limit]]) -> list[Task]:
        runs = list({one.run for one in tasks})
        values = {row["run"]: row["by_key"] for row in await self._database.fetch_rows("key_values", runs)}
        held = {
            one: [
                (name, limit) for limit in limits if (name := limit.name_for_run(values.get(one.run, {}))) is not None
            ]
            for one, limits in tasks.items()
        }
        free = await self._read_free(dict(pair for pairs in held.values() for pair in pairs))
        return take_in_turn(
            [StepQueue([name for name, _ in pairs], [one]) for one, pairs in held.items()], free, len(tasks)
        )

    async def _read_free(self, bounds: Mapping[str, Limit]) -> dict[str, int | None]:
        """How many more each limit lets begin now, by what its permits are kept under; None: any number."""
        if not bounds:
            return {}
        rows = await self._database.fetch_rows("free", self._app, list(bounds), *limit_columns(bounds.values()))
        return {row["name"]: row["free"] for row in rows}

    async def spend(self, name: str, calls: int, tokens: int) -> None:
        # What was told twice would be counted twice.
        await self._database.fetch_rows("spend", self._app, name, calls, tokens, repeated=False)

    async def announce_room(self, agents: Collection[str], names: Collection[str] = ()) -> None:
        rows = await self._database.fetch_rows("made_room", self._app, list(agents), list(names))
        self._telling.notify_due(len(rows), [row["agent"] for row in rows])

    async def lanes(self) -> list[Lane]:
        rows = sorted(await self._database.fetch_rows("lanes", self._app), key=lambda row: str(row["lane"]))
        return [
            Lane(row["lane"].rstrip(BY_KEY), row["due"], parse_due_step(row), await self._waiting_keys(row))
            for row in rows
        ]

    async def _waiting_keys(self, lane: Row) -> tuple[WaitingKey, ...]:
        """The keys of a lane whose steps have waited the longest; there may be more keys than anybody could look at."""
        if not lane["lane"].endswith(BY_KEY):
            return ()
        now = lane["since_ms"] + lane["for_ms"]
        rows = await self._database.fetch_rows("waiting_turns", self._app, lane["lane"], OLDEST, KEYS_TOLD)
        return tuple(WaitingKey(turn_keys(row["turn"]), row["due"], now - row["since_ms"]) for row in rows)

    async def wait(self, timeout: float, agents: Collection[str] = ()) -> None:
        await self._telling.wakes.wait(timeout, agents)


def limit_columns(limits: Collection[Limit]) -> tuple[list[int | None], list[int | None], list[int | None]]:
    """What limits bound, as functions take it."""
    return (
        [one.at_once for one in limits],
        [one.calls_per_minute for one in limits],
        [one.tokens_per_minute for one in limits],
    )


def parse_due_step(row: Row) -> DueStep:
    """A step that has been due for a while."""
    found = parse_task(row)
    return DueStep(found.run, found.workflow, found.step, row["for_ms"])


def _parse_tasks(row: Row) -> list[Task]:
    found: Any = zip(row["runs"], row["workflows"], row["steps"], strict=True)
    return [Task(*one) for one in found]
