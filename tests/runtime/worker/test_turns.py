"""Limits by key hold over all workers, and values of keys take turns, so that none of them starves."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from runtime import App, Context, KeyLimit, Usage, limit
from runtime.definitions.serving import ALL
from runtime.errors import DefinitionError, RunFailedError
from runtime.resilience.retry import Retry
from runtime.settings import Settings
from runtime.state.runs import Lane, WaitingKey
from runtime.state.tasks import Claim, Commit, Task
from runtime.testing import Recorder
from runtime.worker import step_loop
from runtime.worker.worker import Worker
from tests.runtime.worker.test_lanes import serving, working
from tests.waiting import a_turn, until

WIDE: Final = 99
"""More than ever are under way."""


class Agency:
    """An app that does work for tenants: a search by an agent, then a report.

    Attributes:
        most: how many attempts of a tenant were under way at once.
        order: whose searches have begun, one after the other.
        spends: what a search does beside.
    """

    def __init__(
        self,
        settings: Settings,
        facts: Recorder,
        *,
        agent: KeyLimit | None = None,
        work: KeyLimit | None = None,
        step: KeyLimit | None = None,
        slots: int | None = None,
    ) -> None:
        chosen = settings.model_copy(update={"concurrency": slots}) if slots else settings
        self.app = App("agency", settings=chosen, observer=facts)
        if agent:
            self.app.agent("research", limits=[agent])
        self.work = self.app.workflow("work", limits=[work] if work else None, tenant=str)
        again = Retry(attempts=3, first_delay=0)
        self.work.step(name="search", agent="research", retry=again, limits=[step] if step else None)(self._search)
        self.work.step(name="report", retry=again)(self._report)
        self.most, self.under_way = Counter[str](), Counter[str]()
        self.order: list[str] = []
        self.spends: Callable[[Context], Awaitable[object]] = lambda ctx: a_turn()

    async def _search(self, tenant: str, ctx: Context) -> str:
        self.order.append(tenant)
        return await self._at_work(tenant, ctx)

    async def _report(self, tenant: str, search: str, ctx: Context) -> str:
        return await self._at_work(tenant, ctx)

    async def _at_work(self, tenant: str, ctx: Context) -> str:
        self.under_way[tenant] += 1
        self.most[tenant] = max(self.most[tenant], self.under_way[tenant])
        try:
            await self.spends(ctx)
        finally:
            self.under_way[tenant] -= 1
        return tenant

    async def done(self, app: App, *tenants: str) -> list[Any]:
        """Runs for tenants, until all have ended."""
        runs = [await app.start(self.work, tenant=tenant) for tenant in tenants]
        return await asyncio.gather(*(run.result(60) for run in runs))

    async def lanes(self) -> list[Lane]:
        return await self.app.session.store.lanes()

    async def wait(self, count: int) -> bool:
        """Whether so many steps wait for a limit, or a turn."""
        return sum(lane.due for lane in await self.lanes()) == count


@pytest.mark.parametrize("where", ["agent", "work", "step"])
async def test_no_tenant_has_more_under_way_than_the_limit_says(settings: Settings, facts: Recorder, where: str):
    """Over all workers: the first stay until all others wait for the limit. And each run ends, each step in its first
    attempt."""
    agency, full = Agency(settings, facts, **{where: limit(key="tenant", at_once=2)}), asyncio.Event()
    agency.spends = lambda ctx: full.wait()
    tenants = [f"tenant {number % 3}" for number in range(60)]
    async with agency.app.client() as app, working(app, ALL, ALL, ALL):
        async with asyncio.TaskGroup() as both:
            done = both.create_task(agency.done(app, *tenants))
            await until(lambda: agency.wait(54))
            assert agency.most == dict.fromkeys(tenants, 2)
            full.set()
        assert done.result() == tenants
        assert await agency.lanes() == []
        permits = await app.session.server.client.keys("*permits*")
    if where == "work":  # of a workflow all steps together, of others the report is not bounded
        assert agency.most == dict.fromkeys(tenants, 2)
    assert {one.begun.attempt for one in facts.attempts} == {1}
    assert permits == []


async def test_two_steps_of_a_workflow_share_its_limit(settings: Settings, facts: Recorder):
    """Both come to it, also where one of them has always something due."""
    agency = Agency(settings, facts, work=limit(key="tenant", at_once=1))
    async with agency.app.client() as app, working(app, ALL):
        runs = [await app.start(agency.work, tenant="acme") for _ in range(30)]
        await runs[0].result(30)
        assert len(agency.order) < 30
        await asyncio.gather(*(run.result(60) for run in runs))
    assert agency.most["acme"] == 1


@pytest.mark.parametrize("slots", [1, 4])
async def test_one_step_of_a_tenant_does_not_wait_for_hundreds_of_another(
    settings: Settings, facts: Recorder, slots: int
):
    """Though those were there before, and nothing but slots is scarce."""
    agency = Agency(settings, facts, slots=slots, agent=limit(key="tenant", at_once=WIDE))
    async with agency.app.client() as app:
        for _ in range(500):
            await app.start(agency.work, tenant="large")
        small = await app.start(agency.work, tenant="small")
        async with working(app, ALL):
            await until(lambda: _began(agency, "small"))
            assert agency.order.index("small") <= slots
            await small.result(30)
            assert agency.order.count("large") < 500


async def _began(agency: Agency, tenant: str) -> bool:
    return tenant in agency.order


@pytest.mark.parametrize("slots", [1, 3])
async def test_tenants_have_equal_shares_while_all_have_work(settings: Settings, facts: Recorder, slots: int):
    """Whatever each of them has waiting, over several workers."""
    agency = Agency(settings, facts, slots=slots, step=limit(key="tenant", at_once=WIDE))
    tenants = ["a"] * 200 + ["b"] * 40 + ["c"] * 80 + ["d"] * 40
    async with agency.app.client() as app:
        runs = [await app.start(agency.work, tenant=tenant) for tenant in tenants]
        async with working(app, ALL, ALL):
            await asyncio.gather(*(run.result(60) for run in runs))
    shares = Counter(agency.order[:120])
    assert all(abs(shares[tenant] - 30) <= 2 * slots + 2 for tenant in "abcd"), shares


async def test_other_work_has_its_turns_where_a_worker_has_one_slot(settings: Settings, facts: Recorder):
    """What no limit holds for does not wait until all that has one is done."""
    agency = Agency(settings, facts, slots=1, agent=limit(key="tenant", at_once=WIDE))
    other = agency.app.workflow("other")
    other.step(name="look")(lambda: 7)
    async with agency.app.client() as app:
        for _ in range(100):
            await app.start(agency.work, tenant="acme")
        run = await app.start(other)
        async with working(app, ALL):
            assert await run.result(30) == 7
    assert len(agency.order) < 100


async def test_a_lone_tenant_may_use_all_that_the_limit_gives(settings: Settings, facts: Recorder):
    """Turns cost nothing where nobody else waits."""
    agency = Agency(settings, facts, agent=limit(key="tenant", at_once=5))
    at_once = asyncio.Barrier(5)

    async def meets(ctx: Context) -> None:
        async with asyncio.timeout(20):
            await at_once.wait()

    agency.spends = meets
    async with agency.app.client() as app, working(app, ALL):
        assert await agency.done(app, *["acme"] * 5) == ["acme"] * 5


async def test_what_waits_begins_as_soon_as_there_is_room(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """It is not looked for now and then, also where a worker of another agent has to take it."""
    monkeypatch.setattr(step_loop, "BLOCK", 60)
    agency = Agency(settings, facts, work=limit(key="tenant", at_once=1))
    async with agency.app.client() as app, working(app, serving("research"), serving("report")):
        async with asyncio.timeout(20):
            await agency.done(app, *["acme"] * 20)


async def test_whoever_shares_a_limit_is_told_that_there_is_room(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """Here a worker of another agent, where nothing else is due that would wake it."""
    monkeypatch.setattr(step_loop, "BLOCK", 60)
    agency = Agency(settings, facts, work=limit(key="tenant", at_once=1))
    async with agency.app.client() as app:
        store, limits = app.session.store, app.session.app.workflows["work"].steps["search"].limits
        runs = [await app.start(agency.work, tenant="acme") for _ in range(2)]
        holding, done = [Task(run.id, "work", "search") for run in runs]
        first = await store.claim(done, "w1|1", 60_000, [], limits=limits)
        assert isinstance(first, Claim)
        assert await store.commit(first, Commit('"acme"', ["report"]))
        second = await store.claim(holding, "w1|2", 60_000, [], limits=limits)
        assert isinstance(second, Claim)
        admission = Worker(app.session)._steps._admission
        async with working(app, serving("report")):
            await until(lambda: agency.wait(1))
            await until(lambda: _sleeps(app))
            assert await store.retry(second, 60_000)
            await admission.announce_room(admission.permits(second))
            assert await runs[1].result(4) == "acme"  # a worker looks after five seconds all the same


async def _sleeps(app: App) -> bool:
    """Whether no wake-up is left of what was due before."""
    keys = app.session.store.keys
    return not await app.session.server.client.exists(keys.wake, keys.lane_wake("report"))


async def test_a_tenant_at_its_limit_keeps_no_other_waiting(settings: Settings, facts: Recorder):
    """However much it has waiting."""
    agency, hold = Agency(settings, facts, slots=4, agent=limit(key="tenant", at_once=2)), asyncio.Event()
    agency.spends = lambda ctx: hold.wait() if agency.order.count("acme") <= 2 and ctx.attempt == 1 else a_turn()
    async with agency.app.client() as app, working(app, ALL):
        for _ in range(100):
            await app.start(agency.work, tenant="acme")
        await until(lambda: agency.wait(98))
        [lane] = await agency.lanes()
        assert lane.keys == (WaitingKey((("tenant", "acme"),), 98, lane.oldest.for_ms),)
        agency.spends = lambda ctx: a_turn()
        assert await agency.done(app, "bode", "cato") == ["bode", "cato"]
        assert agency.order.count("acme") == 2
        hold.set()
        await until(lambda: agency.wait(0))


async def test_recorded_calls_and_tokens_count_for_their_tenant(settings: Settings, facts: Recorder):
    """Another one's are not touched."""
    pace = limit(key="tenant", calls_per_minute=3, tokens_per_minute=100)
    agency = Agency(settings, facts, agent=pace)

    async def calls(ctx: Context) -> None:
        for number in range(2):
            await ctx.once("ask", lambda: 1, key=str(number), usage=lambda _: Usage(tokens=50))

    agency.spends = calls
    async with agency.app.client() as app, working(app, ALL):
        assert await agency.done(app, "acme", "bode") == ["acme", "bode"]
        await app.start(agency.work, tenant="acme")
        await until(lambda: agency.wait(1))
        assert await agency.done(app, "cato") == ["cato"]
        spent = {key: await app.session.server.client.hgetall(key) for key in await _spent(app)}
    assert len(spent) == 3
    for fields in spent.values():
        assert sum(int(value) for field, value in fields.items() if field.startswith(b"c")) == 2
        assert sum(int(value) for field, value in fields.items() if field.startswith(b"t")) == 100


