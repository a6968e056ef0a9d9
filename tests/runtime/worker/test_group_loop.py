"""A group's slots are filled with what is due, never with more, and its data may be lost meanwhile."""

import asyncio
import threading

import pytest
import redis

from runtime import App, Context, Retry
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.crowd import Crowd
from tests.runtime.worker.bench import CHANNEL, NAME, ONCE, WELL, HandlerBench, count, counts
from tests.waiting import until


async def test_no_more_is_taken_than_there_are_slots_for(settings: Settings, facts: Recorder):
    """First attempts and retries together: what waits in a worker's memory is what its death delays."""
    handling = HandlerBench(settings.model_copy(update={"concurrency": 3}), facts)
    crowd = Crowd(3)

    @handling.work(retry=Retry(attempts=2, first_delay=0))
    async def work(ctx: Context) -> None:
        async with crowd.joined():
            await counts(handling.app)  # others may come meanwhile
        if ctx.attempt == 1:
            raise OSError("no route")

    async with handling.app.client():
        for number in range(20):
            await handling.begin(number)
        async with handling.app as app:
            await count(app, done=20)
    assert crowd.most == 3


async def test_as_many_sync_handlers_run_at_once_as_there_are_slots(handling: HandlerBench):
    """They meet at a barrier that opens for all of them together."""
    meeting = threading.Barrier(handling.settings.concurrency)

    @handling.work(retry=ONCE)
    def work(order: int) -> None:
        meeting.wait(20)

    async with handling.app as app:
        for number in range(handling.settings.concurrency):
            await handling.begin(number)
        await count(app, done=handling.settings.concurrency)
    assert not meeting.broken


async def test_two_workers_share_the_work(settings: Settings, facts: Recorder):
    """Each event is handled once."""
    benches = [HandlerBench(settings, facts) for _ in range(2)]
    seen: list[list[int]] = [[], []]
    for bench, mine in zip(benches, seen, strict=True):
        bench.work()(_noting(mine))
    async with benches[0].app, benches[1].app:
        for number in range(100):
            await benches[0].begin(number)
        await until(lambda: sum(map(len, seen)) == 100)
    assert sorted(seen[0] + seen[1]) == list(range(100))


def _noting(seen: list[int]):
    async def work(order: int) -> None:
        seen.append(order)

    return work


async def test_what_was_read_and_never_begun_is_due_at_once(handling: HandlerBench):
    """Its reader died before it could begin: nobody is asked, and the attempt that comes is the first."""
    handling.work()(lambda order: None)
    async with handling.app.client() as app:
        await handling.begin()
        assert await app.session.bus.read(CHANNEL, NAME, "gone", 1, 20)
        assert await handling.loses("gone", "killed") == 1
        async with handling.app:
            assert await handling.ended() == WELL
    assert handling.outcomes == [(1, "ok")]


async def test_a_group_whose_data_was_removed_is_made_again(
    handling: HandlerBench, redis_url: str, caplog: pytest.LogCaptureFixture
):
    """Somebody empties the server, or it comes back without its data; what is published from then on is delivered."""
    seen: list[int] = []
    handling.work()(_noting(seen))
    async with handling.app as app:
        await handling.begin(1)
        await until(lambda: seen == [1])
        with redis.Redis.from_url(redis_url) as server:
            server.flushall()
        for number in range(2, 20):
            await app.publish(CHANNEL, number)
        await until(lambda: len(seen) == 19)
    assert sorted(seen) == list(range(1, 20))
    assert "the server has lost group work of channel orders" in caplog.text


async def test_an_entry_that_somebody_removed_stands_in_nobodys_way(handling: HandlerBench):
    """As an operator's trimming may, while it waits for its reader."""
    seen: list[int] = []
    handling.work()(_noting(seen))
    async with handling.app.client() as app:
        await handling.begin(1)
        await handling.begin(2)
        client = app.session.server.client
        entries = await client.xrange("causeline:1:{orders.0}:s")
        await app.session.bus.read(CHANNEL, NAME, "gone", 1, 20)
        await client.xdel("causeline:1:{orders.0}:s", entries[0][0])
        await handling.loses("gone", "lost")
        async with handling.app:
            await until(lambda: seen == [2])
            await count(app, done=2)


async def test_two_apps_on_one_group_are_told_of_each_other(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """Each event goes to one of the two: said where the second one comes, and what to do."""
    apps = [App(name, settings=settings, observer=facts) for name in ("logistics", "accounting")]
    for app in apps:
        app.subscribe("parcels", group="billing")(lambda parcel: None)
    async with apps[0].client():
        assert caplog.records == []
        async with apps[1].client():
            pass
        async with apps[1].client():
            pass
    [said] = [record.getMessage() for record in caplog.records]
    assert said == (
        "group billing of channel parcels is served by app logistics, too: each event goes to one of the two apps; "
        "give one of them another group if both need all"
    )


async def test_a_worker_that_stops_reads_nothing_more(handling: HandlerBench):
    """What is under way ends; what comes meanwhile is left to others."""
    go_on, seen = asyncio.Event(), list[int]()

    @handling.work()
    async def work(order: int) -> None:
        seen.append(order)
        await go_on.wait()

    async with handling.app.client() as app:
        worker = Worker(app.session, concurrency=1)
        await worker.start()
        await handling.begin(1)
        await until(lambda: seen)
        await handling.begin(2)
        stopping = asyncio.create_task(worker.stop(60))
        go_on.set()
        await stopping
        await count(app, done=1, pending=1)
        assert await app.session.presence.workers() == []
    assert seen == [1]
