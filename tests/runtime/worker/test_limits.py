"""Limits of agents hold over all workers: what is over them is not begun, uses no attempt up, and is begun in time."""

import asyncio
from typing import Any

import pytest

from runtime import App, Context, Usage
from runtime.definitions.serving import ALL
from runtime.resilience.retry import Retry
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker import step_loop
from runtime.worker.worker import Worker
from tests.runtime.worker.test_lanes import working
from tests.waiting import a_turn, until


class Desk:
    """An app whose only step is for a limited agent, and does what it is told.

    Attributes:
        most: how many attempts were under way at once.
    """

    def __init__(self, settings: Settings, facts: Recorder, **bounds: int) -> None:
        self.app = App("desk", settings=settings, observer=facts)
        self.app.agent("research", **bounds)
        self.work = self.app.workflow("work", order=int)
        self.work.step(name="search", agent="research", retry=Retry(attempts=3, first_delay=0))(self._search)
        self.facts = facts
        self.most = self.under_way = 0
        self.go_on = asyncio.Event()

    async def _search(self, order: int, ctx: Context) -> int:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.spends(order, ctx)
        finally:
            self.under_way -= 1
        return order

    async def spends(self, order: int, ctx: Context) -> None:
        """What the step does, until a test says otherwise."""
        await a_turn()

    async def began(self, count: int) -> bool:
        return len(self.facts.attempts) >= count

    async def aside(self) -> int:
        """How many steps wait for the limit."""
        return sum(lane.due for lane in await self.app.session.store.lanes())


async def test_no_more_are_under_way_at_once_over_all_workers(settings: Settings, facts: Recorder):
    """The first stay until all others wait for the limit; then all are done, each in its first attempt."""
    desk, full = Desk(settings, facts, at_once=2), asyncio.Event()
    desk.spends = lambda order, ctx: full.wait()
    async with desk.app.client() as app, working(app, ALL, ALL, ALL):
        runs = [await app.start(desk.work, order=order) for order in range(40)]
        await until(lambda: _is(desk.aside, 38))
        full.set()
        assert await asyncio.gather(*(run.result(60) for run in runs)) == list(range(40))
    assert desk.most == 2
    assert {one.begun.attempt for one in facts.attempts} == {1}


