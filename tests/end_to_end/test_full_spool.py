"""Spans that can be neither sent nor kept are counted and said, and the ends of runs among them are told again."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from collector import server
from collector.client import CollectorClient
from collector.models import NodeStatus, Overview
from collector.operations.link import make_connector
from runtime import App
from runtime.settings import Settings
from tests.collector.live import LiveCollector
from tests.servers import free_port
from tests.waiting import until

RUNS = 5

Start = Callable[[], LiveCollector]


@pytest.fixture
def settings(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A spool with no room at all, and everything that waits for a while waits for a moment."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    monkeypatch.setattr("runtime.telemetry.pause.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("runtime.telemetry.pause.LONGEST_PAUSE", 0.02)
    monkeypatch.setattr("runtime.runs.end_reports.ORPHAN_MS", 0)
    monkeypatch.setattr("runtime.worker.tidy_loop.TIDY_EVERY", 0.02)
    given = Settings(redis_url=redis_url, home=tmp_path, collector_url=f"http://127.0.0.1:{free_port()}")
    return given.model_copy(update={"spool_limit_mib": 0})


@pytest.fixture
def collector(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Where the app sends its spans to, once it is started."""
    port, bind = int(settings.collector_url.rpartition(":")[2]), server.bind_socket
    monkeypatch.setattr(server, "bind_socket", lambda host, *_: bind(host, port))
    return lambda: LiveCollector(tmp_path / "causeline.duckdb", make_connector(settings.redis_url))


async def test_ends_of_runs_that_a_full_spool_lost_are_told_when_the_collector_is_back(
    settings: Settings, collector: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says how many spans were lost and why, and so does the overview; the work went on."""
    caplog.set_level(logging.WARNING)
    app = App("shop", settings=settings)
    order = app.workflow("order", number=int)
    order.step(name="reserve")(lambda number: number)
    async with app:
        runs = [await app.start(order, number=number) for number in range(RUNS)]
        assert [await run.result(10) for run in runs] == list(range(RUNS))
        await until(lambda: "spans were dropped: too many waited for the collector" in caplog.text)
        assert len(await app.session.store.list_unconfirmed_lives(0, 10)) == RUNS

        with collector() as live, CollectorClient(live.url) as client:

            async def told() -> bool:
                page = await asyncio.to_thread(client.runs)
                return {run.run_id for run in page.items if run.status == NodeStatus.OK and run.end} == {
                    str(run.id) for run in runs
                }

            async def confirmed() -> bool:
                return await app.session.store.list_unconfirmed_lives(0, 10) == []

            async def said() -> Overview | None:
                overview = await asyncio.to_thread(client.overview)
                return overview if overview.problems else None

            await until(told)
            await until(confirmed)
            overview = await until(said)
            (problem,) = overview.problems
            assert problem.title == f"shop dropped {overview.spans_dropped} spans"
            assert "What they would have told is missing here" in problem.detail
