"""A run that is not done by its deadline fails, whoever is there then; its steps and those who wait are told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runtime import App, Context, RunDeadlineError, RunFailedError
from runtime.admin import Admin
from runtime.client.run import Run
from runtime.facts import RunEnded
from runtime.semconv import RunOutcome, StepOutcome
from runtime.settings import Settings
from runtime.state.keys import StateKeys
from runtime.testing import Recorder
from tests.waiting import until

HOUR = 3600.0


class Desk:
    """An app whose only step takes as long as a test wants, or waits for a word."""

    def __init__(self, settings: Settings, facts: Recorder, deadline: Any = None) -> None:
        self.app = App("logistics", settings=settings, observer=facts)
        self.report = self.app.workflow("report", words=bool, deadline=deadline)
        self.goes_on = asyncio.Event()
        self.begun = 0

        @self.report.step
        async def gather(words: bool, ctx: Context) -> str:
            self.begun += 1
            if words:
                return str(await ctx.wait_for("word", into=str))
            await self.goes_on.wait()
            return "done"

    async def let_hour_pass(self, run: Run) -> None:
        """Has the deadline of a run be an hour sooner."""
        session = self.app.session
        await session.server.client.zincrby(StateKeys("logistics").deadlines, -3_600_000, str(run.id))


async def test_at_its_deadline_a_run_fails_and_names_what_is_cut_off(settings: Settings, facts: Recorder):
    """Its result says so in an error of its own; what the attempt makes afterwards is refused."""
    desk = Desk(settings, facts)
    async with desk.app:
        run = await desk.app.start(desk.report, words=False, deadline=HOUR)
        await until(lambda: desk.begun, "the step is under way")
        await desk.let_hour_pass(run)
        with pytest.raises(RunDeadlineError, match=r"not done by its deadline: it had to .* cut off: gather"):
            await run.result(20)
        desk.goes_on.set()
        await until(lambda: [one for one in facts.attempts if one.ended], "the attempt has ended")
    (ended,) = facts.of(RunEnded)
    assert (ended.outcome, ended.error_type, ended.failed_step) == (RunOutcome.FAILED, "RunDeadlineError", "gather")
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.STALE]
    assert issubclass(RunDeadlineError, RunFailedError)


async def test_a_run_whose_workers_all_died_is_ended_by_whoever_comes_later(settings: Settings, facts: Recorder):
    """However late; a step that nobody began is none that failed."""
    desk = Desk(settings, facts, deadline=timedelta(milliseconds=20))
    async with desk.app.client():
        run = await desk.app.start(desk.report, words=False)

        async def is_overdue() -> bool:
            return bool((await desk.app.session.store.find_overdue(9)).runs)

        await until(is_overdue)
        assert await run.status() == "running"
        await desk.app.session.store.claim(*await _claimed(desk))  # by a worker that is not there any more
    async with desk.app:
        assert await until(lambda: _ended(desk, run.id)) == "failed"


async def _claimed(desk: Desk) -> Any:
    (task,) = await desk.app.session.store.list_due(1)
    return task, "gone|1", 60_000, []


async def _ended(desk: Desk, run: Any) -> str | None:
    record = await desk.app.session.store.get(run)
    return record.status if record is not None and record.is_over else None


async def test_who_waits_for_an_answer_waits_no_more(settings: Settings, facts: Recorder, admin: Admin):
    """The error names what was waited for, and the run waits for nothing."""
    desk = Desk(settings, facts)
    async with desk.app:
        run = await desk.app.start(desk.report, words=True, deadline=HOUR)
        await until(lambda: admin.waits(run.id), "the step waits")
        await desk.let_hour_pass(run)
        with pytest.raises(RunDeadlineError, match=r"it waited for 'word' \(step gather\)"):
            await run.result(20)
        assert await admin.waits(run.id) == []


async def test_the_start_says_another_deadline_than_the_workflow(settings: Settings, facts: Recorder):
    """A moment is one, too."""
    desk = Desk(settings, facts, deadline=3600)
    async with desk.app.client():
        store = desk.app.session.store
        hour, minute = await desk.app.start(desk.report, words=False), datetime.now(UTC) + timedelta(minutes=1)
        sooner = await desk.app.start(desk.report, words=False, deadline=minute)
        records = [await store.get(one.id) for one in (hour, sooner)]
    assert records[0] is not None
    assert records[1] is not None
    assert records[0].deadline_ms == records[0].accepted_ms + 3_600_000
    assert records[1].deadline_ms == int(minute.timestamp() * 1000)


async def test_the_deadline_of_a_run_ends_those_that_its_steps_wait_for(settings: Settings, facts: Recorder):
    """As a cancel does."""
    desk = Desk(settings, facts)
    parent = desk.app.workflow("parent", words=bool)
    parent.step(desk.report)
    async with desk.app:
        run = await desk.app.start(parent, words=False, deadline=HOUR)
        await until(lambda: desk.begun, "the inner run is under way")
        await desk.let_hour_pass(run)
        with pytest.raises(RunDeadlineError):
            await run.result(20)
        inner = next(one for one in await desk.app.session.store.runs(9) if one.workflow == "report")
        assert inner.status == "cancelled"
        desk.goes_on.set()
