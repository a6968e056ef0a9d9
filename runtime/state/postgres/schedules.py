"""Schedules on PostgreSQL: a row each, and a function for each change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from runtime.errors import ScheduleNotFoundError
from runtime.state.postgres.database import Database, new_call
from runtime.state.postgres.rows import raw, words
from runtime.state.schedules import Act, Advance, Board, Declared, NotedTick, Passed, ScheduleRecord, Tick


class PostgresSchedules:
    """`Schedules` of one app in one database.

    Args:
        database: where they are kept.
        app: the app's name.
    """

    def __init__(self, database: Database, app: str) -> None:
        self._database = database
        self._app = app

    async def board(self) -> Board:
        # Ticks first: one that is noted in between is then not there, though its schedule says that it passed.
        ticks = await self._database.rows("noted_ticks", self._app)
        rows = await self._database.rows("schedules", self._app)
        noted = [_noted(row["noted_ms"], row["tick"]) for row in ticks]
        return Board(await self._database.value("now_ms"), [_record(row) for row in rows], noted)

    async def declare(self, schedule: Declared, next_ms: int) -> str | None:
        said = schedule.rule, schedule.workflow, schedule.missed_text, schedule.overlap, next_ms
        former: str | None = await self._database.value("declare", self._app, schedule.name, *said)
        return former

    async def claim(self, name: str, tick: Tick | None, advance: Advance) -> Passed:
        return await self._pass("due", name, tick, advance)

    async def release(self, waiting: Tick) -> Passed:
        return await self._pass("waiting", waiting.schedule, waiting, None)

    async def trigger(self, tick: Tick) -> Passed:
        return await self._pass("hand", tick.schedule, tick, None)

    async def _pass(self, how: str, name: str, tick: Tick | None, advance: Advance | None) -> Passed:
        moves = (
            (advance.next_ms, advance.following_ms, advance.dropped, advance.rule) if advance else (None, None, 0, None)
        )
        said = (raw(tick.text()), tick.run) if tick else (None, None)
        by = raw(tick.by) if tick else None
        row = await self._database.row("tick", new_call(), self._app, name, how, *said, *moves, by)
        match row["answer"]:
            case ["started", noted_ms]:
                return Passed("started", tick=_noted(int(noted_ms), row["tick"]))
            case [status, run]:
                return Passed(status, run=UUID(run))
            case [status]:
                return Passed(status)
        return Passed("missing")

    async def drop(self, tick: Tick) -> bool:
        return bool(await self._database.value("untick", self._app, tick.schedule, tick.run))

    async def confirm(self, runs: Sequence[UUID]) -> None:
        await self._database.rows("confirm_ticks", self._app, list(runs))

    async def operate(self, name: str, act: Act, operator: str, advance: Advance | None = None) -> bool | None:
        moves = (advance.next_ms, advance.following_ms, advance.dropped) if advance else (None, None, 0)
        match await self._database.value("operate", new_call(), self._app, name, act, raw(operator), *moves):
            case [changed]:
                return None if int(changed) < 0 else bool(int(changed))
        raise ScheduleNotFoundError(f"app {self._app} has no schedule {name!r} on this server")


def _noted(noted_ms: int, tick: bytes) -> NotedTick:
    return NotedTick(Tick.parse(tick.decode()), noted_ms)


def _record(row: dict[str, Any]) -> ScheduleRecord:
    return ScheduleRecord(
        name=row["name"],
        workflow=row["workflow"],
        rule=row["rule"],
        missed=row["missed"],
        overlap=row["overlap"],
        next_ms=row["next_ms"],
        claimed_ms=row["claimed_ms"],
        paused_ms=row["paused_ms"],
        paused_by=words(row["paused_by"]),
        waiting=Tick.parse(row["waiting"].decode()) if row["waiting"] else None,
        last=_noted(row["last_ms"], row["last"]) if row["last"] else None,
        started=row["started"],
        skipped=row["skipped"],
        dropped=row["dropped"],
        skipped_ms=row["skipped_ms"],
        dropped_ms=row["dropped_ms"],
    )
