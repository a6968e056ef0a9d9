"""Whoever dies, wherever: every shipment arrives, nothing is committed twice, no event is lost or doubled.

Workers are real processes and die of SIGKILL. What is audited is read from the bus and the state store, never from
spans.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.client.run import Run
from tests.diary import Diary
from tests.end_to_end.crash_client import LONG, RUNS, Client, client_of
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.crash_points import MORE_POINTS, PAIRS, POINTS, RARE_POINTS
from tests.end_to_end.in_the_suite import in_the_suite
from tests.servers import KINDS, DurableServer, find_program
from tests.waiting import until

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("own_home")]

STRIKES = 20
"""How often the random killer strikes."""
SEED = 7
"""Of the random killer."""


@pytest.mark.parametrize(
    "points",
    in_the_suite(
        (*POINTS, *MORE_POINTS, *PAIRS),
        "mid-step",
        "step committing",
        "step committed",
        "next step taken",
        "step left to wait",
        "step fanned out",
        "mid-undo",
        "run awaited",
        "answer sent",
        "call recorded",
        "delivery acknowledging",
        "event published",
    ),
)
async def test_a_process_killed_at_any_point_loses_nothing_and_doubles_nothing(
    client: Client, redis_url: str, tmp_path: Path, points: str
) -> None:
    """One of two workers dies of SIGKILL at the point, or a second one as it goes on with the first one's work; what
    is left is done."""
    await client.books.keep_history()
    with Fleet(redis_url, tmp_path, points=points) as fleet:
        fleet.start(2)
        runs = await client.ship(2 * RUNS if points in RARE_POINTS else RUNS)
        await client.books.settled(runs)
        # Ends are confirmed a second later, when all else may be over.
        await until(lambda: fleet.killed == set(points.split(",")), "a worker has died at each point")
        await client.books.settled(runs)

        assert len(fleet.alive) == 2
        assert fleet.has_traced
        await client.books.check(runs)
        await client.books.check_history(runs)
        await client.books.check_streamed_whole(runs)


@pytest.mark.parametrize(
    ("where", "zombie_first"),
    [
        ("step", True),
        ("sms", False),
        *[pytest.param(*one, marks=pytest.mark.battery) for one in (("step", False), ("sms", True))],
    ],
)
async def test_a_worker_that_was_stopped_past_its_lease_commits_nothing(
    client: Client, redis_url: str, tmp_path: Path, where: str, zombie_first: bool
) -> None:
    """It wakes up while another does its work, or after that: either way it is the other's result that counts."""
    what, work = ("commit", "/transit") if where == "step" else ("ack", "/sms")
    diary = client.diary
    with Fleet(redis_url, tmp_path, settings={"LEASE": 1}) as fleet:
        fleet.start()
        runs = await client.ship(1, "hold-step" if where == "step" else "hold-sms")
        zombie = await until(lambda: _pids(diary, "held"), "the first worker is in the middle of it")
        os.kill(zombie[0], signal.SIGSTOP)
        fleet.start()
        _, heir = await until(lambda: _pids(diary, "held", 2), "another has taken over", LONG)

        async def wakes_up() -> None:
            os.kill(zombie[0], signal.SIGCONT)
            diary.release(zombie[0])
            await until(_noted(diary, what, zombie[0], work), "the first worker has tried to commit")

        if zombie_first:
            await wakes_up()
        diary.release(heir)
        await until(_noted(diary, what, heir, work), "the second worker has committed")
        if not zombie_first:
            await wakes_up()
        await client.books.settled(runs)

        held = [row for row in diary.rows(what) if row["key"].endswith(work)]
        assert {row["pid"]: row["ok"] for row in held} == {zombie[0]: False, heir: True}
        await client.books.check(runs)


