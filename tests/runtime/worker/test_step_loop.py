"""A worker's slots are filled with steps that are due and that it knows."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import pytest

from runtime import App
from runtime.settings import Settings
from runtime.state.tasks import Task
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.crowd import Crowd
from tests.runtime.worker.bench import StepBench
from tests.waiting import a_turn, until


async def test_two_workers_share_the_work(settings: Settings, facts: Recorder):
    """Each step is done once."""
    benches = [StepBench(settings, facts) for _ in range(2)]
    seen: list[int] = []
    for bench in benches:

        @bench.work()
        async def work(order: int) -> None:
            seen.append(order)

    async with benches[0].app, benches[1].app:
        for number in range(60):
            await benches[number % 2].begin(number)
        await asyncio.gather(*(run.result(60) for bench in benches for run in bench.runs))
    assert sorted(seen) == list(range(60))


async def test_no_more_is_claimed_than_there_are_slots_for(settings: Settings, facts: Recorder):
    """What waits in a worker's memory is what its death delays."""
    stepping = StepBench(settings.model_copy(update={"concurrency": 3}), facts)
    crowd = Crowd(3)

    @stepping.work()
    async def work(order: int) -> None:
        async with crowd.joined():
            await stepping.app.session.store.list_due(9)  # others may come meanwhile

    async with stepping.app.client():
        runs = [await stepping.begin(number) for number in range(12)]
        async with stepping.app:
            await asyncio.gather(*(run.result(60) for run in runs))
    assert crowd.most == 3


async def test_no_more_tasks_are_looked_at_than_there_are_slots_for(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """A hundred would be read again and again while a fan-out's items are done."""
    stepping = StepBench(settings.model_copy(update={"concurrency": 3}), facts)
    stepping.work()(lambda order: order)
    asked: list[int] = []
    async with stepping.app as app:
        due = app.session.store.list_due

        async def counted(limit: int, skip: int = 0, without: Collection[str] = ()) -> list[Task]:
            asked.append(limit)
            return await due(limit, skip, without)

        monkeypatch.setattr(app.session.store, "list_due", counted)
        runs = [await stepping.begin(number) for number in range(12)]
        await asyncio.gather(*(run.result(60) for run in runs))
    assert 1 <= max(asked) <= 3


async def test_tasks_that_a_worker_does_not_know_keep_none_from_running(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """A workflow was renamed while hundreds of its runs were going on; the worker says so once."""
    old, new = (App("logistics", settings=settings, observer=facts) for _ in range(2))
    gone, work = old.workflow("gone"), new.workflow("work")
    gone.step(name="pack")(lambda: 1)
    work.step(name="send")(lambda: 2)
    async with old.client():
        for _ in range(230):
            await old.start(gone)
    async with new:
        run = await new.start(work)
        assert await run.result(60) == 2
    assert [record.getMessage().partition(",")[0] for record in caplog.records if "gone" in record.getMessage()] == [
        "step pack of workflow gone is due"
    ]


async def test_a_run_whose_data_was_removed_is_let_go(stepping: StepBench):
    """Somebody empties the server while its step is under way: nothing is committed, and the next run is done."""
    go_on, begun = asyncio.Event(), list[int]()

    @stepping.work()
    async def work(order: int) -> int:
        begun.append(order)
        await go_on.wait()
        return order

    async with stepping.app as app:
        await stepping.begin(1)
        await until(lambda: begun)
        await app.session.server.client.flushall()
        go_on.set()
        await until(lambda: stepping.outcomes)
        run = await stepping.begin(2)
        assert await run.result(60) == 2
    assert stepping.outcomes == [(1, "stale"), (1, "ok")]


def in_a_line(settings: Settings, facts: Recorder, middle: Callable[[], Awaitable[object]]) -> tuple[App, Any]:
    """An app whose workflow has three steps, one after the other; the one in the middle does something."""
    app = App("logistics", settings=settings, observer=facts)
    line = app.workflow("line", number=int)

    @line.step
    async def first(number: int) -> int:
        return number + 1

    @line.step
    async def second(first: int) -> int:
        await middle()
        return first + 1

    @line.step
    async def third(second: int) -> int:
        return second + 1

    return app, line


async def test_steps_in_a_line_are_not_asked_for_one_by_one(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """Each comes with the commit of the one before it."""
    app, line = in_a_line(settings, facts, lambda: a_turn())
    claimed: list[str] = []
    async with app:
        claim = app.session.store.claim

        async def counted(task: Task, *rest: Any, **more: Any) -> Any:
            claimed.append(task.step)
            return await claim(task, *rest, **more)

        monkeypatch.setattr(app.session.store, "claim", counted)
        run = await app.start(line, number=1)
        assert await run.result(60) == 4
    assert claimed == ["first"]


async def test_a_worker_that_is_to_stop_takes_no_step_with_its_commit(settings: Settings, facts: Recorder):
    """It ends what it has begun, and the next step is done elsewhere."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def middle() -> None:
        begun.set()
        await go_on.wait()

    app, line = in_a_line(settings, facts, middle)
    async with app.client():
        worker = Worker(app.session)
        await worker.start()
        run = await app.start(line, number=1)
        await asyncio.wait_for(begun.wait(), 60)
        stopping = asyncio.create_task(worker.stop(60))
        await until(worker._stopping.is_set)
        go_on.set()
        await stopping
        assert [task.step for task in await app.session.store.list_due(10)] == ["third"]
        assert await run.status() == "running"
