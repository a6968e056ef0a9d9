"""What operators do to schedules, of whatever app."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from runtime.errors import DefinitionError, ScheduleInUseError, ScheduleNotFoundError
from runtime.facts import Observer
from runtime.runs import ticks
from runtime.runs.end_reports import EndReports
from runtime.runs.registry import RunRegistry
from runtime.schedules import spec
from runtime.schedules.planning import count_due, due_from
from runtime.state.schedules import ScheduleAdvance, ScheduleRecord, TickResult
from runtime.supervisor.threads import run_in_thread

#: Next times that are told of a schedule.
_FORESEEN: Final = 3
#: The year 3000, in ms.
_FOR_EVER: Final = 32_503_680_000_000


@dataclass(frozen=True, slots=True)
class AppSchedule:
    """A schedule, and the app that it is of.

    Attributes:
        when: it is due, in words.
        times: its next ones, in ms since 1970 (UTC); the first may have passed where nobody has claimed it yet.
        workers: how many live ones have it in their code: where there is none, it stands still.
    """

    app: str
    record: ScheduleRecord
    when: str
    times: Sequence[int]
    workers: int


@dataclass(frozen=True, slots=True)
class UnpauseResult:
    """A schedule goes on: when it is due next, and how many ticks of the time that it was paused are dropped."""

    changed: bool
    next_ms: int
    dropped: int


class ScheduleOperations:
    """Finds schedules, and operates on them. Args: the `runs` of a server, who is told of ends, and for how long, in
    ms, a worker may be silent that counts as live."""

    def __init__(self, runs: RunRegistry, observer: Observer, live_ms: int) -> None:
        self._runs = runs
        self._observer = observer
        self._live_ms = live_ms

    async def schedules(self) -> list[AppSchedule]:
        """All schedules of all apps, by app and name."""
        live = [one for one in await self._runs.workers() if one.seen.silent_ms <= self._live_ms]
        found: list[AppSchedule] = []
        for app in await self._runs.apps():
            for record in (await self._runs.schedules(app).read_board()).schedules:
                declaring = [one for one in live if one.app == app and record.name in dict(one.seen.record.schedules)]
                when, times = _foresee(record)
                found.append(AppSchedule(app, record, when, times, len(declaring)))
        return found

    async def pause_schedule(self, name: str, operator: str, *, app: str = "") -> bool:
        """Has a schedule start nothing, but by hand.

        Args:
            name: of the schedule.
            operator: who says so, for the audit.
            app: whose; by default the only one that has it.

        Returns:
            Whether it was not paused yet.

        Raises:
            ScheduleNotFoundError: there is none, or several apps have one.
        """
        found = await self._find_app(name, app)
        return bool(await self._runs.schedules(found).operate(name, "pause", operator))

    async def unpause_schedule(self, name: str, operator: str, *, app: str = "") -> UnpauseResult:
        """Lets a paused schedule go on. Ticks of the time that it was paused are dropped.

        Arguments and errors are those of `pause_schedule`.
        """
        found = await self._find_app(name, app)
        book = self._runs.schedules(found)
        while True:
            board = await book.read_board()
            record = board.find(name)
            if record is None:
                raise _schedule_not_found(name)
            advance = await run_in_thread(partial(_skip_past, record, board.now_ms))
            changed = await book.operate(name, "unpause", operator, advance)
            if changed is not None:  # else it has moved on meanwhile
                return UnpauseResult(changed, advance.following_ms, advance.dropped if changed else 0)

    async def run_schedule(self, name: str, operator: str, *, app: str = "") -> TickResult:
        """Has a schedule tick now, whatever its rule says; what runs already counts as for other ticks.

        Arguments and errors are those of `pause_schedule`.

        Returns:
            What became of the tick.
        """
        found = await self._find_app(name, app)
        book, store = self._runs.schedules(found), self._runs.store(found)
        board = await book.read_board()
        record = board.find(name)
        if record is None:
            raise _schedule_not_found(name)
        tick = ticks.build_manual_tick(found, name, record.workflow, board.now_ms, operator)
        return await ticks.pass_gate(
            lambda: book.trigger(tick), store, EndReports(store, self._observer), f"{operator}, by schedule {name}"
        )

    async def remove_schedule(self, name: str, operator: str, *, app: str = "") -> None:
        """Removes a schedule that no code declares any more; runs that it started stay.

        Arguments are those of `pause_schedule`.

        Raises:
            ScheduleNotFoundError: there is none, or several apps have one.
            ScheduleInUseError: live workers declare it, and would make it anew.
        """
        found = await self._find_app(name, app)
        for one in await self.schedules():
            if (one.app, one.record.name) == (found, name) and one.workers:
                count = f"{one.workers} live worker{'s' if one.workers > 1 else ''}"
                raise ScheduleInUseError(
                    f"schedule {name} of app {found} is declared by {count}: take it out of the code and deploy that "
                    f"first, or pause it"
                )
        await self._runs.schedules(found).operate(name, "remove", operator)

    async def _find_app(self, name: str, app: str) -> str:
        """The app whose schedule is meant."""
        apps = [app] if app else await self._runs.apps()
        having = [one for one in apps if (await self._runs.schedules(one).read_board()).find(name) is not None]
        if not having:
            raise _schedule_not_found(name)
        if len(having) > 1:
            raise ScheduleNotFoundError(f"several apps have a schedule {name!r}: say which: {', '.join(having)}")
        return having[0]


def _schedule_not_found(name: str) -> ScheduleNotFoundError:
    return ScheduleNotFoundError(f"no app has a schedule {name!r} on this server: `causeline schedules list` shows all")


def _skip_past(record: ScheduleRecord, now_ms: int) -> ScheduleAdvance:
    """How a schedule goes on without what was due by now."""
    when = spec.decode_rule(record.rule)
    dropped = count_due(when, record.next_ms, now_ms)
    return ScheduleAdvance(record.next_ms, when.after(now_ms) if dropped else record.next_ms, dropped, record.rule)


def _foresee(record: ScheduleRecord) -> tuple[str, list[int]]:
    """When a schedule is due, in words and times."""
    try:
        when = spec.decode_rule(record.rule)
    except DefinitionError as error:  # its zone is known to its workers alone
        return str(error), [record.next_ms]
    return str(when), list(islice(due_from(when, record.next_ms, _FOR_EVER), _FORESEEN))
