"""Schedules on PostgreSQL: a row each, and a function for each change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from runtime.errors import ScheduleNotFoundError
from runtime.state.postgres.database import Database, new_call_id
from runtime.state.postgres.rows import decode_text, encode_text
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


class PostgresSchedules:
    """`Schedules` of one app in one database.

    Args:
        database: where they are kept.
        app: the app's name.
    """

    def __init__(self, database: Database, app: str) -> None:
        self._database = database
        self._app = app

    async def read_board(self) -> ScheduleBoard:
        # Ticks first: one that is noted in between is then not there, though its schedule says that it passed.
        ticks = await self._database.fetch_rows("noted_ticks", self._app)
        rows = await self._database.fetch_rows("schedules", self._app)
        noted = [_parse_noted_tick(row["noted_ms"], row["tick"]) for row in ticks]
        return ScheduleBoard(await self._database.fetch_value("now_ms"), [_parse_record(row) for row in rows], noted)

    async def declare(self, schedule: DeclaredSchedule, next_ms: int) -> str | None:
        said = schedule.rule, schedule.workflow, schedule.missed_text, schedule.overlap, next_ms
        former: str | None = await self._database.fetch_value("declare", self._app, schedule.name, *said)
        return former

    async def claim(self, name: str, tick: Tick | None, advance: ScheduleAdvance) -> TickResult:
        return await self._pass_gate("due", name, tick, advance)

    async def release(self, waiting: Tick) -> TickResult:
        return await self._pass_gate("waiting", waiting.schedule, waiting, None)

    async def trigger(self, tick: Tick) -> TickResult:
        return await self._pass_gate("hand", tick.schedule, tick, None)

    async def _pass_gate(self, how: str, name: str, tick: Tick | None, advance: ScheduleAdvance | None) -> TickResult:
        moves = (
            (advance.next_ms, advance.following_ms, advance.dropped, advance.rule) if advance else (None, None, 0, None)
        )
        said = (encode_text(tick.text()), tick.run) if tick else (None, None)
        by = encode_text(tick.by) if tick else None
        row = await self._database.fetch_row("tick", new_call_id(), self._app, name, how, *said, *moves, by)
        match row["answer"]:
            case ["started", noted_ms]:
                return TickResult("started", tick=_parse_noted_tick(int(noted_ms), row["tick"]))
            case [status, run]:
                return TickResult(status, run=UUID(run))
            case [status]:
                return TickResult(status)
        return TickResult("missing")

    async def drop(self, tick: Tick) -> bool:
        return bool(await self._database.fetch_value("untick", self._app, tick.schedule, tick.run))

    async def confirm(self, runs: Sequence[UUID]) -> None:
        await self._database.fetch_rows("confirm_ticks", self._app, list(runs))

    async def operate(self, name: str, act: Act, operator: str, advance: ScheduleAdvance | None = None) -> bool | None:
        moves = (advance.next_ms, advance.following_ms, advance.dropped) if advance else (None, None, 0)
        match await self._database.fetch_value(
            "operate", new_call_id(), self._app, name, act, encode_text(operator), *moves
        ):
            case [changed]:
                return None if int(changed) < 0 else bool(int(changed))
        raise ScheduleNotFoundError(f"app {self._app} has no schedule {name!r} on this server")


def _parse_noted_tick(noted_ms: int, tick: bytes) -> NotedTick:
    return NotedTick(Tick.parse(tick.decode()), noted_ms)


def _parse_record(row: dict[str, Any]) -> ScheduleRecord:
    return ScheduleRecord(
        name=row["name"],
        workflow=row["workflow"],
        rule=row["rule"],
        missed=row["missed"],
        overlap=row["overlap"],
        next_ms=row["next_ms"],
        claimed_ms=row["claimed_ms"],
        paused_ms=row["paused_ms"],
        paused_by=decode_text(row["paused_by"]),
        waiting=Tick.parse(row["waiting"].decode()) if row["waiting"] else None,
        last=_parse_noted_tick(row["last_ms"], row["last"]) if row["last"] else None,
        started=row["started"],
        skipped=row["skipped"],
        dropped=row["dropped"],
        skipped_ms=row["skipped_ms"],
        dropped_ms=row["dropped_ms"],
    )
