"""Ends a transaction."""

import re
from typing import Final

import duckdb

#: What a commit says that did not get the memory that it needs.
_NO_MEMORY: Final = re.compile("allocate|pin block|out of memory", re.IGNORECASE)


def commit(cursor: duckdb.DuckDBPyConnection) -> None:
    """Commits the transaction of a cursor.

    Raises:
        duckdb.OutOfMemoryException: when memory does not suffice: DuckDB says so in words alone where a commit fails.
        duckdb.Error: when it can't be committed for another reason.
    """
    try:
        cursor.execute("COMMIT")
    except duckdb.TransactionException as error:
        if _NO_MEMORY.search(str(error)) is None:
            raise
        raise duckdb.OutOfMemoryException(str(error)) from error
