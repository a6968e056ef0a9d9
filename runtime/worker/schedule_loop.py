"""Starts what an app's schedules are due for. Each worker looks; the server decides who claims a tick."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from runtime.definitions.schedule import BuiltSchedule
from runtime.runs import ticks
from runtime.runs.end_reports import EndReports
from runtime.runs.ticks import TickStarter
from runtime.schedules.planning import GRACE_MS, DropTicks, StartTick, WaitUntil, plan_next
from runtime.semconv import TickKind
from runtime.state.contract import StateStore
from runtime.state.presence import Presence
from runtime.state.schedules import (
    DeclaredSchedule,
    NotedTick,
    ScheduleAdvance,
    ScheduleBoard,
    ScheduleRecord,
    Schedules,
    TickResult,
)
from runtime.worker.loop import sleep_unless_stopped

_log = logging.getLogger("causeline.schedules")

#: Seconds between two looks, at most: what an operator did is seen that soon.
LOOK_EVERY: Final = 1.0
#: Age in ms from which on a worker starts the run of a tick that another one claimed.
ORPHAN_MS: Final = 2_000
#: Age in ms from which on a tick is overdue: nobody alive goes by its rule.
OVERDUE_MS: Final = 10_000
#: A worker that was silent for so long, in ms, does not count as one that goes by a rule.
_SILENT_MS: Final = 10_000


class ScheduleLoop:
    """Attends to the schedules of one app.

    Args:
        app: its name.
        schedules: those that its code declares.
        store: of its runs.
        book: of its schedules.
        presence: knows its workers.
        starter: starts runs of ticks.
        ends: is told of runs that a tick cancels.
        stopping: set when the worker is told to stop.
    """

    def __init__(
        self,
        app: str,
        schedules: Sequence[BuiltSchedule],
        store: StateStore,
        book: Schedules,
        presence: Presence,
        starter: TickStarter,
        ends: EndReports,
        stopping: asyncio.Event,
    ) -> None:
        self._app = app
        self._schedules = {one.schedule.name: one for one in schedules}
        self._declared = {name: build_declaration(one) for name, one in self._schedules.items()}
        self._store = store
        self._book = book
        self._presence = presence
        self._starter = starter
        self._ends = ends
        self._stopping = stopping
        self._is_declared = False

    async def run_once(self) -> None:
        """One look, then a rest, until something is due."""
        board = await self._book.read_board()
        if not self._is_declared:
            await self._declare_all(board)
            board = await self._book.read_board()
        for noted in board.ticks:
            await self._adopt_tick(noted, board.now_ms)
        waits = [await self._attend_schedule(declared, board) for declared in self._declared.values()]
        await self._starter.confirm()
        await sleep_unless_stopped(self._stopping, max(0.0, min(LOOK_EVERY, *waits)))

    async def confirm(self) -> None:
        """Confirms what is told of ticks and exported."""
        await self._starter.confirm()

    async def _declare_all(self, board: ScheduleBoard) -> None:
        for declared in self._declared.values():
            await self._declare(declared, board.now_ms)
        for record in board.schedules:
            if record.name not in self._declared:
                _log.warning(
                    "schedule %s is declared no more by app %s: it stands still unless another worker's code has it; "
                    "`causeline schedules remove %s` removes it",
                    record.name,
                    self._app,
                    record.name,
                )
        self._is_declared = True

    async def _declare(self, declared: DeclaredSchedule, now_ms: int) -> None:
        former = await self._book.declare(declared, declared.when.after(now_ms))
        if former:
            _log.warning("schedule %s goes by another rule now: %s, formerly %s", declared.name, declared.when, former)

    async def _attend_schedule(self, declared: DeclaredSchedule, board: ScheduleBoard) -> float:
        """Does what is to be done about a schedule now; seconds until there may be more."""
        record = board.find(declared.name)
        if record is None:  # somebody removed it, or the server lost its data
            await self._declare(declared, board.now_ms)
            return 0.0
        if record.rule != declared.rule:
            await self._take_over(declared, record, board.now_ms)
            return LOOK_EVERY
        if record.paused_ms is not None:
            return LOOK_EVERY
        if (waiting := record.waiting) is not None:
            await self._start_run(await self._pass_gate(declared, lambda: self._book.release(waiting)))
        match plan_next(declared.when, declared.missed, record.next_ms, board.now_ms, record.claimed_ms):
            case WaitUntil(until_ms):
                return (until_ms - board.now_ms) / 1000
            case DropTicks(following_ms, dropped):
                advance = ScheduleAdvance(record.next_ms, following_ms, dropped, record.rule)
                passed = await self._book.claim(declared.name, None, advance)
                self._warn_of_dropped(declared, passed, dropped)
            case StartTick() as start:
                await self._claim_tick(declared, record, start)
        return 0.0

    async def _claim_tick(self, declared: DeclaredSchedule, record: ScheduleRecord, start: StartTick) -> None:
        advance = ScheduleAdvance(record.next_ms, start.following_ms, start.dropped, record.rule)
        tick = ticks.build_due_tick(self._app, declared.name, declared.workflow, start.at_ms, is_late=start.is_late)
        passed = await self._pass_gate(declared, lambda: self._book.claim(declared.name, tick, advance))
        self._warn_of_dropped(declared, passed, start.dropped)
        if passed.status in ("skipped", "waits"):
            _log.info("schedule %s: a tick %s, as run %s goes on", declared.name, passed.status, passed.run)
        await self._start_run(passed)

    def _warn_of_dropped(self, declared: DeclaredSchedule, passed: TickResult, dropped: int) -> None:
        if dropped and passed.status not in ("stale", "missing"):
            _log.warning(
                "schedule %s missed %d tick%s that nobody was there for: %s dropped (missed=%r)",
                declared.name,
                dropped,
                "" if dropped == 1 else "s",
                "it is" if dropped == 1 else "they are",
                declared.missed,
            )

    async def _pass_gate(self, declared: DeclaredSchedule, ask: Callable[[], Awaitable[TickResult]]) -> TickResult:
        return await ticks.pass_gate(ask, self._store, self._ends, f"schedule {declared.name}")

    async def _start_run(self, passed: TickResult) -> None:
        if passed.status == "started" and passed.tick is not None:
            await self._starter.start_run(self._schedules[passed.tick.tick.schedule], passed.tick)

    async def _adopt_tick(self, noted: NotedTick, now_ms: int) -> None:
        """Starts the run of a tick that an operator said, or whose worker is gone."""
        tick = noted.tick
        schedule = self._schedules.get(tick.schedule)
        is_own = tick.kind != TickKind.HAND and now_ms - noted.noted_ms < ORPHAN_MS
        if schedule is None or is_own or tick in self._starter:
            return
        is_too_late = tick.kind != TickKind.HAND and now_ms - tick.at_ms > GRACE_MS
        if is_too_late and schedule.schedule.missed == "none" and await self._book.drop(tick):
            _log.warning(
                "schedule %s: a tick was claimed by a worker that is gone, and is dropped: it is late", tick.schedule
            )
            return
        await self._starter.start_run(schedule, noted)

    async def _take_over(self, declared: DeclaredSchedule, record: ScheduleRecord, now_ms: int) -> None:
        """Has a schedule go by this worker's rule, where it goes by another one that no worker alive declares: that of
        a version that was rolled back, say."""
        if record.paused_ms is not None or now_ms - record.next_ms < OVERDUE_MS:
            return
        for worker in await self._presence.workers():
            if worker.silent_ms < _SILENT_MS and (record.name, record.rule) in worker.record.schedules:
                return
        await self._declare(declared, now_ms)


def build_declaration(built: BuiltSchedule) -> DeclaredSchedule:
    """A schedule as servers are told of it."""
    one = built.schedule
    return DeclaredSchedule(one.name, built.workflow.name, one.when, one.missed, one.overlap)


def schedule_rules(schedules: Sequence[BuiltSchedule]) -> tuple[tuple[str, str], ...]:
    """What a worker says of the schedules that its code declares: their names and rules."""
    return tuple((one.schedule.name, build_declaration(one).rule) for one in schedules)
