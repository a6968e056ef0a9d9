"""Schedules start runs: each tick one, whatever workers there are, and whatever becomes of them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from runtime import App, Budget, CatchUp, Context, Every
from runtime.admin import Admin
from runtime.client.backend import Backend
from runtime.errors import ScheduleInUseError
from runtime.facts import RunStarted, Ticked
from runtime.runs import ticks
from runtime.runs.ticks import TickStarter
from runtime.schedules.policies import Missed, Overlap
from runtime.semconv import TickKind
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.state.redis_schedules import RedisSchedules
from runtime.state.runs import RunRecord
from runtime.state.schedules import NotedTick, ScheduleAdvance, ScheduleRecord, Tick, TickResult
from runtime.testing import Recorder
from runtime.worker.schedule_loop import build_declaration
from tests.waiting import until

DAY = 86_400_000
DAILY = Every(days=1)


class Office:
    """An app with one schedule, `nightly`, that is due each day, and a test that says which days were missed."""

    def __init__(self, settings: Settings, facts: Recorder, backend: Backend, clients: Clients) -> None:
        self.settings, self.facts, self.backend = settings, facts, backend
        self.book, self.client = RedisSchedules(clients, "logistics"), clients.commands
        self.begun: list[str] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    def app(self, when: Every = DAILY, missed: Missed = "latest", overlap: Overlap = "skip", **more: Any) -> App:
        """Another process of it."""
        app = App("logistics", settings=self.settings, observer=self.facts)
        report = app.workflow("report", region=str)

        @report.step
        async def gather(region: str, ctx: Context) -> str:
            self.begun.append(region)
            await self.goes_on.wait()
            return region

        app.schedule("nightly", report, when, **({"inputs": {"region": "eu"}} | more), missed=missed, overlap=overlap)
        return app

    async def record(self) -> ScheduleRecord | None:
        return (await self.book.read_board()).find("nightly")

    async def miss(self, days: int) -> int:
        """Has it be due since so many days before the last midnight; that time."""
        board = await self.book.read_board()
        await until(self.record, "the schedule is declared")
        since = (board.now_ms // DAY - days) * DAY
        await self.client.hset(self.book.keys.schedule("nightly"), "next", since)
        return since

    async def runs(self, count: int) -> list[RunRecord]:
        """Waits until there are so many runs, the newest first."""

        async def found() -> list[RunRecord] | None:
            runs = await self.backend.store.runs(100)
            return runs if len(runs) >= count else None

        return await until(found, f"there are {count} runs")

    async def counted(self, **expected: int) -> ScheduleRecord:
        """Waits until so many ticks are counted."""

        async def reached() -> ScheduleRecord | None:
            record = await self.record()
            return record if record and all(getattr(record, name) == n for name, n in expected.items()) else None

        return await until(reached, f"the schedule has {expected}")


@pytest.fixture
def office(settings: Settings, facts: Recorder, backend: Backend, clients: Clients) -> Office:
    """An app with a schedule."""
    return Office(settings, facts, backend, clients)


@asynccontextmanager
async def working(*apps: App) -> AsyncIterator[None]:
    """Several processes of an app at once, each in a loop's worker of its own."""
    for app in apps:
        await app.__aenter__()
    try:
        yield
    finally:
        for app in apps:
            await app.__aexit__(None, None, None)


async def test_an_interval_starts_runs_with_its_inputs_by_itself(office: Office):
    """One after the other; each says what caused it."""
    async with office.app(Every(seconds=1)):
        runs = await office.runs(2)
    board = await office.book.read_board()
    assert {run.inputs["region"] for run in runs} == {'"eu"'}
    times = sorted(one.due_ms for one in office.facts.of(Ticked))
    assert times[1] - times[0] == 1000
    assert {run.causation_id for run in runs} <= {one.node_id for one in office.facts.of(Ticked)}
    assert board.ticks == []  # what is told is noted no more


async def test_two_workers_start_one_run_a_tick(office: Office):
    """However often both look: nobody starts one twice, and the tick is one node with one run."""
    async with working(office.app(), office.app(), office.app()):
        since = await office.miss(0)
        (run,) = await office.runs(1)
        await office.counted(started=1, next_ms=since + DAY)
    facts = {one.node_id for one in office.facts.of(Ticked)}
    assert (
        facts == {run.causation_id} == {ticks.build_due_tick("logistics", "nightly", "report", since, is_late=False).id}
    )
    assert office.begun == ["eu"]


