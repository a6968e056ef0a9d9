"""Stores of many spans that tests of plans ask, as a collector has them some minutes after its start."""

from pathlib import Path

from collector.store import learning, materialized
from collector.store.database import Database
from collector.store.records import Records
from tests.collector.fresh import open_database


def filled_with(folder: Path, *statements: str, is_settled: bool = True) -> Database:
    """Makes one that the collector has read.

    Args:
        folder: where its file goes.
        statements: what fills it, one after the other.
        is_settled: whether what became of work is worked out ahead, too.
    """
    database = open_database(folder / "causeline.duckdb")
    for statement in statements:
        database._connection.execute(statement)
    assert database.checkpoint()
    Records(database)
    learning.step(database)
    if is_settled:
        while materialized.step(database):
            pass
        with database.reading() as session:
            session.present()
    return database
