"""Work that kills its process is found out and given up; whatever is beside it is done, and waits for nothing."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime import Settings
from runtime.resilience.poison import KILL_LIMIT
from runtime.semconv import DeadLetterReason
from tests.diary import Diary
from tests.end_to_end.cells_app import build
from tests.end_to_end.cells_client import Client
from tests.end_to_end.in_cells import SOON, in_a_cell, told_to_end, workers_of
from tests.processes import is_running
from tests.served import Served
from tests.waiting import until

pytestmark = pytest.mark.redis

TARGET = "tests.end_to_end.cells_app:app"
#: Longer than any test lasts: what goes on before it is over does not wait for a lease.
LEASE = 600


@pytest.fixture
async def client(redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of an empty server."""
    app = build(Settings(redis_url=redis_url, home=tmp_path / "home", telemetry=False, lease=LEASE))
    async with app.client():
        yield Client(app, Diary(tmp_path))


@pytest.fixture
def worker(redis_url: str, tmp_path: Path) -> Served:
    """A worker, to be entered."""
    return Served(TARGET, tmp_path, redis_url, {"LEASE": LEASE, "CONCURRENCY": 4})


KILLERS = [("step", "kill"), ("handler", "exit 0")]
ALONE = ("kill", "exit 0", "exit 1", "segfault")
OTHER_KILLERS = [(kind, death) for kind in ("step", "handler") for death in ALONE if (kind, death) not in KILLERS]


@pytest.mark.parametrize(
    ("kind", "death"), [*KILLERS, *[pytest.param(*one, marks=pytest.mark.battery) for one in OTHER_KILLERS]]
)
async def test_work_that_kills_its_process_is_given_up_and_its_neighbours_are_done(
    client: Client, worker: Served, kind: str, death: str
):
    """However it does it: once in the worker, with whatever was beside it, then alone in a cell as often as it may.
    Whoever was beside it once is tried once more, and nobody else is ever touched."""
    with worker:
        before = await client.both("before", 3, "beside")
        killer = await client.begin(kind, "killer", death)
        after = await client.both("after", 5, "beside")
        assert await killer.ended() == "PoisonError"
        later = await client.both("later", 3)
        await client.all_well([*before, *after, *later])
        assert worker.process.poll() is None
        await worker.end()
    assert client.attempts(killer) == KILL_LIMIT + 1
    deaths = client.diary.rows("begun", key="killer")
    assert len({row["pid"] for row in deaths}) == KILL_LIMIT + 1
    assert {row["parent"] for row in deaths} == {worker.process.pid}
    assert max(client.attempts(work) for work in [*before, *after]) <= 2
    assert {client.attempts(work) for work in later} == {1}


@pytest.mark.parametrize("kind", ["step", "handler"])
async def test_a_killer_is_told_by_its_end(client: Client, worker: Served, kind: str):
    """A run says which step it was, a letter which attempts there were."""
    with worker:
        killer = await client.begin(kind, "killer", "kill")
        assert await killer.ended() == "PoisonError"
        if killer.run is not None:
            record = await client.app.session.store.get(killer.run.id)
            assert record is not None
            assert record.error == (
                f"step 'work' killed its worker {KILL_LIMIT} times, each time alone in a cell: it is not run again"
            )
        else:
            letter = await killer.letter()
            assert (letter.reason, letter.attempts) == (DeadLetterReason.POISON, KILL_LIMIT + 1)
            assert [one.attempt for one in letter.history] == list(range(1, KILL_LIMIT + 2))
        await worker.end()


async def test_a_killer_takes_no_step_of_its_own_run_along(client: Client, worker: Served):
    """The run fails by it; the other step is done, and committed once."""
    with worker:
        pair = await client.begin("step", "pair", "kill", workflow="pair")
        assert await pair.ended() == "PoisonError"
        assert pair.run is not None
        assert await client.app.session.store.result(pair.run.id, "innocent") == '"pair-innocent"'
        assert await client.app.session.store.result(pair.run.id, "killer") is None
        await worker.end()
    assert client.attempts(pair) == KILL_LIMIT + 1
    assert 1 <= client.ends()["pair-innocent"] <= 2


