"""Rows of a statement as Arrow has them: all at once, or fetched while it runs."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Final

import duckdb
import pyarrow as pa

#: How DuckDB says in Arrow's errors that a statement was cut off.
_INTERRUPTED: Final = "INTERRUPT"

# To copy rows once more takes less than what it warns to use instead, which binds each statement twice: see
# `fetch_table`.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result makes an extra copy", UserWarning)


def fetch_table(cursor: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, object]) -> pa.Table:
    """Runs a statement; returns its rows as one table.

    A relation (`cursor.sql`) is planned once to know its columns, and once to run. For fifty thousand rows of four
    columns that costs as much as copying them does, and more for any statement that joins or groups.

    Args:
        cursor: of the store.
        statement: one that has rows.
        values: what it binds, by name.

    Raises:
        duckdb.Error: it failed, or was cut off.
    """
    return cursor.execute(statement, values).to_arrow_table()


def iterate_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Yields the batches of a statement.

    Args:
        reader: of its rows.

    Raises:
        duckdb.InterruptException: the statement was cut off. Arrow has it as an OSError, which nobody would know.
        duckdb.Error: it failed of something else, such as a lack of memory.
    """
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except OSError as error:
            kind = duckdb.InterruptException if _INTERRUPTED in str(error) else duckdb.Error
            raise kind(str(error)) from None
        yield batch
