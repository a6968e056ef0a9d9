"""Rows that are fetched while their statement runs: how a statement that is cut off ends."""

import duckdb
import pytest

from collector.store.arrow_rows import iterate_batches


def test_all_rows_come_in_batches() -> None:
    """Each once, in order."""
    reader = duckdb.connect().sql("SELECT i FROM range(5000) AS r (i)").to_arrow_reader(1000)
    assert [row["i"] for batch in iterate_batches(reader) for row in batch.to_pylist()] == list(range(5000))


def test_a_statement_that_is_cut_off_between_two_batches_ends_as_any_other_does() -> None:
    """As an error of the database, by which whoever works in the background knows that it is told to end."""
    connection = duckdb.connect()
    found = iterate_batches(connection.sql("SELECT i FROM range(100_000_000) AS r (i)").to_arrow_reader(1000))
    next(found)
    connection.interrupt()
    with pytest.raises(duckdb.InterruptException, match="Interrupted"):
        for _ in found:
            pass


def test_what_fails_while_it_is_fetched_is_an_error_of_the_database() -> None:
    """Whatever Arrow makes of it."""
    failing = "SELECT CASE WHEN i = 90_000 THEN error('no such thing') ELSE i END FROM range(100_000) AS r (i)"
    with pytest.raises(duckdb.Error, match="no such thing"):
        list(iterate_batches(duckdb.connect().sql(failing).to_arrow_reader(1000)))