@pytest.mark.parametrize("kind", ["step", "handler"])
async def test_the_work_of_a_worker_that_is_killed_goes_on_at_once(client: Client, worker: Served, kind: str):
    """Each in a cell of its own, beside new work, and nobody is blamed."""
    with worker:
        held = await client.many(kind, "held", 3, "hold")
        rows = await worker.until("begun", times=3)
        killed = time.monotonic()
        os.kill(rows[0]["pid"], signal.SIGKILL)
        rows = (await worker.until("begun", times=6))[3:]
        assert time.monotonic() - killed < SOON
        assert len({row["pid"] for row in rows}) == 3
        assert {row["parent"] for row in rows} == {worker.process.pid}
        await client.all_well(await client.many(kind, "new", 5, "ask"))
        assert [await one.blame() for one in held] == [(0, 0)] * 3
        client.diary.release(0)
        await client.all_well(held)
        await worker.end()
    assert {row["attempt"] for row in rows} == {2}


async def test_a_cell_that_is_told_to_end_gives_its_work_back(client: Client, worker: Served):
    """By somebody who tells it alone; nobody is blamed, and another cell goes on at once."""
    with worker:
        held = await in_a_cell(client, worker)
        for attempt in range(3, 3 + KILL_LIMIT + 1):
            await told_to_end(client, held)
            await until(lambda attempt=attempt: client.attempts(held) == attempt, "another cell goes on", SOON)
        assert await held.blame() == (0, 0)
        client.diary.release(0)
        await client.all_well([held])
        await worker.end()


@pytest.mark.parametrize(
    ("kind", "does"), [("step", "hold"), ("handler", "hold"), ("step", "block"), ("handler", "block")]
)
async def test_a_worker_that_is_told_to_end_gives_back_what_its_cells_do(
    client: Client, redis_url: str, tmp_path: Path, kind: str, does: str
):
    """What does not end in time, also where its code holds the event loop and the cell has to be killed; another worker
    goes on with it, and nobody is blamed."""
    with Served(TARGET, tmp_path, redis_url, {"LEASE": LEASE, "SHUTDOWN": 5}) as first:
        held = await in_a_cell(client, first, kind, does)
        await first.end()
    with Served(TARGET, tmp_path, redis_url, {"LEASE": LEASE}) as second:
        await second.until("begun", held.name, times=3)
        assert await held.blame() == (0, 0)
        client.diary.release(0)
        await client.all_well([held])
        await second.end()


async def test_runs_that_wait_for_runs_go_on_in_cells_however_few_there_may_be(
    client: Client, redis_url: str, tmp_path: Path
):
    """Two parents and their children, whose worker was killed, and room for two cells: one whose code waits makes
    room."""
    with Served(TARGET, tmp_path, redis_url, {"LEASE": LEASE, "CONCURRENCY": 2}) as worker:
        parents = [await client.begin("step", f"parent-{one}", "hold", workflow="parent") for one in range(2)]
        rows = await worker.until("begun", times=2)
        os.kill(rows[0]["pid"], signal.SIGKILL)
        await worker.until("waits", times=4)
        await worker.until("begun", times=4)
        client.diary.release(0)
        await client.all_well(parents)
        await worker.end()


async def test_the_work_of_a_whole_group_of_processes_that_is_killed_goes_on_elsewhere(
    client: Client, redis_url: str, tmp_path: Path
):
    """Within seconds, at default settings: what its worker did, and what its cells did, all at once."""
    with Served(TARGET, tmp_path, redis_url) as first:
        in_cells = [await in_a_cell(client, first, kind) for kind in ("step", "handler")]
        other = await client.begin("handler", "other", "hold")
        await first.until("begun", "other")
        with Served(TARGET, tmp_path, redis_url) as second:
            await until(lambda: workers_of(client, 2), "the second worker is there")
            killed = time.monotonic()
            first.kill_group()
            for one in in_cells:
                await second.until("begun", one.name, times=3)
            await second.until("begun", "other", times=2)
            assert time.monotonic() - killed < SOON
            assert [await one.blame() for one in (*in_cells, other)] == [(0, 1), (0, 1), (0, 0)]
            client.diary.release(0)
            await client.all_well([*in_cells, other])
            await second.end()