async def _spent(app: App) -> Any:
    return await app.session.server.client.keys("*spent*")


async def test_items_and_undos_count_for_the_tenant_of_their_run(settings: Settings, facts: Recorder):
    """Spreading and gathering does not."""
    app, most = App("agency", settings=settings, observer=facts), [0, 0, 0]
    work = app.workflow("work", limits=[limit(key="order.tenant", at_once=2)], order=dict[str, Any])

    async def counted() -> None:
        most[0] += 1
        most[1] = max(most[:2])
        await app.session.store.list_due(9)  # others may come meanwhile
        most[0] -= 1

    async def unpack(item: int) -> None:
        most[2] += 1
        await counted()

    @work.step(over="names", undo=unpack, retry=Retry(attempts=1))
    async def pack(item: int) -> int:
        await counted()
        return item

    work.step(name="names")(lambda: list(range(9)))

    @work.step(retry=Retry(attempts=1))
    async def ship(pack: list[int]) -> None:
        raise OSError("no carrier")

    async with app.client(), working(app, ALL, ALL):
        run = await app.start(work, order={"tenant": "acme"})
        with pytest.raises(RunFailedError):
            await run.result(30)
        await until(lambda: _undone(most))
    assert most[1] <= 2


async def _undone(most: list[int]) -> bool:
    return most[2] == 9


