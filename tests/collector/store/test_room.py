"""The database takes little memory, and what it may while something takes long."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from collector.errors import StoreError
from collector.store import room
from collector.store.background import create_room_keeper
from collector.store.database import Database
from tests.waiting import until_sync

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")

HASHES = "SELECT count(*) FROM (SELECT DISTINCT hash(range) FROM range(4000000))"


def limit(database: Database) -> str:
    """What the database may take now."""
    ((text,),) = database._connection.execute("SELECT current_setting('memory_limit')").fetchall()
    return str(text)


def test_it_has_more_while_something_takes_long_and_for_a_while_after(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is: a question that is asked, or a transaction."""
    monkeypatch.setattr(room, "USUAL_MIB", 48)
    database = Database.open(path, 96)
    with database.reading():
        database.adjust_memory_limit()
        assert limit(database) == "48.0 MiB"
        with monkeypatch.context() as soon:
            soon.setattr(room, "_PATIENCE", 0.0)
            database.adjust_memory_limit()
        assert limit(database) == "96.0 MiB"
    database.adjust_memory_limit()
    assert limit(database) == "96.0 MiB"
    database._room._wide_until = 0.0
    database.adjust_memory_limit()
    assert limit(database) == "48.0 MiB"
    database.close()


def test_what_is_done_part_by_part_has_no_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long all of it takes."""
    monkeypatch.setattr(room, "USUAL_MIB", 48)
    now = [100.0]
    monkeypatch.setattr(room.time, "monotonic", lambda: now[0])
    database = Database.open(path, 96)
    with database.reading() as session:
        for _ in range(3):
            now[0] += 4
            database.adjust_memory_limit()
            assert limit(database) == "48.0 MiB"
            session.note_part_done()
        now[0] += 6
        database.adjust_memory_limit()
        assert limit(database) == "96.0 MiB"
    database.close()


def test_what_does_not_fit_can_be_asked_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is more room for it then."""
    monkeypatch.setattr(room, "USUAL_MIB", 48)
    database = Database.open(path, 2_048)
    database._connection.execute("SET max_temp_directory_size = '0KiB'")
    with pytest.raises(StoreError, match="than the 48 MiB that it had; ask again"), database.reading() as session:
        session.count(HASHES, {})
    keeping = create_room_keeper(database)
    keeping.start()
    until_sync(lambda: limit(database) == "2.0 GiB")
    keeping.close()
    with database.reading() as session:
        assert session.count(HASHES, {}) == 4_000_000
    database.close()


def test_what_was_given_more_as_it_failed_can_be_asked_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It failed of what it had had; something else that did not fit either was the first to say so. The same where it
    had had more, and was left with less."""
    monkeypatch.setattr(room, "USUAL_MIB", 48)
    database = Database.open(path, 2_048)
    database._connection.execute("SET max_temp_directory_size = '0KiB'")

    def count(first: Callable[[], None] = lambda: None, then: Callable[[], None] = lambda: None) -> None:
        with database.reading() as session:
            first()
            try:
                session.count(HASHES, {})
            except duckdb.OutOfMemoryException:
                then()
                raise

    def take_less() -> None:
        database._room._wide_until = 0.0
        database.adjust_memory_limit()

    def give_more() -> None:
        database._room._widen()
        database.adjust_memory_limit()

    with pytest.raises(StoreError, match="than the 48 MiB that it had; ask again"):
        count(then=give_more)
    assert limit(database) == "2.0 GiB"
    with pytest.raises(StoreError, match="than the 48 MiB that it had; ask again"):
        count(first=take_less)
    database.close()


def test_it_never_has_more_than_it_may(path: Path) -> None:
    """Who gives it less than is usual has it take that."""
    database = Database.open(path, 96)
    assert limit(database) == "96.0 MiB"
    database.close()