async def test_what_waits_for_the_limit_begins_as_soon_as_there_is_room(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """It is not looked for now and then: thirty follow one another where that would be once a minute."""
    monkeypatch.setattr(step_loop, "BLOCK", 60)
    desk = Desk(settings, facts, at_once=1)
    async with desk.app.client() as app, working(app, ALL):
        runs = [await app.start(desk.work, order=order) for order in range(30)]
        async with asyncio.timeout(20):
            await asyncio.gather(*(run.result(60) for run in runs))


async def test_what_waits_for_the_limit_keeps_no_other_agent_waiting(settings: Settings, facts: Recorder):
    """However much there is of it, and though it was there before."""
    desk = Desk(settings.model_copy(update={"concurrency": 4}), facts, at_once=1)
    other = desk.app.workflow("other")
    other.step(name="look")(lambda: 7)
    hold = asyncio.Event()

    async def waits(order: int, ctx: Context) -> None:
        await hold.wait()

    desk.spends = waits
    async with desk.app.client() as app, working(app, ALL):
        for order in range(300):
            await app.start(desk.work, order=order)
        assert await (await app.start(other)).result(30) == 7
        await until(lambda: _is(desk.aside, 299))
        hold.set()
        await until(lambda: _is(desk.aside, 0))


async def _is(count: Any, wanted: int) -> bool:
    return await count() == wanted


async def test_a_paused_agent_begins_nothing(settings: Settings, facts: Recorder):
    """And its worker rests; a worker of a version that raises the limit takes all up."""
    paused, raised = Desk(settings, facts, at_once=0), Desk(settings, facts, at_once=5)
    async with paused.app.client() as app, working(app, ALL) as [worker]:
        runs = [await app.start(paused.work, order=order) for order in range(5)]
        await until(lambda: _is(paused.aside, 5))
        assert await worker.drain(10)
        assert not facts.attempts
    async with raised.app:
        results = [await (await raised.app.get_run(run.id)).result(30) for run in runs]
    assert results == list(range(5))


async def test_recorded_calls_count_one_by_one(settings: Settings, facts: Recorder):
    """An attempt with none, or one, counts as one; what comes from the record counts as none."""
    desk = Desk(settings, facts, calls_per_minute=4)

    async def calls(order: int, ctx: Context) -> None:
        for number in range(order):
            await ctx.once("ask", lambda: 1, key=str(number))
        if order == 3 and ctx.attempt == 1:
            raise OSError("no route")

    desk.spends = calls
    async with desk.app.client() as app, working(app, ALL):
        assert await (await app.start(desk.work, order=3)).result(30) == 3  # three calls, and another attempt
        await app.start(desk.work, order=1)
        await until(lambda: _is(desk.aside, 1))
        assert [one.begun.attempt for one in facts.attempts] == [1, 2]


@pytest.mark.parametrize("call", ["told", "at most", "none"])
async def test_tokens_that_are_reported_count_also_where_the_attempt_fails(
    settings: Settings, facts: Recorder, call: str
):
    """Of a recorded call, which counts as what it may cost where nobody tells, or beside; nothing more begins until
    they are a minute old."""
    desk = Desk(settings, facts, tokens_per_minute=1000)

    async def asks(order: int, ctx: Context) -> None:
        if call == "at most":
            await ctx.once("ask", lambda: 1, key=str(ctx.attempt), at_most=Usage(tokens=500))
        elif call == "told":
            await ctx.once(
                "ask", lambda: 1, key=str(ctx.attempt), usage=lambda _: Usage(input_tokens=300, output_tokens=200)
            )
        else:
            await ctx.spent(Usage(tokens=500))
        raise OSError("no route")

    desk.spends = asks
    async with desk.app.client() as app, working(app, ALL):
        await app.start(desk.work, order=1)
        await app.start(desk.work, order=2)
        await until(lambda: _is(desk.aside, 2))
        [room] = await app.session.store.rooms([app.session.app.limits["research"]], 1)
    assert room.free == 0
    assert len(facts.attempts) in {2, 3}  # one may begin before another has told


@pytest.mark.parametrize("at_once", [None, 1])
async def test_a_fan_out_is_bounded_by_its_items(settings: Settings, facts: Recorder, at_once: int | None):
    """Each is counted, also where one follows the other; spreading and gathering them runs no code of the agent, and
    takes no permit."""
    app = App("desk", settings=settings, observer=facts)
    app.agent("research", at_once=2, calls_per_minute=4)
    work, most = app.workflow("work", names=list[str]), [0, 0]

    @work.step(over="names", agent="research", at_once=at_once)
    async def search(name: str) -> str:
        most[0] += 1
        most[1] = max(most)
        await app.session.store.list_due(9)  # others may come meanwhile
        most[0] -= 1
        return name.upper()

    async with app.client(), working(app, ALL, ALL):
        assert await (await app.start(work, names=list("abc"))).result(30) == list("ABC")
        [room] = await app.session.store.rooms([app.session.app.limits["research"]], 1)
    assert most[1] <= 2
    assert room.free == 1


async def test_what_a_gone_worker_held_counts_no_more(settings: Settings, facts: Recorder):
    """As soon as its loss is noticed."""
    desk = Desk(settings, facts, at_once=1)
    limit = desk.app.build().limits["research"]
    async with desk.app.client() as app:
        runs = [await app.start(desk.work, order=order) for order in range(3)]
        [task, *_] = await app.session.store.list_due(9)
        assert await app.session.store.claim(task, "gone|1", 60_000, [], limits=(limit,))
        async with working(app, ALL) as [worker]:
            await until(lambda: _is(desk.aside, 2))
            assert not facts.attempts
            assert await worker._recovery.forfeit("gone", "lost") == 1
            assert await asyncio.gather(*(run.result(30) for run in runs)) == [0, 1, 2]
    assert desk.most == 1


async def test_no_cell_is_started_for_what_the_limit_does_not_let_begin(settings: Settings, facts: Recorder):
    """It would find nothing to do, again and again."""
    desk = Desk(settings, facts, at_once=2)
    limit = desk.app.build().limits["research"]
    async with desk.app.client() as app:
        for order in range(4):
            await app.start(desk.work, order=order)
        for number, task in enumerate(await app.session.store.list_due(9)):
            assert await app.session.store.claim(task, f"{'on' if number == 3 else 'gone'}|{number}", 60_000, [])
        assert await app.session.store.forfeit("gone", "lost") == 3
        worker = Worker(app.session)
        assert len(await worker._steps.suspects(9)) == 2
        [task] = (await app.session.store.suspects(1))[:1]
        assert await app.session.store.claim(task.task, "cell|1", 60_000, [], isolated=True, limits=(limit,))
        assert len(await worker._steps.suspects(9)) == 1