async def test_the_runs_of_a_workflow_within_another_have_keys_of_their_own(settings: Settings, facts: Recorder):
    """From the inputs that they are given; one that can't be fails the step, by name."""
    agency = Agency(settings, facts, work=limit(key="tenant", at_once=1))
    whole = agency.app.workflow("whole", tenant=str)
    whole.step(name="part")(agency.work)
    async with agency.app.client() as app, working(app, ALL):
        runs = [await app.start(whole, tenant="acme") for _ in range(5)]
        assert await asyncio.gather(*(run.result(30) for run in runs)) == ["acme"] * 5
        with pytest.raises(RunFailedError, match=r"'tenant' of a run of workflow work, .* is empty"):
            await (await app.start(whole, tenant="")).result(60)
        with pytest.raises(DefinitionError, match=r"'tenant' of a run of workflow work, .* is empty"):
            await app.start(agency.work, tenant="")
    assert agency.most == {"acme": 1}


async def test_what_another_version_set_aside_takes_no_turn_of_what_waits_behind_it(
    settings: Settings, facts: Recorder
):
    """Its worker is gone, and this one does not know the step."""
    former = Agency(settings, facts, agent=limit(key="tenant", at_once=1))
    gone = former.app.workflow("gone", tenant=str)
    gone.step(name="lost", agent="research")(lambda: 1)
    async with former.app.client() as app:
        for _ in range(3):
            await app.start(gone, tenant="acme")
        worker = Worker(app.session)
        assert await worker._steps.due(9)
        assert await former.wait(3)
    agency = Agency(settings, facts, agent=limit(key="tenant", at_once=1))
    async with agency.app.client() as app, working(app, ALL):
        assert await agency.done(app, "acme", "acme") == ["acme", "acme"]


