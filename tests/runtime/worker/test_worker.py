"""A worker takes what is due, and ends in order: what is under way ends, or is tried again elsewhere."""

import asyncio
import logging
from typing import Any

import pytest

from runtime import App, Context, Retry
from runtime.settings import Settings
from runtime.state.tasks import Claim
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.runtime.worker.bench import NAME, ONCE, WELL, Bench, HandlerBench, StepBench, counts
from tests.waiting import until


async def test_leaving_an_app_waits_for_what_is_due(bench: Bench):
    """What was begun before is done."""
    seen: list[int] = []

    @bench.work()
    async def work(order: int) -> None:
        seen.append(order)

    async with bench.app:
        for number in range(40):
            await bench.begin(number)
    assert sorted(seen) == list(range(40))


async def test_leaving_an_app_after_an_error_waits_for_nothing(bench: Bench):
    """Whoever fails wants to know at once; what was due is still due."""
    go_on, done = asyncio.Event(), list[int]()

    @bench.work()
    async def work(order: int) -> None:
        await go_on.wait()
        done.append(order)

    async def fails() -> None:
        async with bench.app:
            for number in range(100):
                await bench.begin(number)
            go_on.set()
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fails()
    assert len(done) < 100
    async with bench.app:
        pass
    assert sorted(done) == list(range(100))


async def test_a_stop_that_can_not_wait_lets_work_go_and_blames_nobody(bench: Bench):
    """Deploys cut off long work again and again; it is tried again at once, and is never poison."""
    go_on, seen = asyncio.Event(), list[int]()

    @bench.work(retry=ONCE)
    async def work(order: int, ctx: Context) -> None:
        seen.append(ctx.attempt)
        await go_on.wait()

    async with bench.app.client() as app:
        await bench.begin()
        for attempt in range(1, 8):
            worker = Worker(app.session)
            await worker.start()
            await until(lambda attempt=attempt: attempt in seen)
            if attempt == 7:
                go_on.set()
                assert await bench.ended() == WELL
            await worker.stop(grace=0 if attempt < 7 else 60)
    assert seen == list(range(1, 8))
    assert bench.outcomes == [(number, "cancelled") for number in range(1, 7)] + [(7, "ok")]


async def test_work_that_outlives_the_grace_is_cancelled_and_tried_again_elsewhere(
    bench: Bench, caplog: pytest.LogCaptureFixture
):
    """Nothing of the first attempt is committed, and how many were cut off is said."""
    slow = [True]

    @bench.work()
    async def work(order: int, ctx: Context) -> None:
        ctx.state.put("attempt", ctx.attempt)
        if slow:
            await asyncio.Event().wait()

    async with bench.app.client() as app:
        first = Worker(app.session)
        await first.start()
        await bench.begin()
        await until(lambda: bench.attempts)
        with caplog.at_level(logging.WARNING, "causeline.worker"):
            await first.stop(grace=0.01)
        assert "1 attempts did not end within" in caplog.text
        slow.clear()
        second = Worker(app.session)
        await second.start()
        assert await bench.ended() == WELL
        await second.stop(60)
    assert bench.outcomes == [(1, "cancelled"), (2, "ok")]


