"""Resources and scopes are stored once, and are there whenever a span names them."""

from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.retention import removal
from tests.collector.story import Story, place


def batch(span: str) -> bytes:
    """A request of one span."""
    story = Story()
    story.add("s", place("t", span))
    return story.request()


def stored(database: Database) -> tuple[int, int]:
    """How many resources and scopes."""
    resources, scopes = (
        database._connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]  # noqa: S608 names are our own, values are bound
        for table in ("resources", "scopes")
    )
    return resources, scopes


def test_a_source_that_was_rolled_back_is_stored_with_the_next_span(database: Database) -> None:
    """It was seen, and is not there."""
    records = RecordWriter(database)
    try:
        with database.writing() as session:
            records.write(session, decode(batch("one")))
            raise LookupError
    except LookupError:
        assert stored(database) == (0, 0)
    for span in ("two", "three", "four"):
        with database.writing() as session:
            records.write(session, decode(batch(span)))
    assert stored(database) == (1, 1)


def test_a_source_that_was_removed_is_stored_again(database: Database) -> None:
    """Retention takes what nothing names; the next span names it."""
    records = RecordWriter(database)
    for span in ("one", "two"):
        with database.writing() as session:
            records.write(session, decode(batch(span)))
    database._connection.execute("DELETE FROM spans")
    removal.remove_sources(database)
    assert stored(database) == (0, 0)
    with database.writing() as session:
        records.write(session, decode(batch("three")))
    assert stored(database) == (1, 1)
