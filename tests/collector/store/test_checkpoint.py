"""A checkpoint that puts groups of rows together moves rows: never those that somebody reads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.session import Session
from tests.collector.story import Story, place

#: What is looked at here is the file: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")

NAMES = [f"span {number}" for number in range(6)]


@pytest.fixture
def scattered(database: Database) -> Database:
    """Spans that lie in a group of rows each, and one that is not folded in."""
    for name in NAMES:
        (story := Story()).add(name, place("t", name))
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request()))
        database.checkpoint(patience=None)
    (story := Story()).add("last", place("t", "last"))
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    return database


def groups(database: Database) -> int:
    """How many groups of rows spans lie in."""
    sought = "SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('spans')"
    return int(database._connection.execute(sought).fetchall()[0][0])


def places(session: Session) -> dict[str, int]:
    """Where each span lies."""
    return dict(session._cursor.execute("SELECT name, rowid FROM spans").fetchall())


def test_groups_are_put_together_only_where_nobody_reads(scattered: Database) -> None:
    """What is folded in is no less whole; who reads finds each row where it was. After that they move."""
    with scattered.reading() as reader, ThreadPoolExecutor() as threads:
        before = places(reader)
        merged = scattered.merged
        assert threads.submit(scattered.checkpoint).result(60)
        assert (scattered.log_bytes, scattered.merged) == (0, merged)
        assert places(reader) == before
        assert groups(scattered) == len(NAMES) + 1
    began = time.monotonic()
    with scattered.clearing() as session:
        session._cursor.execute("DELETE FROM spans WHERE name = 'span 2'")
    assert scattered.checkpoint()
    assert scattered.merged >= began
    assert groups(scattered) == 1
    with scattered.reading() as reader:
        after = places(reader)
    assert after.keys() == before.keys() - {"span 2"}
    assert {name for name in after if after[name] < before[name]} == {"span 3", "span 4", "span 5", "last"}


def test_rows_found_within_a_statement_are_those_that_are_read(database: Database) -> None:
    """While rows are removed, and groups of those that are left put together, as often as it goes."""
    is_over, begun = threading.Event(), threading.Barrier(3, timeout=60)

    def read() -> int:
        answers = 0
        begun.wait()
        while not is_over.is_set():
            with database.reading() as session:
                found = session._cursor.execute(
                    "SELECT number, said FROM moving WHERE rowid IN (SELECT rowid FROM moving WHERE number % 977 = 3)"
                ).fetchall()
            assert all(said == f"n{number}" and number % 977 == 3 for number, said in found)
            answers += 1
        return answers

    with database.writing() as session:
        session._cursor.execute("CREATE TABLE moving (number BIGINT, said VARCHAR)")
    with ThreadPoolExecutor() as threads:
        readers = [threads.submit(read) for _ in range(2)]
        begun.wait()
        try:
            merges = sum(move(database, turn) for turn in range(60))
        finally:
            is_over.set()
        assert sum(reader.result(60) for reader in readers) > 0
    assert merges > 10


def move(database: Database, turn: int) -> bool:
    """Adds rows, removes others before them, and folds; returns whether groups were put together."""
    merged = database.merged
    with database.writing() as session:
        numbers = {"since": turn * 5_000, "until": (turn + 1) * 5_000}
        session._cursor.execute("INSERT INTO moving SELECT range, 'n' || range FROM range($since, $until)", numbers)
    with database.clearing() as session:
        session._cursor.execute("DELETE FROM moving WHERE number % 7 = $rest", {"rest": turn % 7})
    database.checkpoint()
    return database.merged > merged


def test_a_checkpoint_that_waits_for_a_long_transaction_keeps_nobody_from_asking(database: Database) -> None:
    """An import may take minutes; questions wait for nothing but the checkpoint itself."""
    with ThreadPoolExecutor() as threads:
        with database.block_writes():
            folding = threads.submit(database.checkpoint)
            threads.submit(database.ping).result(60)
            assert not folding.done()
        assert folding.result(60)
