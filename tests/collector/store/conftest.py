"""A database of each test's own, as what it counts, keeps and breaks is tested; and one without a file."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from collector.store.database import Database
from tests.collector.fresh import open_database


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """An empty database."""
    database = open_database(path)
    yield database
    database.close()


@pytest.fixture(scope="package")
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """In memory, and empty."""
    with duckdb.connect() as connection:
        yield connection
