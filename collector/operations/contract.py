"""What the collector asks of the live bus. Implemented by `runtime.admin.Admin`, and in memory by the tests."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Protocol
from uuid import UUID

from runtime.admin import (
    Account,
    AppBacklog,
    AppSchedule,
    AppWorker,
    AuditPage,
    BreakerRecord,
    Budget,
    ChannelLedger,
    DeadLetter,
    DeadLetterCount,
    DeadLetterPage,
    FoundRun,
    FoundWait,
    GroupRetirement,
    Mode,
    OpenWait,
    ParkedUnder,
    Settlement,
    ShadowRecord,
    StreamEvent,
    StreamPage,
    TickResult,
    UnpauseResult,
)


class Operations(Protocol):
    """Reads and changes the bus's own records, which are the source of truth; spans never are.

    Every method raises `runtime.admin.ServerError` when the bus can't be reached. Lists are newest first; a cursor is
    what the page before said, and pages by it repeat and skip nothing that was there all the time; any other text
    raises `runtime.admin.QueryError`.
    """

    async def close(self) -> None:
        """Gives the connection back."""
        ...

    async def ping(self) -> None:
        """Returns when the bus answers."""
        ...

    async def channels(self) -> list[ChannelLedger]:
        """Returns all channels, and what their groups owe."""
        ...

    async def backlogs(self) -> list[AppBacklog]:
        """Returns what the runs of each app owe, and how many live workers it has."""
        ...

    async def workers(self) -> list[AppWorker]:
        """Returns all workers and cells that are known, by app, those heard of last first."""
        ...

    async def schedules(self) -> list[AppSchedule]:
        """Returns all schedules, by app and name."""
        ...

    async def pause_schedule(self, name: str, operator: str, *, app: str = "") -> bool:
        """Pauses a schedule, and returns whether it was not paused yet. Raises `ScheduleNotFoundError` where there is
        none; so do the following."""
        ...

    async def unpause_schedule(self, name: str, operator: str, *, app: str = "") -> UnpauseResult:
        """Lets a schedule go on, and returns how."""
        ...

    async def run_schedule(self, name: str, operator: str, *, app: str = "") -> TickResult:
        """Has a schedule tick now, and returns what became of that."""
        ...

    async def remove_schedule(self, name: str, operator: str, *, app: str = "") -> None:
        """Removes a schedule. Raises `ScheduleInUseError` where live workers declare it."""
        ...

    async def run(self, id: UUID) -> FoundRun | None:  # noqa: A002 the bus's own word
        """Returns a run of any app as it stands, or None."""
        ...

    async def cancel(self, id: UUID, operator: str) -> bool:  # noqa: A002 the bus's own word
        """Ends a run, and returns whether it was still going on. Raises `RunNotFoundError` where there is none."""
        ...

    async def resume(self, id: UUID, operator: str) -> None:  # noqa: A002 the bus's own word
        """Lets a failed run go on. Raises `RunNotFoundError` where there is none, `RunNotFailedError` where it has not
        failed."""
        ...

    async def undo(self, id: UUID, operator: str) -> bool:  # noqa: A002 the bus's own word
        """Undoes what a run that has ended has done, and returns whether there is anything to undo. Raises
        `RunNotFoundError` where there is none, `RunGoesOnError` where it goes on."""
        ...

    async def has_undos(self, id: UUID) -> bool:  # noqa: A002 the bus's own word
        """Returns whether something of a run is left to undo. Raises `RunNotFoundError` where there is none."""
        ...

    async def undo_failures(self, limit: int = 100) -> list[FoundRun]:
        """Returns runs of which an undo has failed for good, so many of each app, those first that are so the
        longest."""
        ...

    async def budgets(self, limit: int = 100) -> list[Account]:
        """Returns the budgets that were declared last, the newest first."""
        ...

    async def spent_budgets(self, limit: int = 100) -> list[Account]:
        """Returns the budgets under which something is parked, those first that are so the longest."""
        ...

    async def budget(self, id: UUID) -> Account:  # noqa: A002 the bus's own word
        """Returns a budget. Raises `BudgetNotFoundError` where there is none; so do the following."""
        ...

    async def filter_ended_runs(self, runs: Sequence[tuple[str, UUID]]) -> set[UUID]:
        """Returns those of some runs, each of an app, that have ended."""
        ...

    async def find_parked_steps(self, run: FoundRun) -> list[ParkedUnder]:
        """Returns the steps of a run that wait for a budget over it, the longest first."""
        ...

    async def to_come(self, run: FoundRun) -> dict[str, tuple[str, ...]]:
        """Returns the steps of a run that have not begun, each with those that it waits for."""
        ...

    async def raise_budget(self, id: UUID, more: Budget, operator: str) -> int:  # noqa: A002 the bus's own word
        """Adds to the limits that a budget has, and returns how much was parked under it."""
        ...

    async def cancel_budget(self, id: UUID, operator: str) -> int:  # noqa: A002 the bus's own word
        """Lets nothing under a budget begin any more, and returns how much was parked under it."""
        ...

    async def breakers(self) -> list[BreakerRecord]:
        """Returns all breakers, by name."""
        ...

    async def breaker(self, name: str) -> BreakerRecord:
        """Returns a breaker. Raises `BreakerNotFoundError` where there is none; so do the following."""
        ...

    async def open_breaker(self, name: str, operator: str, reason: str) -> None:
        """Opens a breaker for its cool-down."""
        ...

    async def hold_breaker(self, name: str, operator: str, reason: str) -> None:
        """Keeps a breaker open until somebody closes it."""
        ...

    async def close_breaker(self, name: str, operator: str, reason: str) -> bool:
        """Closes a breaker, and returns whether it was open."""
        ...

    async def shadows(self) -> list[ShadowRecord]:
        """Returns all steps that are declared with a successor, by name."""
        ...

    async def shadow(self, step: str, workflow: str = "", app: str = "") -> ShadowRecord:
        """Returns one of them. Raises `StepNotFoundError` where there is none; so do the following."""
        ...

    async def switch_step(
        self, step: str, mode: Mode, operator: str, reason: str, workflow: str = "", app: str = ""
    ) -> Mode:
        """Says who does a step from now on, and returns who did it before."""
        ...

    async def compare_anew(self, step: str, operator: str, reason: str, workflow: str = "", app: str = "") -> None:
        """Forgets what was compared of a step."""
        ...

    async def waits(self, id: UUID) -> list[OpenWait]:  # noqa: A002 the bus's own word
        """Returns what a run waits for, the longest first. Raises `RunNotFoundError` where there is none."""
        ...

    async def all_waits(self, limit: int = 100) -> list[FoundWait]:
        """Returns what runs that go on wait for, so many waits at most, the longest first."""
        ...

    async def answer(
        self,
        id: UUID,  # noqa: A002 the bus's own word
        name: str,
        value: Any,
        operator: str,
        *,
        key: str = "",
        way: str = "",
        early: bool = False,
    ) -> bool:
        """Answers what a run waits for, with plain JSON, and returns whether a step waits for it now: what is early is
        kept. Raises `RunNotFoundError` where there is none, `AnswerRefusedError` where the answer is not taken."""
        ...

    async def read_stream_page(self, id: UUID, after: int, limit: int) -> StreamPage:  # noqa: A002 the bus's own word
        """Returns what a run has streamed after an offset. Raises `RunNotFoundError` where there is none, `QueryError`
        where nothing has that offset."""
        ...

    def stream(self, id: UUID, after: int = 0) -> AsyncGenerator[StreamEvent]:  # noqa: A002 the bus's own word
        """Yields what a run streams until it has ended; raises the same."""
        ...

    async def retire(self, channel: str, group: str, operator: str, reason: str) -> GroupRetirement:
        """Removes a group with all that it owes. Raises `GroupNotFoundError` where there is none, `GroupInUseError`
        where live workers serve it."""
        ...

    async def dead_letter_counts(self) -> list[DeadLetterCount]:
        """Returns how many letters wait for somebody, by channel, group and reason."""
        ...

    async def dead_letters(
        self,
        *,
        state: str = "dead",
        channel: str | None = None,
        group: str | None = None,
        reason: str | None = None,
        q: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> DeadLetterPage:
        """Returns dead letters of one state, without their history."""
        ...

    async def dead_letter(self, id: UUID) -> DeadLetter | None:  # noqa: A002 the bus's own word
        """Returns one letter with its history, or None."""
        ...

    async def replay(self, ids: Sequence[UUID], operator: str) -> list[Settlement]:
        """Sends letters again to the group that failed; one that is settled already stays as it is. Returns one
        settlement a letter, in the order asked."""
        ...

    async def discard(self, ids: Sequence[UUID], operator: str, reason: str) -> list[Settlement]:
        """Gives letters up; one that is settled already stays as it is. Returns one settlement a letter, in the order
        asked."""
        ...

    async def audit(self, *, limit: int = 50, cursor: str | None = None) -> AuditPage:
        """Returns what operators did."""
        ...