async def test_a_parent_that_is_killed_leaves_no_process_and_loses_no_work(
    client: Client, redis_url: str, tmp_path: Path
):
    """Its worker and its cells end as if they had been told, and another worker goes on."""
    with Served(TARGET, tmp_path, redis_url, {"LEASE": LEASE, "SHUTDOWN": 5}) as first:
        held = await in_a_cell(client, first)
        other = await client.begin("handler", "other", "hold")
        pids = {row["pid"] for row in await first.until("begun", times=3)}
        first.kill()
        with Served(TARGET, tmp_path, redis_url, {"LEASE": LEASE}) as second:
            await second.until("begun", held.name, times=3)
            await second.until("begun", "other", times=2)
            await until(lambda: not [pid for pid in pids if is_running(pid)], "no process is left", SOON)
            client.diary.release(0)
            await client.all_well([held, other])
            await second.end()
    kills, _ = await held.blame()
    assert kills == 0


@pytest.mark.parametrize("kind", ["step", "handler"])
async def test_a_process_that_is_paused_past_its_lease_is_no_death(
    client: Client, redis_url: str, tmp_path: Path, kind: str
):
    """Worker or cell: it keeps its connection. Another goes on with its work, and what it makes is refused."""
    with Served(TARGET, tmp_path, redis_url, {"LEASE": 1}) as first, Served(TARGET, tmp_path, redis_url, {"LEASE": 1}):
        held = await client.begin(kind, "held", "hold")
        for times in range(1, KILL_LIMIT + 3):
            rows = await first.until("begun", "held", times=times)
            os.kill(rows[-1]["pid"], signal.SIGSTOP)
        rows = await first.until("begun", "held", times=times + 1)
        assert await held.blame() == (0, 0)
        client.diary.release(0)
        await client.all_well([held])
        for row in rows[:-1]:
            os.kill(row["pid"], signal.SIGCONT)
        await until(lambda: client.ends()["held"] == len(rows), "those that were paused have ended, too")
        assert await held.ended() == "ok"


@pytest.mark.battery
async def test_a_stream_of_killers_keeps_nobody_from_being_done(client: Client, worker: Served):
    """A killer after each few innocents, by steps and handlers: each of them is given up, everyone else is done, and no
    innocent dies in a cell."""
    killers, innocents = [], []
    with worker:
        for number in range(8):
            kind = ("step", "handler")[number % 2]
            innocents += await client.both(f"innocent-{number}", 5, "ask")
            killers.append(await client.begin(kind, f"killer-{number}", ALONE[number % 4]))
        assert [await killer.ended(90) for killer in killers] == ["PoisonError"] * len(killers)
        await client.all_well(innocents, 90)
        await worker.end()
    assert all(client.attempts(killer) >= KILL_LIMIT for killer in killers)
    in_cells = [row["pid"] for killer in killers for row in client.diary.rows("begun", key=killer.name)[-KILL_LIMIT:]]
    assert len(set(in_cells)) == KILL_LIMIT * len(killers)


@pytest.mark.battery
@pytest.mark.parametrize("kind", ["step", "handler"])
async def test_work_that_takes_its_parent_along_is_given_up_too(
    client: Client, redis_url: str, tmp_path: Path, kind: str
):
    """As where a container's memory limit ends all of its processes: something starts them again each time. Whoever was
    in a cell beside it is done."""
    killer = await client.begin(kind, "killer", "kill parent")
    innocents = await client.both("innocent", 4, "ask")
    for _ in range(30):
        with Served(TARGET, tmp_path, redis_url, {"LEASE": LEASE, "SHUTDOWN": 5}) as worker:
            ended = asyncio.create_task(killer.ended(200))
            died = asyncio.create_task(asyncio.to_thread(worker.process.wait))
            await asyncio.wait({ended, died}, return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            if worker.process.poll() is None:
                await client.all_well(innocents)
                await worker.end()
            await died
        if await killer._ended():
            break
    assert await killer.ended(1) == "PoisonError"
