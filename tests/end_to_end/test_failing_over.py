"""Runs in PostgreSQL outlive their server: a standby takes over, and what was acknowledged is there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from runtime import App, Context, Retry
from runtime.errors import ServerUnavailableError
from runtime.semconv import StepOutcome
from runtime.settings import Settings
from runtime.state.postgres.database import Database
from runtime.testing import Recorder
from tests.postgres_servers import PostgresServer
from tests.postgres_standbys import Standby, either_of, synchronous
from tests.waiting import until

pytestmark = pytest.mark.redis

RUNS: Final = 12
LONG: Final = 60


@pytest.fixture
def primary(postgres_programs: Path) -> Iterator[PostgresServer]:
    """A server of the test's own."""
    with PostgresServer(postgres_programs) as server:
        yield server


@pytest.fixture
def standby(postgres_programs: Path, primary: PostgresServer) -> Iterator[Standby]:
    """What follows it; each commit waits for it."""
    with Standby(postgres_programs, primary) as server, synchronous(primary):
        yield server


def done(facts: Recorder) -> list[tuple[object, str]]:
    """Steps that were told as done: their commit was acknowledged."""
    ended = [one for one in facts.attempts if one.ended and one.ended.outcome is StepOutcome.OK]
    return [(one.begun.run_id, one.begun.step) for one in ended if hasattr(one.begun, "run_id")]


def stored(server: PostgresServer) -> set[tuple[object, str]]:
    """Steps whose results a server has."""
    with psycopg.connect(server.admin.rpartition("/")[0] + "/causeline") as admin:
        return set(admin.execute("SELECT run, name FROM causeline.results").fetchall())


async def test_runs_go_on_by_themselves_on_the_standby_that_takes_over(
    primary: PostgresServer, standby: Standby, redis_url: str, tmp_path: Path
):
    """The primary is killed in the middle of all, and its standby promoted while workers look for it: nothing that was
    acknowledged is lost, or done again, and all runs end."""
    facts = Recorder()
    url = either_of(primary, standby)
    settings = Settings(redis_url=redis_url, state_url=url, home=tmp_path, lease=2.0, telemetry=False)
    app = App("logistics", settings=settings, observer=facts)
    line = app.workflow("line", order=int)

    @line.step(retry=Retry(attempts=9, first_delay=0.05))
    async def first(order: int, ctx: Context) -> int:
        ctx.state.put("seen", order)
        return order

    names = ["first"]
    for number in range(2, 6):
        source = f"async def step{number}({names[-1]}: int) -> int:\n    return {names[-1]} + 1\n"
        made: dict[str, object] = {}
        exec(source, made)  # noqa: S102 - a line of steps, each of which names the one before
        line.step(name=f"step{number}", retry=Retry(attempts=9, first_delay=0.05))(made[f"step{number}"])  # type: ignore[type-var]  # made by exec
        names.append(f"step{number}")

    async with app:
        runs = [await app.start(line, order=number) for number in range(RUNS)]
        await until(lambda: len(done(facts)) >= RUNS, "some is done", LONG)
        await asyncio.to_thread(primary.kill)
        acknowledged = done(facts)
        await asyncio.to_thread(standby.promote)
        there = stored(standby)
        assert set(acknowledged) <= there
        results = [await run.result(LONG) for run in runs]

    assert results == [number + 4 for number in range(RUNS)]
    assert len(acknowledged) < RUNS * 5, "it was killed too late to show anything"
    times = {step: done(facts).count(step) for step in acknowledged}
    assert set(times.values()) == {1}
    assert stored(standby) == {(run.id, name) for run in runs for name in names}


async def test_of_several_servers_the_one_that_takes_writes_is_found(primary: PostgresServer, standby: Standby):
    """In whichever order they are named; while none does, that is said."""
    for url in (either_of(standby, primary), either_of(primary, standby)):
        database = Database(url)
        assert await database.fetch_value("now_ms") > 0
        await database.close()
    database = Database(either_of(primary, standby))
    await asyncio.to_thread(primary.kill)
    with pytest.raises(
        ServerUnavailableError,
        match=r"^at postgresql://127\.0\.0\.1:\d+,127\.0\.0\.1:\d+/causeline, of the .* none takes writes now",
    ):
        await database.fetch_value("now_ms")
    await asyncio.to_thread(standby.promote)
    assert await database.fetch_value("now_ms") > 0
    await database.close()