async def test_a_version_without_the_limit_takes_up_what_was_set_aside(settings: Settings, facts: Recorder):
    """And one with it, runs that have no key."""
    paused, without = Agency(settings, facts, agent=limit(key="tenant", at_once=0)), Agency(settings, facts)
    async with paused.app.client() as app, working(app, ALL):
        runs = [await app.start(paused.work, tenant=f"tenant {number}") for number in range(3)]
        await until(lambda: paused.wait(3))
    async with without.app.client() as app:
        async with working(app, ALL):
            assert len(await asyncio.gather(*[(await app.get_run(run.id)).result(30) for run in runs])) == 3
        late = await app.start(without.work, tenant="acme")
    async with paused.app.client() as app, working(app, ALL):
        assert await (await app.get_run(late.id)).result(30) == "acme"


async def test_no_cell_is_started_for_what_the_limit_does_not_let_begin(settings: Settings, facts: Recorder):
    """It would find nothing to do, again and again."""
    agency = Agency(settings, facts, agent=limit(key="tenant", at_once=2))
    async with agency.app.client() as app:
        for tenant in ("acme", "acme", "acme", "bode"):
            await app.start(agency.work, tenant=tenant)
        for number, task in enumerate(await app.session.store.list_due(9)):
            assert await app.session.store.claim(task, f"gone|{number}", 60_000, [])
        assert await app.session.store.forfeit("gone", "lost") == 4
        assert len(await Worker(app.session)._steps.suspects(9)) == 3
