"""Whoever dies, wherever: every shipment arrives, nothing is committed twice, no event is lost or doubled.

Workers are real processes and die of SIGKILL. What is audited is read from the bus and the state store, never from
spans.
"""

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runtime import App, RunFailedError, Settings
from runtime.admin import Admin
from runtime.client.run import Run
from runtime.definitions.workflow import Workflow
from runtime.semconv import DeadLetterReason
from tests.end_to_end.crash_app import Order, Trouble, crash_app
from tests.end_to_end.crash_books import Books
from tests.end_to_end.crash_diary import Diary
from tests.end_to_end.crash_fleet import LIMIT, Condition, Fleet, until
from tests.end_to_end.crash_points import POINTS
from tests.end_to_end.crash_server import DurableServer
from tests.servers import KINDS, find_program

pytestmark = pytest.mark.redis

RUNS = 30
"""Shipments of most tests."""
STRIKES = 12
"""How many workers the random killer kills."""
SEED = 7
"""Of the random killer."""


class Client:
    """The test's own connection: it starts shipments and audits them."""

    def __init__(self, app: App, shipment: Workflow, admin: Admin, diary: Diary) -> None:
        self.admin = admin
        self.diary = diary
        self.books = Books(app.session, admin, diary)
        self._app = app
        self._shipment = shipment

    async def ship(self, number: int = RUNS, trouble: Trouble = "") -> list[Run]:
        """Starts shipments, all with the same trouble."""
        orders = [Order(number=one, trouble=trouble) for one in range(number)]
        return [await self._app.start(self._shipment, order=order) for order in orders]


@asynccontextmanager
async def client_of(url: str, folder: Path) -> AsyncIterator[Client]:
    """A client of a server; its groups are registered before anything is published."""
    diary = Diary(folder)
    app, shipment = crash_app(diary, Settings(redis_url=url, home=folder / "home", telemetry=False))
    async with app.client():
        admin = await Admin.connect(url)
        try:
            yield Client(app, shipment, admin, diary)
        finally:
            await admin.close()


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CAUSELINE_TELEMETRY", "false")


