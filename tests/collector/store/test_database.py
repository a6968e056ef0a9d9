"""One file, one owner, a version."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from collector.errors import DatabaseLockedError, SchemaNewerError, StartError
from collector.otlp.decode import decode
from collector.store import schema
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.writer import write
from tests.collector.story import Story, place


def test_data_is_there_after_a_restart(path: Path) -> None:
    """Also where nobody closed the database in order."""
    story = Story()
    story.add("work", place("t", "s"))
    for _ in range(2):
        database = Database.open(path)
        with database.writing() as session:
            write(session, decode(story.request()))
        database.close()

    database = Database.open(path)
    with database.reading() as session:
        assert session.one(Query.STORED_COUNTS) == {"stored": 1, "rejected": 0}
    database.close()


def test_the_folder_is_made(tmp_path: Path) -> None:
    """A first start needs no preparation."""
    Database.open(tmp_path / "deep" / "down" / "causeline.duckdb").close()


def test_a_newer_schema_is_refused_and_left_as_it_is(path: Path) -> None:
    """Not a byte of it changes."""
    Database.open(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("INSERT INTO schema_version VALUES ($v, now())", {"v": schema.newest() + 1})
    before = path.read_bytes()

    with pytest.raises(SchemaNewerError, match=f"schema version {schema.newest() + 1}"):
        Database.open(path)

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


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
        before = reader.one(Query.STORED_COUNTS)
        with database.writing() as session:
            write(session, decode(story.request()))
        assert reader.one(Query.STORED_COUNTS) == before
    with database.reading() as reader:
        assert reader.one(Query.STORED_COUNTS)["stored"] == 1


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """All of a batch or none of it."""
    story = Story()
    story.add("work", place("t", "s"))
    with pytest.raises(KeyError), database.writing() as session:  # noqa: PT012 the block is what is tested
        write(session, decode(story.request()))
        raise KeyError
    with database.reading() as reader:
        assert reader.one(Query.STORED_COUNTS)["stored"] == 0
