"""`causeline worker` ends when it is told, whatever its code does, and gives back what it can't end."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from runtime import App, Settings
from runtime.worker.parent import HURRY
from tests.processes import is_running
from tests.runtime.worker.served_app import build
from tests.served import Served
from tests.servers import free_port
from tests.waiting import until

TARGET = "tests/runtime/worker/served_app.py"
#: Seconds that a process has to end; all of them are kept for what comes after the work.
SHUTDOWN = 3
#: How much longer things may take on a machine that is busy.
SLACK = 5.0

JOBS = ["thread", "deaf", "loop", "event thread"]
MORE_JOBS = ["threads", "sync", "spin", "event deaf", "event loop"]


@pytest.fixture
async def client(redis_url: str, tmp_path: Path) -> AsyncIterator[App]:
    """The test's own connection."""
    app = build(Settings(redis_url=redis_url, home=tmp_path / "home", telemetry=False, lease=60))
    async with app.client():
        yield app


async def begin(client: App, does: str):
    """Has something done: by a handler, where it says so, else by a step."""
    if does.startswith("event "):
        return await client.publish("jobs", does.removeprefix("event "))
    workflow = {"sync": "sync-job", "child": "parent"}.get(does, "job")
    return await client.start(client._workflows[workflow], does="quick" if does == "child" else does)


@pytest.mark.parametrize("does", [*JOBS, *[pytest.param(does, marks=pytest.mark.battery) for does in MORE_JOBS]])
async def test_a_worker_ends_in_time_whatever_its_code_does(client: App, redis_url: str, tmp_path: Path, does: str):
    """Its status is 0; what it was doing is tried again by the next, and is blamed for nothing."""
    with Served(TARGET, tmp_path, redis_url, {"SHUTDOWN": SHUTDOWN}) as worker:
        run = await begin(client, does)
        await worker.until("begun")
        assert await worker.end() < SHUTDOWN + SLACK
    worker.diary.release(0)
    with Served(TARGET, tmp_path, redis_url) as other:
        rows = await other.until("begun", times=2)
        assert [row["attempt"] for row in rows] == [1, 2]
        if not does.startswith("event"):
            assert await run.result(60) == 7
        await other.end()
    assert len({row["pid"] for row in rows}) == 2


@pytest.mark.parametrize("does", ["deaf", "loop", pytest.param("thread", marks=pytest.mark.battery)])
async def test_a_second_signal_ends_a_worker_at_once(client: App, redis_url: str, tmp_path: Path, does: str):
    """However long it would have had for what it is doing."""
    with Served(TARGET, tmp_path, redis_url, {"SHUTDOWN": 600}) as worker:
        await begin(client, does)
        await worker.until("begun")
        worker.process.send_signal(signal.SIGTERM)
        await until(lambda: _told_again(worker), "it has ended", HURRY + SLACK)
        assert worker.process.wait() == 0


def _told_again(worker: Served) -> bool:
    """Tells it once more, until it has ended; what comes too soon is part of the first order."""
    if worker.process.poll() is None:
        worker.process.send_signal(signal.SIGINT)
    return worker.process.poll() is not None


async def test_a_worker_that_has_nothing_to_do_ends_at_once(redis_url: str, tmp_path: Path):
    """Long before its time is over."""
    with Served(TARGET, tmp_path, redis_url) as worker:
        await worker.until_said("works for served")
        assert await worker.end() < SLACK


async def test_what_code_leaves_behind_does_not_hold_up_the_end(client: App, redis_url: str, tmp_path: Path):
    """A thread that never ends; exit functions run all the same."""
    with Served(TARGET, tmp_path, redis_url) as worker:
        run = await begin(client, "leftover")
        assert await run.result(60) == 7
        assert await worker.end() < SLACK
        assert [row["key"] for row in worker.diary.rows("exit function")] == ["leftover"]


LEAVES = """
import atexit, threading
from tests.runtime.worker.served_app import app

threading.Thread(target=threading.Event().wait).start()
atexit.register(threading.Event().wait)
"""


async def test_what_importing_the_app_leaves_behind_does_not_hold_up_the_end(redis_url: str, tmp_path: Path):
    """The parent has imported it, too: a thread and an exit function, neither of which ends."""
    target = tmp_path / "leaves.py"
    target.write_text(LEAVES)
    with Served(f"{target}:app", tmp_path, redis_url, {"SHUTDOWN": SHUTDOWN}) as worker:
        await worker.until_said("works for served")
        assert await worker.end() < SHUTDOWN + SLACK


async def test_code_in_a_worker_may_start_runs_of_its_own_app(client: App, redis_url: str, tmp_path: Path):
    """The process is connected for it."""
    with Served(TARGET, tmp_path, redis_url) as worker:
        run = await begin(client, "child")
        assert await run.result(60) == 8
        await worker.end()


async def test_a_worker_that_is_killed_goes_on_in_another(client: App, redis_url: str, tmp_path: Path):
    """Below the same parent, within moments; its work with it."""
    with Served(TARGET, tmp_path, redis_url) as worker:
        run = await begin(client, "thread")
        [first] = await worker.until("begun")
        worker.diary.release(0)
        os.kill(first["pid"], signal.SIGKILL)
        assert await run.result(60) == 7
        assert worker.process.poll() is None
        await worker.end()
        assert "was ended by SIGKILL; another one takes its place" in worker.log


async def test_no_process_outlives_its_parent(client: App, redis_url: str, tmp_path: Path):
    """It was killed; the worker ends as if it had been told, and its work is tried again."""
    with Served(TARGET, tmp_path, redis_url, {"SHUTDOWN": SHUTDOWN}) as worker:
        await begin(client, "loop")
        [begun] = await worker.until("begun")
        worker.kill()
        await until(lambda: not is_running(begun["pid"]), "the worker ends", SHUTDOWN + 2 * SLACK)


async def test_a_worker_that_can_not_start_says_why(tmp_path: Path):
    """And its status tells it from one that died."""
    with Served(TARGET, tmp_path, f"redis://127.0.0.1:{free_port()}/0") as worker:
        assert await asyncio.to_thread(worker.process.wait, 60) == 2
        assert "causeline: no Redis or Valkey server answers at" in worker.log
        assert "Traceback" not in worker.log


async def test_a_worker_that_is_started_while_the_server_is_full_works(client: App, redis_url: str, tmp_path: Path):
    """What is due is what frees memory."""
    run = await begin(client, "quick")
    async with Redis.from_url(redis_url) as server:
        await server.config_set("maxmemory", 1)
        try:
            with Served(TARGET, tmp_path, redis_url) as worker:
                assert await until(lambda: worker.process.poll() or worker.diary.rows("begun")) != 2, worker.log
                assert await run.result(60) == 7
                await worker.end()
        finally:
            await server.config_set("maxmemory", 0)
