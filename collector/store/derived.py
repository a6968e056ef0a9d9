"""Macros and views: made anew in a database that has others than this collector's."""

from functools import cache
from hashlib import sha256
from typing import Final

import duckdb

from collector.store import ddl

#: The view whose comment says what all of them were made of. Whatever collector replaces the views, also one that knows
#: nothing of the comment, replaces this one, and its comment goes with it.
_MARKED: Final = "records"


def are_current(connection: duckdb.DuckDBPyConnection) -> bool:
    """Returns whether a database has them as they have to be; to look takes a millisecond, to make them a hundred."""
    marked = "SELECT comment FROM duckdb_views() WHERE view_name = $view AND NOT internal"
    return connection.execute(marked, {"view": _MARKED}).fetchall() == [(_compute_digest(),)]


def replace(connection: duckdb.DuckDBPyConnection) -> None:
    """Replaces all of them, within the transaction of the caller."""
    for statements in _read_statements():
        connection.execute(statements)
    connection.execute(f"COMMENT ON VIEW {_MARKED} IS '{_compute_digest()}'")  # of our own making, and can't be bound


@cache
def _read_statements() -> tuple[str, ...]:
    return tuple(ddl.text(name) for name in ddl.DERIVED)


@cache
def _compute_digest() -> str:
    """Another release of DuckDB may read the same text in another way."""
    return sha256("\n".join((duckdb.__version__, *_read_statements())).encode()).hexdigest()
