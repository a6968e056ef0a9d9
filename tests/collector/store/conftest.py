"""A database without a file."""

from collections.abc import Iterator

import duckdb
import pytest


@pytest.fixture(scope="package")
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """In memory, and empty."""
    with duckdb.connect() as connection:
        yield connection
