"""A database, and a live collector on a free port with a bus of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.client import CollectorClient
from collector.store.database import Database
from tests.collector.fresh import empty, open_database
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's database is."""
    return tmp_path / "causeline.duckdb"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database for all tests of a module, each of which finds it empty."""
    database = open_database(tmp_path_factory.mktemp("opened") / "causeline.duckdb")
    yield database
    database.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without a row: the module's, unless a test looks at its file."""
    if "path" not in request.fixturenames:
        opened: Database = request.getfixturevalue("opened")
        empty(opened)
        yield opened
        return
    database = open_database(request.getfixturevalue("path"))
    yield database
    database.close()


@pytest.fixture
def bus() -> MemoryBus:
    """A bus that a test fills by hand."""
    return MemoryBus()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCollector]:
    """One for all tests of a module, where none leaves anything behind that another one asks for: a collector of one's
    own takes half a second to come and go."""
    with LiveCollector(tmp_path_factory.mktemp("standing") / "causeline.duckdb", MemoryBus()) as live:
        yield live


@pytest.fixture
def collector(request: pytest.FixtureRequest) -> Iterator[LiveCollector]:
    """A collector that listens on a free port, without a row: the module's, unless a test fills its bus or looks into
    its folder."""
    if not {"path", "bus"} & set(request.fixturenames):
        yield request.getfixturevalue("emptied")
        return
    with LiveCollector(request.getfixturevalue("path"), request.getfixturevalue("bus")) as live:
        yield live


@pytest.fixture
def emptied(standing: LiveCollector) -> LiveCollector:
    """The module's collector, without a row: for tests that do no more than tell it something and ask about that."""
    standing.empty()
    return standing


@pytest.fixture
def client(collector: LiveCollector) -> Iterator[CollectorClient]:
    """A client of that collector."""
    with CollectorClient(collector.url) as client:
        yield client