@pytest.fixture
async def client(redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of an empty server."""
    async with client_of(redis_url, tmp_path) as one:
        yield one


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_killed_at_any_point_loses_nothing_and_doubles_nothing(
    client: Client, redis_url: str, tmp_path: Path, point: str
) -> None:
    """One of two workers dies of SIGKILL at the point; the other one does what is left."""
    await client.books.keep_history()
    with Fleet(redis_url, tmp_path, point=point) as fleet:
        fleet.start(2)
        runs = await client.ship()
        await client.books.settled(runs)

        assert fleet.marker.exists()
        assert fleet.killed == 1
        await client.books.check(runs)
        await client.books.check_history(runs)


@pytest.mark.parametrize("where", ["step", "sms"])
@pytest.mark.parametrize("zombie_first", [True, False])
async def test_a_worker_that_was_stopped_past_its_lease_commits_nothing(
    client: Client, redis_url: str, tmp_path: Path, where: str, zombie_first: bool
) -> None:
    """It wakes up while another does its work, or after that: either way it is the other's result that counts."""
    what, work = ("commit", "/transit") if where == "step" else ("ack", "/sms")
    diary = client.diary
    with Fleet(redis_url, tmp_path) as fleet:
        zombie = fleet.start()
        runs = await client.ship(1, "hold-step" if where == "step" else "hold-sms")
        await until(_noted(diary, "held", zombie.pid), "the first worker is in the middle of it")
        zombie.send_signal(signal.SIGSTOP)
        heir = fleet.start()
        await until(_noted(diary, "held", heir.pid), "the second worker has taken over")

        async def zombie_wakes_up() -> None:
            zombie.send_signal(signal.SIGCONT)
            diary.release(zombie.pid)
            await until(_noted(diary, what, zombie.pid, work), "the first worker has tried to commit")

        if zombie_first:
            await zombie_wakes_up()
        diary.release(heir.pid)
        await until(_noted(diary, what, heir.pid, work), "the second worker has committed")
        if not zombie_first:
            await zombie_wakes_up()
        await client.books.settled(runs)

        held = [row for row in diary.rows(what) if row["key"].endswith(work)]
        assert {row["pid"]: row["ok"] for row in held} == {zombie.pid: False, heir.pid: True}
        await client.books.check(runs)


@pytest.mark.slow
async def test_a_delivery_that_kills_its_workers_becomes_a_dead_letter_and_its_neighbours_arrive(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """Neighbours share its first death; from then on it dies alone, three times."""
    with Fleet(redis_url, tmp_path, lease=0.6) as fleet:
        fleet.start(2)
        runs = [*await client.ship(), *await client.ship(1, "deadly-sms")]
        await _settled_with_restarts(fleet, client, runs)

        [letter] = (await client.admin.dead_letters()).items
        deadly = client.diary.rows("handler", key=f"{letter.event_id}/sms")
        assert (letter.group, letter.reason, len(deadly)) == ("sms", DeadLetterReason.POISON, fleet.killed)
        assert fleet.killed == 4
        await client.books.check(runs, dead={"sms": 1})


@pytest.mark.slow
async def test_a_step_that_kills_its_workers_fails_its_run_and_no_other(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """The run fails and names the step; the others arrive."""
    with Fleet(redis_url, tmp_path, lease=0.6) as fleet:
        fleet.start(2)
        runs = await client.ship()
        [deadly] = await client.ship(1, "deadly-step")
        await _settled_with_restarts(fleet, client, [*runs, deadly])

        with pytest.raises(RunFailedError, match=r"failed in step 'transit': .*killed its worker 3 times"):
            await deadly.result()
        assert fleet.killed == 4
        await client.books.check(runs)


@pytest.mark.slow
async def test_a_killer_who_goes_about_at_random_changes_nothing(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """Sixty shipments, three workers, one killed every few hundred milliseconds; streams are trimmed meanwhile."""
    chance = random.Random(SEED)
    # Whoever is killed at random again and again looks like poison; that limit has tests of its own.
    with Fleet(redis_url, tmp_path, death_limit=1000) as fleet:
        fleet.start(3)
        runs: list[Run] = []
        for _ in range(STRIKES):
            runs += await client.ship(2 * RUNS // STRIKES, "slow")
            strike = time.monotonic() + chance.uniform(0.1, 0.5)
            await until(_somebody_works(fleet, client.diary, strike), "the killer strikes")
            fleet.kill(chance.choice(fleet.working(client.diary)))
            fleet.restart(3)
        await client.books.settled(runs)

        assert fleet.killed == STRIKES
        assert _cut_short(client.diary) > STRIKES
        await until(client.books.are_trimmed, "streams hold nothing that is settled")
        await client.books.check(runs)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_workers_outlive_a_server_that_is_killed(tmp_path: Path, kind: str) -> None:
    """It comes back with its data, at once and after a while; the same workers go on by themselves."""
    program = find_program(kind)
    if program is None:
        pytest.skip(f"no server of the kind {kind} on this machine")
    data = tmp_path / "data"
    data.mkdir()
    with DurableServer(program, data) as server, Fleet(server.url, tmp_path) as fleet:
        async with client_of(server.url, tmp_path) as client:
            await client.books.keep_history()
            fleet.start(2)
            runs: list[Run] = []
            for deaths, noticed in ((1, "the server does not answer"), (2, "a heartbeat was lost")):
                runs += await client.ship()
                await until(_acked(client.diary, RUNS * deaths), "some of it is done")
                server.kill()
                await until(_logged(fleet, noticed), "the workers notice")
                server.start()
            await client.books.settled(runs)

            assert len(fleet.alive) == 2
            await client.books.check(runs)
            await client.books.check_history(runs)


async def test_a_worker_that_is_told_to_stop_ends_its_work_and_leaves_nothing_behind(
    client: Client, redis_url: str, tmp_path: Path
) -> None:
    """Step and handler under way end, the exit status is 0, and nobody has to wait for a lease."""
    books, diary = client.books, client.diary
    with Fleet(redis_url, tmp_path, lease=600.0) as fleet:
        worker = fleet.start()
        runs = [*await client.ship(1, "hold-step"), *await client.ship(1, "hold-sms")]
        await until(_noted(diary, "held", worker.pid, times=2), "step and handler are under way")
        runs += await client.ship()
        worker.terminate()
        await until(_noted(diary, "draining", worker.pid), "the worker takes nothing more")
        later = await client.ship()
        assert worker.poll() is None
        diary.release(worker.pid)
        assert await asyncio.to_thread(worker.wait, LIMIT) == 0

        assert {row["ok"] for row in diary.rows("commit") + diary.rows("ack")} == {True}
        assert not any(row["key"].startswith(str(run.id)) for run in later for row in diary.rows("step"))
        assert await books.held() == 0
        runs += later
        fleet.start()
        await books.settled(runs)
        await books.check(runs)


def _noted(diary: Diary, what: str, pid: int, ending: str = "", times: int = 1) -> Condition:
    async def holds() -> bool:
        rows = diary.rows(what, pid=pid)
        return sum(row["key"].endswith(ending) for row in rows) >= times

    return holds


def _acked(diary: Diary, number: int) -> Condition:
    async def holds() -> bool:
        return len(diary.rows("ack", ok=True)) >= number

    return holds


def _logged(fleet: Fleet, words: str) -> Condition:
    async def holds() -> bool:
        return words in fleet.log.read_text()

    return holds


def _somebody_works(fleet: Fleet, diary: Diary, not_before: float) -> Condition:
    async def holds() -> bool:
        return time.monotonic() >= not_before and fleet.working(diary) != []

    return holds


def _cut_short(diary: Diary) -> int:
    """Attempts that neither committed nor failed: their worker died."""
    begun = sum(len(diary.rows(what)) for what in ("step", "handler"))
    return begun - sum(len(diary.rows(what)) for what in ("commit", "ack", "hiccup"))


async def _settled_with_restarts(fleet: Fleet, client: Client, runs: Sequence[Run]) -> None:
    async def settled() -> bool:
        fleet.restart(2)
        return await client.books.are_settled(runs)

    await until(settled, "everything is settled although workers die")
