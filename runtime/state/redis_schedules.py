"""Schedules on Redis or Valkey: a hash each, and a script for each change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from runtime.errors import ScheduleNotFoundError
from runtime.server.client import Clients
from runtime.server.scripts import Scripts
from runtime.state.keys import StateKeys
from runtime.state.schedules import (
    Act,
    DeclaredSchedule,
    NotedTick,
    ScheduleAdvance,
    ScheduleBoard,
    ScheduleRecord,
    Tick,
    TickResult,
)


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

    async def read_board(self) -> ScheduleBoard:
        keys = self.keys
        now, ticks, *rest = await self._scripts.call("schedules", [keys.schedules, keys.ticks], keys.prefix)
        pairs = zip(rest[::2], rest[1::2], strict=True)
        records = [_parse_record(name.decode(), fields) for name, fields in pairs if fields]
        return ScheduleBoard(
            now, sorted(records, key=lambda one: one.name), [_parse_noted_tick(text.decode()) for text in ticks[1::2]]
        )

    async def declare(self, schedule: DeclaredSchedule, next_ms: int) -> str | None:
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

    async def claim(self, name: str, tick: Tick | None, advance: ScheduleAdvance) -> TickResult:
        moves = (advance.next_ms, advance.following_ms, advance.dropped, advance.rule)
        return await self._pass_gate("due", name, tick, *moves)

    async def release(self, waiting: Tick) -> TickResult:
        return await self._pass_gate("waiting", waiting.schedule, waiting)

    async def trigger(self, tick: Tick) -> TickResult:
        return await self._pass_gate("hand", tick.schedule, tick, "", "", 0, "", tick.by)

    async def _pass_gate(self, how: str, name: str, tick: Tick | None, *rest: str | int) -> TickResult:
        keys = self.keys
        touched = [keys.schedule(name), keys.ticks, keys.audit]
        said = (tick.text(), str(tick.run)) if tick else ("", "")
        match await self._scripts.call_once("tick", touched, keys.prefix, how, *said, *rest):
            case [b"started", text]:
                return TickResult("started", tick=_parse_noted_tick(text.decode()))
            case [status, run]:
                return TickResult(status.decode(), run=UUID(run.decode()))
            case [status]:
                return TickResult(status.decode())
        return TickResult("missing")

    async def drop(self, tick: Tick) -> bool:
        keys = self.keys
        touched = [keys.schedule(tick.schedule), keys.ticks, keys.run(tick.run)]
        return bool(await self._scripts.call("untick", touched, str(tick.run)))

    async def confirm(self, runs: Sequence[UUID]) -> None:
        await self._client.hdel(self.keys.ticks, *map(str, runs))

    async def operate(self, name: str, act: Act, operator: str, advance: ScheduleAdvance | None = None) -> bool | None:
        keys = self.keys
        touched = [keys.schedules, keys.schedule(name), keys.ticks, keys.audit]
        moves = (advance.next_ms, advance.following_ms, advance.dropped) if advance else ()
        match await self._scripts.call_once("operate", touched, name, act, operator, *moves):
            case [changed] if changed >= 0:
                return bool(changed)
            case []:
                raise ScheduleNotFoundError(f"app {keys.app} has no schedule {name!r} on this server")
        return None


def _parse_noted_tick(text: str) -> NotedTick:
    noted_ms, _, tick = text.partition("|")
    return NotedTick(Tick.parse(tick), int(noted_ms))


def _parse_record(name: str, fields: Sequence[bytes]) -> ScheduleRecord:
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
        paused_ms=_parse_ms(said.get("paused")),
        paused_by=said.get("paused_by", ""),
        waiting=Tick.parse(said["waiting"]) if "waiting" in said else None,
        last=_parse_noted_tick(said["last"]) if "last" in said else None,
        skipped_ms=_parse_ms(said.get("skipped_at")),
        dropped_ms=_parse_ms(said.get("dropped_at")),
        **counts,
    )


def _parse_ms(text: str | None) -> int | None:
    return None if text is None else int(text)