async def test_code_that_swallows_its_cancellation_does_not_hold_up_a_stop(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    """It is left behind, and its work is tried again elsewhere before the code has ended."""
    monkeypatch.setattr("runtime.worker.call.LAST_GRACE", 0.05)
    deaf, go_on, ended = [True], asyncio.Event(), list[int]()

    @bench.work(retry=ONCE)
    async def work(order: int, ctx: Context) -> None:
        while deaf and not go_on.is_set():
            try:
                await go_on.wait()
            except asyncio.CancelledError:
                deaf.clear()
                await go_on.wait()
        ended.append(ctx.attempt)

    async with bench.app.client() as app:
        first, second = Worker(app.session), Worker(app.session)
        await first.start()
        await bench.begin()
        await until(lambda: bench.attempts)
        await asyncio.wait_for(first.stop(0), 20)
        await second.start()
        assert await bench.ended() == WELL
        assert ended == [2]
        go_on.set()
        await until(lambda: ended == [2, 1])
        await second.stop(60)
    assert bench.outcomes == [(1, "cancelled"), (2, "ok")]


async def test_publishing_through_the_app_inside_work_waits_for_its_commit(bench: Bench):
    """Failed attempts publish nothing, by whatever door."""
    seen: list[int] = []

    @bench.work(retry=Retry(attempts=3, first_delay=0.0))
    async def work(order: int, ctx: Context) -> None:
        await bench.app.publish("noted", ctx.attempt)
        if ctx.attempt < 3:
            raise OSError("no tape")

    @bench.app.subscribe("noted", group="board")
    async def note(attempt: int) -> None:
        seen.append(attempt)

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
    assert seen == [3]


async def test_work_that_begins_while_a_drain_looks_around_is_waited_for(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """It was not due yet at the first look, and is not due any more at the last; it ends once the drain has thought
    about that."""
    stepping, done, go_on = StepBench(settings, facts), list[int](), asyncio.Event()
    stepping.app.subscribe("parcels", group="sms")(lambda parcel: None)

    @stepping.work()
    async def work(order: int) -> None:
        await go_on.wait()
        done.append(order)

    async with stepping.app.client() as app:
        worker, pending = Worker(app.session), app.session.bus.count_pending
        is_idle = worker._is_idle

        async def think() -> bool:
            found = await is_idle()
            go_on.set()
            return found

        async def look(channel: str, group: str) -> int:
            monkeypatch.setattr(app.session.bus, "count_pending", pending)
            await stepping.begin()
            await until(lambda: worker._step_slots.is_busy)
            return await pending(channel, group)

        await worker.start()
        monkeypatch.setattr(app.session.bus, "count_pending", look)
        monkeypatch.setattr(worker, "_is_idle", think)
        assert await worker.drain(10)
        assert done == [7]
        await worker.stop(60)


async def test_a_task_that_is_being_claimed_is_waited_for(stepping: StepBench, monkeypatch: pytest.MonkeyPatch):
    """The server has given it away, and the worker does not know yet."""
    taken, go_on, done = asyncio.Event(), asyncio.Event(), list[int]()

    @stepping.work()
    async def work(order: int) -> None:
        done.append(order)

    async with stepping.app.client() as app:
        worker, claim = Worker(app.session), app.session.store.claim

        async def slowly(*arguments: Any, **options: Any) -> Claim | None:
            claimed = await claim(*arguments, **options)
            taken.set()
            await go_on.wait()
            return claimed

        monkeypatch.setattr(app.session.store, "claim", slowly)
        await worker.start()
        await stepping.begin()
        await taken.wait()
        assert not await worker.drain(0.2)
        go_on.set()
        assert await worker.drain(10)
        assert done == [7]
        await worker.stop(60)


async def test_a_drain_does_not_wait_for_what_this_version_does_not_know(settings: Settings, facts: Recorder):
    """Neither for what is due nor for what waits for a cell: it would wait for ever."""
    old, new = (App("logistics", settings=settings, observer=facts) for _ in range(2))
    gone, work = old.workflow("gone"), new.workflow("work")
    gone.step(name="pack")(lambda: 1)
    work.step(name="send")(lambda: 2)
    async with old.client():
        for _ in range(2):
            await old.start(gone)
        [task, _] = await old.session.store.list_due(2)
        assert await old.session.store.claim(task, "gone|1", 60_000, [])
        assert await old.session.store.forfeit("gone", "lost") == 1
    async with new.client():
        worker = Worker(new.session)
        await worker.start()
        assert await worker.drain(30)
        await worker.stop(60)


async def test_a_worker_that_says_goodbye_leaves_nothing_of_its_own_behind(handling: HandlerBench):
    """What it had read and not begun is due at once, and it is not there any more."""
    go_on, seen = asyncio.Event(), list[int]()

    @handling.work()
    async def work(order: int) -> None:
        seen.append(order)
        await go_on.wait()

    async with handling.app.client() as app:
        worker = Worker(app.session, concurrency=2)
        await worker.start()
        for number in range(2):
            await handling.begin(number)
        await until(lambda: len(seen) == 2)
        await handling.begin(3)
        assert await app.session.bus.read("orders", NAME, worker.consumer, 1, 20)
        stopping = asyncio.create_task(worker.stop(60))
        go_on.set()
        await stopping
        assert await app.session.presence.workers() == []
        assert await counts(app) == {"owed": 3, "done": 2, "retrying": 1}
        async with handling.app:
            assert await handling.ended(2) == WELL


async def test_what_ends_in_the_background_with_an_error_is_told_of(bench: Bench, caplog: pytest.LogCaptureFixture):
    """Nobody waits for it: what a worker does about the end of a cell, say."""

    async def strange(*_: object) -> None:
        raise KeyError("nobody thought of it")

    bench.work()(lambda order: None)
    async with bench.app.client():
        worker = Worker(bench.app.session)
        worker._start_task("look", strange())
        await until(lambda: not worker._tasks)
    [told] = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert told == "causeline look failed in a way that nobody thought of: 'nobody thought of it'"