async def test_after_an_outage_the_latest_runs_and_the_log_says_how_many_were_missed(
    office: Office, caplog: pytest.LogCaptureFixture
):
    """By default."""
    async with office.app():
        since = await office.miss(5)
        record = await office.counted(started=1, dropped=5)
        assert record.last is not None
        assert record.last.tick.at_ms == since + 5 * DAY
    assert "schedule nightly missed 5 ticks" in caplog.text
    assert len(office.begun) == 1


async def test_none_of_the_missed_runs_where_none_is_to(office: Office, monkeypatch: pytest.MonkeyPatch):
    """They are counted, and the next one is as it would have been."""
    monkeypatch.setattr("runtime.schedules.planning.GRACE_MS", -1)
    async with office.app(missed="none"):
        since = await office.miss(2)
        record = await office.counted(dropped=3)
        assert (record.started, record.next_ms) == (0, since + 3 * DAY)
    assert office.begun == []


async def test_all_of_the_missed_run_one_after_the_other_up_to_a_number(office: Office):
    """The oldest first; what is beyond the number is told as dropped."""
    async with office.app(missed=CatchUp(at_most=3, per_minute=6000), overlap="allow"):
        since = await office.miss(5)
        await office.runs(3)
        await office.counted(started=3, dropped=3, next_ms=since + 6 * DAY)
    told = office.facts.of(Ticked)
    assert [one.due_ms for one in told] == [since + days * DAY for days in (3, 4, 5)]
    assert [one.tick_kind for one in told][:2] == [TickKind.LATE] * 2


async def test_a_run_in_the_way_is_cancelled_by_the_tick_and_the_audit_says_so(office: Office):
    """Where the schedule says so; the new one starts."""
    office.goes_on.clear()
    async with office.app(missed=CatchUp(at_most=2, per_minute=6000), overlap="cancel"):
        await office.miss(1)
        newest, oldest = await office.runs(2)
        await until(lambda: len(office.begun) == 2)
        assert ((await office.backend.store.get(oldest.id)) or oldest).status == "cancelled"
        assert ((await office.backend.store.get(newest.id)) or newest).status == "running"
        (audit,) = [one for _, one in await office.backend.store.audit(None, 9) if one.action == "cancel"]
        assert (audit.operator, audit.run_id) == ("schedule nightly", oldest.id)
        await office.backend.store.cancel(newest.id)
        office.goes_on.set()


async def test_a_tick_that_waits_starts_when_the_run_before_has_ended(office: Office, admin: Admin):
    """And one by hand waits behind it no more than another."""
    office.goes_on.clear()
    async with office.app(overlap="buffer"):
        await office.miss(0)
        (first,) = await office.runs(1)
        assert (await admin.run_schedule("nightly", "ann")).status == "waits"
        assert (await admin.run_schedule("nightly", "ann")).status == "skipped"
        await office.backend.store.cancel(first.id)
        second, _ = await office.runs(2)
        await office.backend.store.cancel(second.id)
        office.goes_on.set()
    assert [one.operator for one in office.facts.of(Ticked)] == ["", "ann"]


