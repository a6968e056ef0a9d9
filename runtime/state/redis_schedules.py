"""Schedules on Redis or Valkey: a hash each, and a script for each change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from runtime.errors import ScheduleNotFoundError
from runtime.server.client import Clients
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.schedules import Act, Advance, Board, Declared, NotedTick, Passed, ScheduleRecord, Tick


class RedisSchedules:
    """`Schedules` of one app on one server.

    Args:
        clients: of the event loop that uses it.
        app: the app's name.
    """

    def __init__(self, clients: Clients, app: str) -> None:
        self._client = clients.commands
        self._scripts = Scripts(clients.commands, "runtime.state")
        self.keys = StateKeys(app)

    async def board(self) -> Board:
        keys = self.keys
        now, ticks, *rest = await self._scripts.call("schedules", [keys.schedules, keys.ticks], keys.prefix)
        pairs = zip(rest[::2], rest[1::2], strict=True)
        records = [_record(name.decode(), fields) for name, fields in pairs if fields]
        return Board(now, sorted(records, key=lambda one: one.name), [_noted(text.decode()) for text in ticks[1::2]])

    async def declare(self, schedule: Declared, next_ms: int) -> str | None:
        keys, name = self.keys, schedule.name
        status, *former = await self._scripts.call(
            "declare",
            [keys.schedules, keys.schedule(name)],
            name,
            schedule.rule,
            schedule.workflow,
            schedule.missed_text,
            schedule.overlap,
            next_ms,
        )
        if not status:
            return None
        return former[0].decode() if former else ""

    async def claim(self, name: str, tick: Tick | None, advance: Advance) -> Passed:
        moves = (advance.next_ms, advance.following_ms, advance.dropped, advance.rule)
        return await self._pass("due", name, tick, *moves)

    async def release(self, waiting: Tick) -> Passed:
        return await self._pass("waiting", waiting.schedule, waiting)

    async def trigger(self, tick: Tick) -> Passed:
        return await self._pass("hand", tick.schedule, tick, "", "", 0, "", tick.by)

    async def _pass(self, how: str, name: str, tick: Tick | None, *rest: str | int) -> Passed:
        keys = self.keys
        touched = [keys.schedule(name), keys.ticks, keys.audit]
        said = (tick.text(), str(tick.run)) if tick else ("", "")
        match await self._scripts.call_once("tick", touched, keys.prefix, how, *said, *rest):
            case [b"started", text]:
                return Passed("started", tick=_noted(text.decode()))
            case [status, run]:
                return Passed(status.decode(), run=UUID(run.decode()))
            case [status]:
                return Passed(status.decode())
        return Passed("missing")

    async def drop(self, tick: Tick) -> bool:
        keys = self.keys
        touched = [keys.schedule(tick.schedule), keys.ticks, keys.run(tick.run)]
        return bool(await self._scripts.call("untick", touched, str(tick.run)))

    async def confirm(self, runs: Sequence[UUID]) -> None:
        await self._client.hdel(self.keys.ticks, *map(str, runs))

    async def operate(self, name: str, act: Act, operator: str, advance: Advance | None = None) -> bool | None:
        keys = self.keys
        touched = [keys.schedules, keys.schedule(name), keys.ticks, keys.audit]
        moves = (advance.next_ms, advance.following_ms, advance.dropped) if advance else ()
        match await self._scripts.call_once("operate", touched, name, act, operator, *moves):
            case [changed] if changed >= 0:
                return bool(changed)
            case []:
                raise ScheduleNotFoundError(f"app {keys.app} has no schedule {name!r} on this server")
        return None


def _noted(text: str) -> NotedTick:
    noted_ms, _, tick = text.partition("|")
    return NotedTick(Tick.parse(tick), int(noted_ms))


def _record(name: str, fields: Sequence[bytes]) -> ScheduleRecord:
    said: dict[str, Any] = {key.decode(): value.decode() for key, value in zip(fields[::2], fields[1::2], strict=True)}
    counts = {what: int(said.get(what, 0)) for what in ("started", "skipped", "dropped")}
    return ScheduleRecord(
        name=name,
        workflow=said["workflow"],
        rule=said["spec"],
        missed=said["missed"],
        overlap=said["overlap"],
        next_ms=int(said["next"]),
        claimed_ms=int(said.get("claimed", 0)),
        paused_ms=_ms(said.get("paused")),
        paused_by=said.get("paused_by", ""),
        waiting=Tick.parse(said["waiting"]) if "waiting" in said else None,
        last=_noted(said["last"]) if "last" in said else None,
        skipped_ms=_ms(said.get("skipped_at")),
        dropped_ms=_ms(said.get("dropped_at")),
        **counts,
    )


def _ms(text: str | None) -> int | None:
    return None if text is None else int(text)
