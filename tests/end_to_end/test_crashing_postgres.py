"""Runs in PostgreSQL: workers outlive a server that is killed, and whoever dies around a commit leaves nothing half."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from runtime.client.run import Run
from tests.end_to_end.crash_app import LEDGER
from tests.end_to_end.crash_client import LONG, RUNS, client_of
from tests.end_to_end.crash_fleet import Fleet
from tests.end_to_end.crash_points import INBOX_POINTS
from tests.end_to_end.in_the_suite import in_the_suite
from tests.postgres_servers import PostgresServer
from tests.waiting import until

pytestmark = [pytest.mark.redis, pytest.mark.usefixtures("own_home")]


@pytest.fixture
def mortal(postgres_programs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """A server of the test's own, which keeps the runs of whoever it starts."""
    with PostgresServer(postgres_programs) as server:
        monkeypatch.setenv("CAUSELINE_STATE_URL", server.url)
        yield server


@pytest.mark.slow
async def test_workers_outlive_a_postgresql_that_is_killed(
    mortal: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """All its processes die in the middle of whatever they do, twice; the same workers go on by themselves."""
    with Fleet(redis_url, tmp_path) as fleet:
        async with client_of(redis_url, tmp_path) as client:
            await client.books.keep_history()
            fleet.start(2)
            await fleet.works()
            runs: list[Run] = []
            for death in (1, 2):
                runs += await client.ship()
                enough = RUNS * death
                await until(lambda n=enough: len(client.diary.rows("commit", ok=True)) >= n, "some is done", LONG)
                mortal.kill()
                mortal.start()
            await client.books.settled(runs)

            assert len(fleet.alive) == 2
            assert len({row["pid"] for what in ("step", "handler") for row in client.diary.rows(what)}) == 2
            await client.books.check(runs)
            await client.books.check_history(runs)


@pytest.mark.usefixtures("mortal")
@pytest.mark.parametrize("points", ["step committing", "event published"])
async def test_a_process_killed_around_a_commit_loses_nothing_and_doubles_nothing(
    redis_url: str, tmp_path: Path, points: str
) -> None:
    """One of two workers dies of SIGKILL at the point; what is left is done. All points are in the battery."""
    async with client_of(redis_url, tmp_path) as client:
        await client.books.keep_history()
        with Fleet(redis_url, tmp_path, points=points) as fleet:
            fleet.start(2)
            runs = await client.ship()
            await client.books.settled(runs)
            await until(lambda: fleet.killed == {points}, "a worker has died at the point", LONG)
            await client.books.settled(runs)

            await client.books.check(runs)
            await client.books.check_history(runs)


@pytest.mark.parametrize("point", in_the_suite(INBOX_POINTS, "inbox committed"))
async def test_a_process_killed_around_an_inbox_writes_each_event_to_its_own_database_once(
    mortal: PostgresServer, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Before the commit nothing is written, and the next attempt writes it; after it that only acknowledges."""
    monkeypatch.setenv(LEDGER, mortal.url)
    with psycopg.connect(mortal.url, autocommit=True) as owner:
        owner.execute("CREATE TABLE ledger (event uuid NOT NULL, attempt integer NOT NULL)")
    async with client_of(redis_url, tmp_path) as client:
        await client.books.keep_history()
        with Fleet(redis_url, tmp_path, points=point) as fleet:
            fleet.start(2)
            runs = await client.ship()
            await client.books.settled(runs)
            assert fleet.killed == {point}

            await client.books.check(runs)
            await client.books.check_history(runs)
        events = [UUID(row["key"].partition("/")[0]) for row in client.diary.rows("handler") if _is_books(row["key"])]
    with psycopg.connect(mortal.url) as owner:
        entered = [event for (event,) in owner.execute("SELECT event FROM ledger")]
    assert sorted(entered) == sorted(set(events))
    again = len(events) - len(set(events))
    assert again == (1 if point == "inbox committing" else 0)


def _is_books(key: str) -> bool:
    return key.endswith("/books")
