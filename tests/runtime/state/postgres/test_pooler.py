"""PgBouncer may stand in front of the database: nothing is prepared or set in a session, and nothing listens."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime import App, Context, Event
from runtime.errors import CommandRefusedError
from runtime.settings import Settings
from runtime.state.postgres.database import Database
from runtime.testing import Recorder
from tests.postgres_servers import PostgresServer
from tests.postgres_standbys import find_pooler, pooler
from tests.waiting import until

pytestmark = pytest.mark.redis


@pytest.fixture
def program() -> str:
    found = find_pooler()
    if found is None:
        pytest.skip("no pgbouncer on this machine: apt-get install pgbouncer")
    return found


@pytest.fixture
def fresh(postgres_programs: Path) -> Iterator[PostgresServer]:
    """A server in which nothing is."""
    with PostgresServer(postgres_programs) as server:
        yield server


async def test_runs_and_inboxes_work_behind_a_pooler_that_gives_a_session_for_a_transaction(
    program: str, fresh: PostgresServer, redis_url: str, tmp_path: Path, facts: Recorder
):
    """Many more connections than it has sessions, from the first on, which makes the tables."""
    with pooler(program, fresh) as url:
        with psycopg.connect(fresh.url, autocommit=True) as owner:
            owner.execute("CREATE TABLE booked (number integer)")
        settings = Settings(redis_url=redis_url, state_url=url, home=tmp_path, telemetry=False, lease=5)
        app = App("logistics", settings=settings, observer=facts)
        line = app.workflow("line", order=int)

        @line.step
        async def first(order: int, ctx: Context) -> int:
            ctx.state.put("seen", order)
            return await ctx.once("pay", _pay, order)

        @line.step(publishes="done")
        async def second(first: int) -> int:
            return first

        @app.subscribe("done", group="books", inbox=url)
        async def book(event: Event[int], ctx: Context) -> None:
            connection = await ctx.transaction()
            await connection.execute("INSERT INTO booked VALUES (%s)", (event.data,))

        async with app:
            runs = await asyncio.gather(*(app.start(line, order=number) for number in range(20)))
            assert [await run.result(30) for run in runs] == list(range(20))
            await until(lambda: _booked(fresh) == list(range(20)), "all are booked")
        with psycopg.connect(fresh.admin) as admin:
            sessions = admin.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'causeline'").fetchall()
        assert len(sessions) <= 2


async def test_a_pooler_that_gives_a_session_to_a_client_is_none_that_anybody_notices(
    program: str, fresh: PostgresServer
):
    """As long as it has enough of them."""
    with pooler(program, fresh, "session") as url:
        database = Database(url)
        assert await database.fetch_value("now_ms") > 0
        await database.close()


async def test_a_pooler_that_gives_a_session_for_a_statement_is_refused_in_one_line(
    program: str, fresh: PostgresServer
):
    """It says which setting of the pooler to change."""
    with pooler(program, fresh, "statement") as url:
        database = Database(url)
        with pytest.raises(CommandRefusedError, match=r"pool_mode = transaction"):
            await database.fetch_value("now_ms")
        await database.close()


def _pay(order: int) -> int:
    return order


def _booked(server: PostgresServer) -> list[int]:
    with psycopg.connect(server.url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM booked ORDER BY number")]
