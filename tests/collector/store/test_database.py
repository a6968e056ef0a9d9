"""One file, one owner, a version."""

import secrets
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from collector.errors import DatabaseLockedError, SchemaNewerError, StartError, StoreError
from collector.otlp.decode.spans import decode
from collector.store import ddl, schema
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from runtime import semconv
from tests.collector.disk import full
from tests.collector.story import Story, place, uid

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")


def test_data_is_there_after_a_restart(path: Path) -> None:
    """Also where nobody closed the database in order."""
    story = Story()
    story.add("work", place("t", "s"))
    for _ in range(2):
        database = Database.open(path)
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request()))
        database.close()

    database = Database.open(path)
    with database.reading() as session:
        assert session.one(Query.OVERVIEW_STORED_COUNTS) == {"stored": 1, "rejected": 0}
    database.close()


def test_the_folder_is_made(tmp_path: Path) -> None:
    """A first start needs no preparation."""
    path = tmp_path / "deep" / "down" / "causeline.duckdb"
    Database.open(path).close()
    assert path.is_file()


def test_a_newer_schema_is_refused_and_left_as_it_is(path: Path) -> None:
    """Not a byte of it changes."""
    Database.open(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("INSERT INTO schema_version VALUES ($v, now())", {"v": schema.newest_version() + 1})
    before = path.read_bytes()

    with pytest.raises(SchemaNewerError, match=f"schema version {schema.newest_version() + 1}"):
        Database.open(path)

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_what_an_earlier_collector_derived_and_nothing_reads_goes(path: Path) -> None:
    """A database outlives the views that were made in it."""
    Database.open(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("CREATE VIEW verdicts AS SELECT * FROM judgements")
        connection.execute("CREATE OR REPLACE VIEW records AS SELECT 1 AS earlier")  # as any collector replaces it

    Database.open(path).close()

    with duckdb.connect(path) as connection:
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert {"led_receipts", "judgements"} < {name for (name,) in views}
    assert "verdicts" not in {name for (name,) in views}


def test_a_database_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    """What it holds stays; what nobody writes any more goes, and new spans have the new columns."""
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL)")
        connection.execute(ddl.migrations()[0][1])
        connection.execute("INSERT INTO schema_version VALUES (1, now())")
        connection.execute(
            "INSERT INTO spans BY NAME SELECT $trace AS trace_id, 1 AS span_id, '' AS trace_state, 0 AS flags, "
            "'old' AS name, 1 AS kind, 0 AS start_ns, 0 AS end_ns, 0 AS status_code, '' AS status_message, "
            "[]::attribute[] AS attributes, 0 AS dropped_attributes_count, 0 AS dropped_events_count, "
            "0 AS dropped_links_count, 0 AS resource_id, 0 AS scope_id, '' AS service, $trace AS node_id, "
            "'run' AS node_kind, 7 AS step_index",
            {"trace": uid("old")},
        )
    story = Story()
    story.add("start w", place("t", "new"), attributes={semconv.NODE_ID: str(uid("new")), semconv.VERSION: "1.2"})

    database = Database.open(path)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    found = database._connection.execute("SELECT node_id, run_version FROM spans ORDER BY start_ns").fetchall()
    columns = {row[0] for row in database._connection.execute("DESCRIBE spans").fetchall()}
    database.close()

    assert found == [(uid("old"), None), (uid("new"), "1.2")]
    assert "step_index" not in columns


def test_tables_of_somebody_else_are_left_alone(path: Path) -> None:
    """A wrong path must not grow our tables in another program's database."""
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE accounts (id INTEGER)")

    with pytest.raises(StartError, match="somebody else"):
        Database.open(path)


@pytest.mark.parametrize("content", [b"no database at all", b""])
def test_what_is_no_database_is_one_line(path: Path, content: bytes) -> None:
    """A wrong path is the likeliest reason; the file is left alone."""
    path.write_bytes(content)
    with pytest.raises(StartError) as raised:
        Database.open(path)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == content


def test_a_version_table_of_somebody_else_is_one_line(path: Path) -> None:
    """The name is a likely one."""
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER)")
    with pytest.raises(StartError, match="can't be opened") as raised:
        Database.open(path)
    assert "\n" not in str(raised.value)


def test_a_path_that_holds_the_word_lock_is_not_taken_for_a_locked_file(tmp_path: Path) -> None:
    """What is wrong is that it is no database."""
    path = tmp_path / "blocks" / "causeline.duckdb"
    path.parent.mkdir()
    path.write_bytes(b"no database at all")
    with pytest.raises(StartError, match="can't be opened") as raised:
        Database.open(path)
    assert not isinstance(raised.value, DatabaseLockedError)


def test_a_database_of_another_process_is_named_as_such(path: Path) -> None:
    """The line says what to do."""
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DatabaseLockedError, match="CAUSELINE_DATABASE"):
            Database.open(path)
        assert holder.stdin
        holder.stdin.close()