@pytest.mark.battery
@pytest.mark.timeout(400)
async def test_a_killer_who_goes_about_at_random_changes_nothing(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """Two hundred shipments, three workers; one process, or all of one worker, killed every few hundred milliseconds;
    streams are trimmed meanwhile."""
    chance = random.Random(SEED)
    # What is killed at random again and again looks like poison; that has tests of its own.
    with Fleet(redis_url, tmp_path, kills=1000) as fleet:
        fleet.start(3)
        runs: list[Run] = []
        for _ in range(STRIKES):
            runs += await client.ship(200 // STRIKES, "slow")
            strike = time.monotonic() + chance.uniform(0.1, 0.5)
            at_work = lambda moment=strike: fleet.at_work(client.diary) if time.monotonic() >= moment else []  # noqa: E731 short, and bound in the loop
            seen = await until(at_work, "somebody is at work", LONG)
            fleet.strike(seen, chance)
        await client.books.settled(runs)

        assert _cut_short(client.diary) > STRIKES / 2  # some have just ended when they are struck
        await until(client.books.are_trimmed, "streams hold nothing that is settled", LONG)
        await client.books.check(runs)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_workers_outlive_a_server_that_is_killed(tmp_path: Path, kind: str) -> None:
    """It comes back with its data, at once and after a while; the same workers go on by themselves, and call nothing
    again whose end they had still to write down."""
    program = find_program(kind)
    if program is None:
        pytest.skip(f"no server of the kind {kind} on this machine")
    data = tmp_path / "data"
    data.mkdir()
    with DurableServer(program, data) as server, Fleet(server.url, tmp_path) as fleet:
        async with client_of(server.url, tmp_path) as client:
            await client.books.keep_history()
            fleet.start(2)
            await fleet.works()
            runs: list[Run] = []
            for deaths, noticed in ((1, "next try in"), (2, "a heartbeat was lost")):
                runs += await client.ship()
                await until(lambda number=RUNS * deaths: _acked(client.diary) >= number, "some of it is done", LONG)
                server.kill()
                await until(lambda words=noticed: words in fleet.log.read_text(), "the workers notice")
                server.start()
            await client.books.settled(runs)

            assert len(fleet.alive) == 2
            assert len({row["pid"] for what in ("step", "handler") for row in client.diary.rows(what)}) == 2
            assert _cut_short(client.diary) == 0
            await client.books.check(runs)
            await client.books.check_history(runs)


async def test_a_worker_that_is_told_to_stop_ends_its_work_and_leaves_nothing_behind(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """Step and handler under way end, the exit status is 0, and nobody has to wait for a lease."""
    books, diary = client.books, client.diary
    with Fleet(redis_url, tmp_path, settings={"LEASE": 600}) as fleet:
        parent = fleet.start()
        runs = [*await client.ship(1, "hold-step"), *await client.ship(1, "hold-sms")]
        worker, _ = await until(lambda: _pids(diary, "held", 2), "step and handler are under way")
        runs += await client.ship()
        parent.terminate()
        await until(_noted(diary, "draining", worker), "the worker takes nothing more")
        later = await client.ship()
        assert parent.poll() is None
        diary.release(worker)
        assert await asyncio.to_thread(parent.wait, LONG) == 0

        assert {row["ok"] for row in diary.rows("commit") + diary.rows("ack")} == {True}
        assert not any(row["key"].startswith(str(run.id)) for run in later for row in diary.rows("step"))
        assert await books.held() == {}
        runs += later
        fleet.start()
        await books.settled(runs)
        await books.check(runs)


def _pids(diary: Diary, what: str, times: int = 1) -> list[int]:
    """Processes that have noted something, in order; empty until it was noted so often."""
    rows = diary.rows(what)
    return [row["pid"] for row in rows] if len(rows) >= times else []


def _noted(diary: Diary, what: str, pid: int, ending: str = "") -> Callable[[], bool]:
    return lambda: any(row["key"].endswith(ending) for row in diary.rows(what, pid=pid))


def _acked(diary: Diary) -> int:
    return len(diary.rows("ack", ok=True))


def _cut_short(diary: Diary) -> int:
    """Attempts that neither committed nor failed: their process died."""
    begun = sum(len(diary.rows(what)) for what in ("step", "handler"))
    return begun - sum(len(diary.rows(what)) for what in ("commit", "ack", "hiccup"))
