"""The server is killed, full, or out of reach, and workers are replaced: nothing is lost, nothing is done twice."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from runtime.client.run import Run
from runtime.errors import ServerError, ServerFullError
from tests.end_to_end.crash_client import LONG, RUNS, Client, client_of
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.deadly_way import MOMENTS, DeadlyWay
from tests.runtime.proxy import Proxy
from tests.servers import KINDS, DurableServer, LaxServer, find_program
from tests.waiting import until

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("own_home")]

WORK = 8
"""Steps and deliveries of one shipment, at least."""
LOST_S = 2.0
"""Seconds before its death whose answers a server may forget that writes to disk once a second."""


@pytest.fixture(params=KINDS)
def program(request: pytest.FixtureRequest) -> Path:
    """A server's program."""
    found = find_program(request.param)
    if found is None:
        pytest.skip(f"no server of the kind {request.param} on this machine")
    return found


@pytest.fixture
def durable(program: Path, tmp_path: Path) -> Iterator[DurableServer]:
    """A server that can be killed."""
    (tmp_path / "data").mkdir()
    with DurableServer(program, tmp_path / "data") as server:
        yield server


@asynccontextmanager
async def full(server: Any) -> AsyncIterator[None]:
    """The server's memory is full."""
    await server.config_set("maxmemory", 1)
    try:
        yield
    finally:
        await server.config_set("maxmemory", 0)


def begun(client: Client) -> int:
    """How many attempts have called the user's code."""
    return sum(len(client.diary.rows(what)) for what in ("step", "handler"))


def settled(client: Client) -> int:
    """How many steps and deliveries are known to be written down."""
    return sum(len(client.diary.rows(what, ok=True)) for what in ("commit", "ack"))


@pytest.mark.battery
@pytest.mark.timeout(1000)
async def test_a_server_that_dies_at_each_commit_forgets_nothing(durable: DurableServer, tmp_path: Path) -> None:
    """Each time that the end of an attempt is to be written down: before, meanwhile, and after it is. It comes back,
    and all is done by the worker that was there all the while, each attempt but once."""
    async with client_of(durable.url, tmp_path) as client, DeadlyWay(durable) as way:
        await client.books.keep_history()
        runs: list[Run] = []
        diary = client.diary

        def is_written_down() -> bool:
            return begun(client) == settled(client) + len(diary.rows("hiccup"))

        async def is_done() -> bool:
            with suppress(ServerError):
                return await client.books.are_settled(runs) and is_written_down()
            return False

        with Fleet(way.url, tmp_path, settings={"LEASE": 600}) as fleet:
            fleet.start()
            await fleet.works()
            runs += await client.ship(3)
            await until(is_done, "all is done and written down", 800)
            assert len(fleet.alive) == 1
            await client.books.check(runs)
            await client.books.check_history(runs)
        assert is_written_down()
        assert settled(client) >= len(runs) * WORK
        # Code that asks the server for something while it is away has failed: that is written down as well.
        assert len(way.met) >= len(runs)
        assert way.deaths == dict.fromkeys(MOMENTS, len(way.met))


async def test_what_is_under_way_ends_on_a_server_whose_memory_is_full(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """With results, events and deliveries; what is new is refused, and told why."""
    redis = client.admin._server.client
    with Fleet(redis_url, tmp_path) as fleet:
        runs = await client.ship(6, "slow")
        fleet.start(2)
        await until(lambda: settled(client) > 0, "some of it is done", LONG)
        async with full(redis):
            with pytest.raises(ServerFullError, match="raise its maxmemory, or start workers for what is due"):
                await client.ship(1)
            ended = await asyncio.gather(*(run.result(LONG) for run in runs))
            assert len(ended) == 6
        runs += await client.ship(3)
        await client.books.settled(runs)
        await client.books.check(runs)


async def test_a_worker_that_was_out_of_reach_past_its_lease_commits_nothing(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """Its connections are cut and it can make no new ones; another one does its work meanwhile."""
    diary = client.diary
    async with Proxy(redis_url) as way:
        with Fleet(redis_url, tmp_path, settings={"LEASE": 1}) as fleet:
            fleet.start(url=way.url)
            runs = await client.ship(1, "hold-step")
            (cut_off,) = await until(lambda: [row["pid"] for row in diary.rows("held")], "it is in the middle of it")
            await way.go_away()
            fleet.start()
            heirs = await until(lambda: [row["pid"] for row in diary.rows("held")][1:], "another has taken over", LONG)
            diary.release(cut_off)
            diary.release(heirs[0])
            await until(lambda: diary.rows("commit", pid=heirs[0], ok=True), "the other has committed", LONG)
            await way.come_back()
            refused = {"pid": cut_off, "ok": False}
            await until(lambda: diary.rows("commit", **refused), "the first has tried to commit", LONG)
            await client.books.settled(runs)
            await client.books.check(runs)
            assert len(fleet.alive) == 2


@pytest.mark.battery
@pytest.mark.timeout(300)
async def test_workers_that_are_replaced_one_by_one_drop_nothing(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """As when a new version is rolled out, twice: all that is under way ends, and is called once."""
    diary = client.diary
    with Fleet(redis_url, tmp_path) as fleet:
        fleet.start(3)
        runs: list[Run] = []
        for old in [*fleet.parents, *fleet.parents]:
            runs += await client.ship(RUNS, "slow")
            await until(lambda: fleet.at_work(diary), "somebody is at work", LONG)
            oldest = fleet.alive[0] if old.poll() is not None else old
            # One that still starts has nothing to end in order, and dies of the signal.
            await until(lambda one=oldest: fleet.children_of(one), "it has started", LONG)
            oldest.terminate()
            fleet.start()
            assert await asyncio.to_thread(oldest.wait, LONG) == 0
        await client.books.settled(runs)
        await client.books.check(runs)
        assert not diary.rows("commit", ok=False) + diary.rows("ack", ok=False)
        begun = sum(len(diary.rows(what)) for what in ("step", "handler"))
        assert begun == settled(client) + len(diary.rows("hiccup"))


@pytest.mark.battery
@pytest.mark.timeout(300)
async def test_a_server_that_writes_once_a_second_forgets_no_more_than_that(program: Path, tmp_path: Path) -> None:
    """It is killed while work goes on: what was accepted two seconds before is there, and ends; so does what came
    later and was kept."""
    (tmp_path / "data").mkdir()
    with LaxServer(program, tmp_path / "data") as server, Fleet(server.url, tmp_path) as fleet:
        async with client_of(server.url, tmp_path) as client:
            fleet.start(2)
            await fleet.works()
            accepted: list[tuple[float, Run]] = []
            began = time.monotonic()
            while time.monotonic() < began + 2 * LOST_S:
                known = settled(client)
                accepted += [(time.monotonic(), run) for run in await client.ship(2, "slow")]
                await until(lambda then=known: settled(client) >= then + 2 * WORK, "work goes on", LONG)
            died = time.monotonic()
            server.kill()
            server.start()
            kept = set(await client.admin._server.client.zrange(client.books.runs_key, 0, -1))
            before = {str(run.id).encode() for when, run in accepted if when < died - LOST_S}
            assert before - kept == set()
            here = [run for _, run in accepted if str(run.id).encode() in kept]
            await client.books.settled(here)
            assert {await run.status() for run in here} == {"ok"}
            assert len(fleet.alive) == 2
            for channel in await client.admin.channels():
                for group in channel.groups:
                    assert (group.done, group.dead) == (group.owed, 0), channel
