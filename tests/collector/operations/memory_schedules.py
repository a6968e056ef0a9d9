"""The schedules of a bus in memory."""

from dataclasses import replace

from runtime.admin import (
    AppSchedule,
    ScheduleInUseError,
    ScheduleNotFoundError,
    ScheduleRecord,
    TickResult,
    UnpauseResult,
)
from tests.collector.story import MS, ORIGIN_NS

BEGAN_MS = ORIGIN_NS // MS


class MemorySchedules:
    """Schedules that a test has put in, and what operators did to them."""

    def __init__(self) -> None:
        self.planned: list[AppSchedule] = []
        self.done: list[tuple[str, str, str]] = []
        self.passed = TickResult("missing")

    async def ping(self) -> None:
        """Answers unless it is away."""

    def plan(self, name: str = "nightly", app: str = "shop", workers: int = 1, **facts: object) -> None:
        """Adds a schedule of workflow `report`, due each hour."""
        known = {"rule": "", "missed": "latest", "overlap": "skip", "next_ms": BEGAN_MS + 3_600_000}
        record = ScheduleRecord(name, "report", **(known | facts))  # type: ignore[arg-type] # as a test says them
        self.planned.append(AppSchedule(app, record, "0 * * * * (UTC)", [record.next_ms], workers))

    async def schedules(self) -> list[AppSchedule]:
        """What was put in."""
        await self.ping()
        return self.planned

    async def pause_schedule(self, name: str, operator: str, *, app: str = "") -> bool:
        """Pauses what was put in."""
        at = await self._place(name, app)
        was = self.planned[at]
        self.planned[at] = replace(was, record=replace(was.record, paused_ms=BEGAN_MS, paused_by=operator))
        self.done.append(("pause", name, operator))
        return was.record.paused_ms is None

    async def unpause_schedule(self, name: str, operator: str, *, app: str = "") -> UnpauseResult:
        """Lets it go on, with two ticks dropped."""
        at = await self._place(name, app)
        was = self.planned[at]
        self.planned[at] = replace(was, record=replace(was.record, paused_ms=None, dropped=was.record.dropped + 2))
        self.done.append(("unpause", name, operator))
        return UnpauseResult(was.record.paused_ms is not None, was.record.next_ms, 2)

    async def run_schedule(self, name: str, operator: str, *, app: str = "") -> TickResult:
        """What was put in as what becomes of a tick."""
        await self._place(name, app)
        self.done.append(("run", name, operator))
        return self.passed

    async def remove_schedule(self, name: str, operator: str, *, app: str = "") -> None:
        """Removes what no worker declares."""
        at = await self._place(name, app)
        if self.planned[at].workers:
            raise ScheduleInUseError(f"schedule {name} of app {app} is declared by 1 live worker: pause it")
        del self.planned[at]
        self.done.append(("remove", name, operator))

    async def _place(self, name: str, app: str) -> int:
        await self.ping()
        for at, one in enumerate(self.planned):
            if (one.app, one.record.name) == (app, name):
                return at
        raise ScheduleNotFoundError(f"no app has a schedule {name!r} on this server")
