"""Rows of a statement that are fetched while it runs, as Arrow has them."""

from collections.abc import Iterator
from typing import Final

import duckdb
import pyarrow as pa

#: How DuckDB says in Arrow's errors that a statement was cut off.
_INTERRUPTED: Final = "INTERRUPT"


def batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
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
