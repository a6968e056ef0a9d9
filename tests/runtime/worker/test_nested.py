"""Work that waits for runs of its own worker gives its slot to them, however few there are."""

import asyncio

import pytest

from runtime import App, Context
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.crowd import Crowd
from tests.waiting import a_turn, until


@pytest.fixture
def app(settings: Settings, facts: Recorder) -> App:
    """An app with four slots, and a workflow of one step that others wait for."""
    app = App("logistics", settings=settings.model_copy(update={"concurrency": 4}), observer=facts)
    child = app.workflow("child", number=int)

    @child.step
    async def work(number: int) -> int:
        await a_turn()
        return number

    return app


async def child(app: App, number: int) -> int:
    """The result of a child run."""
    return int(await (await app.start(app._workflows["child"], number=number)).result(60))


async def test_more_parents_than_slots_wait_for_their_children(app: App):
    """Six on four: each has its child's result, and its slot again."""
    parent = app.workflow("parent", number=int)

    @parent.step
    async def call(number: int) -> int:
        return await child(app, number)

    async with app:
        runs = [await app.start(parent, number=number) for number in range(6)]
        assert await asyncio.gather(*(run.result(60) for run in runs)) == list(range(6))


async def test_runs_may_be_nested_deeply(app: App):
    """Three levels, each of which starts more than there are slots."""
    top, middle = app.workflow("top", number=int), app.workflow("middle", number=int)

    @middle.step(name="call")
    async def call_child(number: int) -> int:
        return await child(app, number)

    @top.step(name="call")
    async def call_middle(number: int) -> int:
        runs = [await app.start(middle, number=number + one) for one in range(5)]
        return sum(await asyncio.gather(*(run.result(60) for run in runs)))

    async with app:
        runs = [await app.start(top, number=10 * number) for number in range(5)]
        results = await asyncio.gather(*(run.result(60) for run in runs))
    assert results == [5 * 10 * number + 10 for number in range(5)]


async def test_a_step_that_waits_for_many_at_once_gives_back_one_slot(settings: Settings, facts: Recorder):
    """And no more work is under way than there are slots for."""
    app = App("logistics", settings=settings.model_copy(update={"concurrency": 2}), observer=facts)
    parent, leaf = app.workflow("parent"), app.workflow("leaf", number=int)
    crowd = Crowd(2)

    @leaf.step
    async def work(number: int) -> int:
        async with crowd.joined():
            await app.session.store.list_due(9)  # others may come meanwhile
        return number

    @parent.step
    async def call() -> int:
        runs = [await app.start(leaf, number=number) for number in range(10)]
        return sum(await asyncio.gather(*(run.result(60) for run in runs)))

    async with app:
        assert await (await app.start(parent)).result(60) == 45
    assert crowd.most == 2


async def test_handlers_that_wait_for_runs_give_their_slots_to_their_group(app: App):
    """Six deliveries on four slots, each of which publishes what another of them waits for."""
    heard: list[int] = []

    @app.subscribe("parcels", group="sms")
    async def text(number: int) -> None:
        assert await child(app, number) == number
        heard.append(number)

    async with app:
        for number in range(6):
            await app.publish("parcels", number)
        await until(lambda: len(heard) == 6)
    assert sorted(heard) == list(range(6))


async def test_work_that_waits_may_be_cut_off(app: App, facts: Recorder):
    """Its slot is free once, and the next attempt finds the run that it had started."""
    parent, started = app.workflow("parent"), list[str]()
    slow, go_on = app.workflow("slow"), asyncio.Event()

    @slow.step(name="work")
    async def wait() -> int:
        await go_on.wait()
        return 7

    @parent.step
    async def call(ctx: Context) -> int:
        run = await app.start(slow)
        started.append(str(run.id))
        return int(await run.result(60))

    async with app.client():
        run = await app.start(parent)
        for attempt in (1, 2):
            worker = Worker(app.session)
            await worker.start()
            await until(lambda attempt=attempt: len(started) == attempt)
            if attempt == 2:
                go_on.set()
                assert await run.result(60) == 7
            await worker.stop(0 if attempt == 1 else 60)
    assert len(set(started)) == 1


async def test_a_child_run_is_started_once_however_often_its_parent_is_tried(app: App):
    """Two of one workflow are two; the same attempt again finds both."""
    parent, ids = app.workflow("parent"), list[list[str]]()

    @parent.step
    async def call(ctx: Context) -> int:
        runs = [await app.start(app._workflows["child"], number=number) for number in range(2)]
        ids.append([str(run.id) for run in runs])
        if ctx.attempt < 3:
            raise OSError("no route")
        return sum([await run.result(60) for run in runs])

    async with app:
        assert await (await app.start(parent)).result(60) == 1
        assert len(await app.session.store.runs(10)) == 3
    assert len(ids) == 3
    assert len({tuple(one) for one in ids}) == 1
    assert len(set(ids[0])) == 2