async def test_what_a_worker_claimed_and_did_not_live_to_start_another_one_starts(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """The same tick, with the same run."""
    monkeypatch.setattr("runtime.worker.schedule_loop.ORPHAN_MS", 0)
    async with office.app():
        claimed = await _claimed_by_a_dead_worker(office)
        (run,) = await office.runs(1)
        assert run.id == claimed.run
        await until(lambda: office.begun)
    assert {one.node_id for one in office.facts.of(Ticked)} == {claimed.id}


async def test_what_a_dead_worker_claimed_too_long_ago_is_dropped_where_nothing_late_is_to_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    """Staleness counts at each attempt to start it, not at the first alone."""
    monkeypatch.setattr("runtime.worker.schedule_loop.ORPHAN_MS", 0)
    monkeypatch.setattr("runtime.worker.schedule_loop.GRACE_MS", -DAY)
    async with office.app(missed="none"):
        await _claimed_by_a_dead_worker(office)
        await office.counted(dropped=1)
    assert (await office.backend.store.runs(9), office.begun) == ([], [])


async def _claimed_by_a_dead_worker(office: Office) -> Tick:
    """Claims the tick of the last midnight as a worker that dies right after that."""
    book, record = office.book, await until(office.record)
    at_ms = (await book.read_board()).now_ms // DAY * DAY
    tick = ticks.build_due_tick("logistics", "nightly", "report", at_ms, is_late=False)
    passed = TickResult("stale")
    while passed.status == "stale":  # the worker that lives was faster
        await office.client.hset(book.keys.schedule("nightly"), "next", at_ms)
        passed = await book.claim("nightly", tick, ScheduleAdvance(at_ms, at_ms + 2 * DAY, 0, record.rule))
    assert passed.status == "started"
    return tick


async def test_told_twice_a_tick_and_its_run_are_the_same_spans(office: Office, facts: Recorder):
    """Also by processes that know nothing of each other."""
    app = office.app()
    async with app.client():
        tick = ticks.build_due_tick("logistics", "nightly", "report", DAY, is_late=False)
        session, (schedule,) = app.session, app.session.app.schedules
        for _ in range(2):
            starter = TickStarter(session.store, session.schedules, session.accounts, facts, "logistics", "", 1.0)
            await starter.start_run(schedule, NotedTick(tick, DAY + 5))
    assert len(set(facts.of(Ticked))) == 1
    assert len({(one.span.trace_id, one.span.span_id, one.at_ns) for one in facts.of(RunStarted)}) == 1
    (ticked, started) = facts.of(Ticked)[0], facts.of(RunStarted)[0]
    assert (started.causation_id, started.parent, started.correlation_id) == (tick.id, ticked.span, tick.id)


async def test_a_paused_schedule_rests_and_what_was_due_meanwhile_is_dropped_and_told(office: Office, admin: Admin):
    """It is due again at the time that it would have been."""
    async with office.app():
        record = await until(office.record)
        assert await admin.pause_schedule("nightly", "ann")
        assert not await admin.pause_schedule("nightly", "ann")
        since = await office.miss(3)
        unpaused = await admin.unpause_schedule("nightly", "ann")
        assert (unpaused.changed, unpaused.dropped, unpaused.next_ms) == (True, 4, record.next_ms)
        assert not (await admin.unpause_schedule("nightly", "ann")).changed
        assert (await office.counted(dropped=4, started=0)).next_ms == since + 4 * DAY


async def test_run_by_hand_it_starts_at_once_and_is_due_when_it_was(office: Office, admin: Admin):
    """The tick says who wanted it."""
    async with office.app():
        record = await until(office.record)
        passed = await admin.run_schedule("nightly", "ann")
        (run,) = await office.runs(1)
        assert passed.tick is not None
        assert passed.tick.tick.run == run.id
        assert (await until(office.record)).next_ms == record.next_ms
    (told,) = set(office.facts.of(Ticked))
    assert (told.operator, told.tick_kind) == ("ann", TickKind.HAND)


async def test_a_schedule_that_is_declared_no_more_stands_still_and_the_log_says_so(
    office: Office, admin: Admin, caplog: pytest.LogCaptureFixture
):
    """Who operates sees that no worker has it, and may remove it; while one has, that is refused."""
    async with office.app():
        await until(office.record)
        with pytest.raises(ScheduleInUseError, match="schedule nightly of app logistics is declared by 1 live worker"):
            await admin.remove_schedule("nightly", "ann")
    other = App("logistics", settings=office.settings, observer=office.facts)
    summary = other.workflow("summary", region=str)
    summary.step(name="gather")(lambda region: region)
    other.schedule("weekly", summary, Every(days=7), inputs={"region": "eu"})
    with caplog.at_level(logging.WARNING):
        async with other:
            await until(lambda: "schedule nightly is declared no more" in caplog.text)
            found = {one.record.name: one.workers for one in await admin.schedules()}
            assert found == {"nightly": 0, "weekly": 1}
            await admin.remove_schedule("nightly", "ann")
    assert await office.record() is None


async def test_with_another_rule_it_goes_by_that_and_a_former_version_leaves_it_alone(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """But when nobody alive has that rule any more, as after a roll-back: then the former version takes it over."""
    monkeypatch.setattr("runtime.worker.schedule_loop.OVERDUE_MS", 0)
    async with office.app():
        book, new = office.book, office.app(Every(days=2))
        (built,) = new.build().schedules
        record = await until(office.record)
        since = await office.miss(0)
        await office.counted(started=1)
        assert await book.declare(build_declaration(built), since) == record.rule
        taken = await until(lambda: _by_rule(office, record.rule), "the former version has it again")
        assert taken.next_ms > since
    assert "goes by another rule now" in caplog.text


async def _by_rule(office: Office, rule: str) -> ScheduleRecord | None:
    record = await office.record()
    return record if record and record.rule == rule else None


async def test_each_run_of_a_schedule_may_have_a_budget_of_its_own(office: Office):
    """One that is spent parks that run alone."""
    async with office.app(missed=CatchUp(at_most=2, per_minute=6000), overlap="allow", budget=Budget(hops=1)) as app:
        await office.miss(1)
        runs = await office.runs(2)
        accounts = [await app.session.accounts.get(run.id) for run in runs]
        assert [run.budget for run in runs] == [run.id for run in runs]
        assert [one.id for one in accounts if one is not None] == [run.id for run in runs]
