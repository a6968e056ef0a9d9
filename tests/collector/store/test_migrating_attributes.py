"""A store whose attributes lie as OTLP has them, decoded, is brought to those of today: with all that it holds."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from collector.otlp.decode import logs, metrics
from collector.store import ddl, derived
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.tables import TABLES
from tests.collector.fresh import open_database
from tests.collector.store import widened
from tests.collector.store.exchange.exports import loaded
from tests.collector.store.exchange.test_round_trip import Rows, again, fill, odd, rows
from tests.collector.store.retention.signals import log, points
from tests.collector.store.retention.stores import tell
from tests.collector.story import ORIGIN_NS, Story, place

CONSTRAINTS = (
    "SELECT table_name, column_name, is_nullable, column_default FROM duckdb_columns() "
    "WHERE table_name IN (SELECT table_name FROM duckdb_tables()) ORDER BY ALL"
)

#: Columns that later migrations add.
SINCE = [("materialized", "reached_us", True, None)]


def hung(name: str) -> Story:
    """A span with an event and a link, that comes with another name each time."""
    story = Story()
    span = story.add(name, place("hung", "hung"), links=[place("hung", "other")])
    for held in (span, span.links[0], span.events.add(name="said", time_unix_nano=ORIGIN_NS)):
        held.attributes.add(key="list").value.array_value.values.add().bytes_value = b"\xff"
        held.attributes.add(key="number").value.double_value = -0.0
    return story


def fill_whole(database: Database) -> None:
    """Rows in every table, of every kind."""
    fill(database)
    tell(database, hung("first"), hung("second"))


@pytest.fixture
def expected(tmp_path: Path, path: Path) -> Rows:
    """What today's collector stores of rows in every table; the store of an older one is at `path`."""
    database = open_database(tmp_path / "today" / "causeline.duckdb")
    fill_whole(database)
    found = rows(database)
    database.close()
    widened.store(path, database.path)
    return found


def test_all_that_it_holds_is_what_would_be_stored_today(path: Path, expected: Rows) -> None:
    """In every table, markers and superseded records too, whose hashes are made anew; what must be there still must."""
    with duckdb.connect(path) as connection:
        ((kind,),) = connection.execute("SELECT typeof(attributes) FROM spans LIMIT 1").fetchall()
        assert "array_value" in kind
        constraints = connection.execute(CONSTRAINTS).fetchall()
    database = Database.open(path)
    found = rows(database)
    assert set(database._connection.execute(CONSTRAINTS).fetchall()) == {*constraints, *SINCE}
    database.close()
    assert all(found.values())
    assert found == expected


def test_what_is_sent_again_is_known_again(path: Path, expected: Rows) -> None:
    """Spans, superseded records, log records and points, whose answer an upgrade has lost."""
    database = Database.open(path)
    before = rows(database)
    tell(database, odd(), again("first"), again("second"), hung("first"), hung("second"))
    with database.writing() as session:
        RecordWriter(database).write(session, logs.decode(log("alone", day=1)))
        RecordWriter(database).write(session, metrics.decode(points(1)))
    assert rows(database) == before == expected
    database.close()


def test_a_collector_that_is_killed_goes_on_from_the_log(path: Path, tmp_path: Path, expected: Rows) -> None:
    """After the last commit, and before it: either way the store is whole."""
    for last in (widened.WIDE, widened.WIDE + 1):
        left = tmp_path / f"left-{last}" / "causeline.duckdb"
        left.parent.mkdir()
        old = left.with_name("old.duckdb")
        shutil.copy(path, old)
        with duckdb.connect(old, config={"checkpoint_threshold": "64GiB"}) as connection:
            connection.execute("BEGIN")
            connection.execute(dict(ddl.migrations())[widened.WIDE + 1])
            connection.execute("INSERT INTO schema_version VALUES ($version, now())", {"version": last})
            if last > widened.WIDE:
                connection.execute("COMMIT")
                connection.execute("BEGIN")
                derived.replace(connection)
                connection.execute("COMMIT")
            for suffix in ("", ".wal"):
                if (there := Path(f"{old}{suffix}")).exists():
                    shutil.copy(there, f"{left}{suffix}")
        database = Database.open(left)
        assert rows(database) == expected
        database.close()


def test_an_export_of_an_older_collector_is_imported(path: Path, tmp_path: Path, expected: Rows) -> None:
    """As it would be stored today, once and again."""
    (old := tmp_path / "old").mkdir()
    with duckdb.connect(path) as connection:
        for table in TABLES:
            connection.execute(
                f"COPY {table.name} TO $path (FORMAT parquet)", {"path": str(old / f"{table.name}.parquet")}
            )
        held = {table.name: len(connection.table(table.name)) for table in TABLES}
    said = {"format": "causeline-export", "format_version": 1, "schema_version": widened.WIDE, "tables": held}
    (old / "manifest.json").write_text(json.dumps({**said, "since": "s", "until": "u"}))
    database = open_database(tmp_path / "new" / "causeline.duckdb")
    loaded(database, old)
    assert rows(database) == expected
    assert set(loaded(database, old).added.values()) == {0}
    database.close()