def test_a_reader_sees_one_snapshot(database: Database) -> None:
    """What is committed while somebody reads is for the next one."""
    story = Story()
    story.add("work", place("t", "s"))
    with database.reading() as reader:
        before = reader.one(Query.OVERVIEW_STORED_COUNTS)
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request()))
        assert reader.one(Query.OVERVIEW_STORED_COUNTS) == before
    with database.reading() as reader:
        assert reader.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 1


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """All of a batch or none of it."""
    story = Story()
    story.add("work", place("t", "s"))
    with pytest.raises(KeyError), database.writing() as session:  # noqa: PT012 the block is what is tested
        RecordWriter(database).write(session, decode(story.request()))
        raise KeyError
    with database.reading() as reader:
        assert reader.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 0


def test_what_removes_beside_the_writer_is_not_taken_for_a_clock_that_was_set_back(database: Database) -> None:
    """It began after the writer, and is committed before: what is remembered is believed on."""
    version = database.knowledge.version
    with database.writing() as writer:
        before_us = database.committed_us
        with database.clearing():
            pass
        assert database.committed_us > before_us, "answers are outdated"
        with database.reading() as session:
            assert session.as_of < writer.stored_us, "what the writer commits is newer than all that was seen"
    assert database.clock_setbacks == 0
    assert database.knowledge.version == version


def large(name: str = "s") -> bytes:
    """A request of more than a megabyte that does not compress."""
    story = Story()
    story.add("work", place("t", name), attributes={"noise": secrets.token_hex(1_000_000)})
    return story.request()


def test_a_full_disk_costs_nothing_that_was_stored(database: Database) -> None:
    """DuckDB gives a database up after a checkpoint that failed; it is opened again, and reads while there is no room.

    What is stored once there is room again joins what was there before.
    """
    with database.writing() as session:
        RecordWriter(database).write(session, decode(large()))
    with full(500_000):
        with pytest.raises(StoreError, match="File too large"):
            database.checkpoint()
        with database.reading() as session:
            assert session.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 1
        with pytest.raises(duckdb.Error), database.writing() as session:
            RecordWriter(database).write(session, decode(large("other")))

    story = Story()
    story.add("later", place("t", "later"))
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    assert database.checkpoint()
    with database.reading() as session:
        assert session.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 2


def test_a_checkpoint_puts_groups_of_rows_together_only_where_it_is_told_to(database: Database) -> None:
    """Each leaves one of its own, which is as large as what it folded in; to put them together takes memory."""
    for name in ("one", "other", "third"):
        story = Story()
        story.add("work", place("t", name))
        with database.writing() as session:
            RecordWriter(database).write(session, decode(story.request()))
        assert database.checkpoint(patience=None)
    assert groups(database) == 3

    story = Story()
    story.add("work", place("t", "fourth"))
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    assert database.checkpoint()
    assert groups(database) == 1


def groups(database: Database) -> int:
    """How many groups of rows spans lie in."""
    sought = "SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('spans')"
    return int(database._connection.execute(sought).fetchall()[0][0])


def test_a_database_is_opened_again_once_nobody_reads_the_old_one(database: Database) -> None:
    """Both at once DuckDB forbids; whoever comes meanwhile is told to come again."""
    with database.writing() as session:
        RecordWriter(database).write(session, decode(large()))
    with database.reading() as reader:
        with full(500_000), pytest.raises(StoreError):
            database.checkpoint()
        with pytest.raises(StoreError, match="opened again"), database.reading():
            pass
        with pytest.raises(StoreError, match="opened again"):
            database.ping()
        assert reader
    database.ping()


def test_a_database_that_can_not_be_opened_again_is_tried_again(database: Database, path: Path) -> None:
    """Whatever is in the way may leave."""
    with database.writing() as session:
        RecordWriter(database).write(session, decode(large()))
    with full(500_000), pytest.raises(StoreError):
        database.checkpoint()
    away = path.rename(path.with_suffix(".away"))
    path.write_bytes(b"no database at all")
    for _ in range(2):
        with pytest.raises(StoreError, match="can't be opened"):
            database.ping()
    away.rename(path)
    with database.reading() as session:
        assert session.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 1


def test_a_database_that_was_removed_to_make_room_is_made_anew(database: Database, path: Path) -> None:
    """Not a quick way to space, but a likely one."""
    with database.writing() as session:
        RecordWriter(database).write(session, decode(large()))
    with full(500_000), pytest.raises(StoreError):
        database.checkpoint()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    with database.reading() as session:
        assert session.one(Query.OVERVIEW_STORED_COUNTS)["stored"] == 0


def test_the_database_takes_no_more_memory_than_it_may(path: Path) -> None:
    """What does not fit is an error of ours, that names the setting; and the database goes on."""
    database = Database.open(path, 64)
    database._connection.execute("SET max_temp_directory_size = '0KiB'")
    with pytest.raises(StoreError, match="CAUSELINE_MEMORY_MIB"), database.reading() as session:
        session.count("SELECT count(*) FROM (SELECT DISTINCT hash(range) FROM range(20000000))", {})
    with database.reading() as session:
        assert session.count("SELECT 1", {}) == 1
    database.close()
