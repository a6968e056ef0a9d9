"""Who stores, who has precedence and who reads what is stored beside them wait for each other in one order."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collector.store import text_loading
from collector.store.database import Database
from collector.store.precedence import Precedence
from collector.store.records import RecordWriter
from runtime.semconv import NodeKind
from tests.collector.store.test_materialized import store
from tests.collector.story import Story, place, uid
from tests.waiting import until_sync

#: Seconds after which threads wait for each other for ever.
PATIENCE = 20.0


def in_background(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    "read", [text_loading.load_texts, lambda database: RecordWriter(database).load_stored_ids()], ids=["texts", "ids"]
)
def test_who_has_precedence_stores_beside_who_reads_what_is_stored(
    path: Path, read: Callable[[Database], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each had what the other waited for: nothing was ever stored again."""
    database = Database.open(path)
    asked, begin = threading.Event(), Precedence._try_to_begin

    def noted(self: Precedence, question: Any) -> bool:
        found = begin(self, question)
        asked.set()
        return found

    def take_precedence() -> None:
        with database.precedence.hold():
            held.set()
            asked.wait(PATIENCE)
            with database.writing():
                pass

    held = threading.Event()
    holder = in_background(take_precedence)
    assert held.wait(PATIENCE)
    monkeypatch.setattr(Precedence, "_try_to_begin", noted)
    reader = in_background(lambda: read(database))
    holder.join(PATIENCE)
    reader.join(PATIENCE)
    assert (holder.is_alive(), reader.is_alive()) == (False, False)
    database.close()  # it would wait for ever as well


def test_what_is_imported_while_ids_begin_to_be_read_is_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then it has said that it comes, and is not committed: who reads waits until it is."""
    story = Story()
    store(database, story.node(NodeKind.EVENT, uid("event"), "publish c", place("a", "event")))
    records, blocked, block = RecordWriter(database), threading.Event(), Database.block_writes

    def noted(self: Database) -> Any:
        blocked.set()
        return block(self)

    monkeypatch.setattr(Database, "block_writes", noted)
    with database.writing() as session:
        session._cursor.execute("UPDATE spans SET event_id = ?", [uid("imported")])
        database.note_import()
        reader = in_background(records.load_stored_ids)
        until_sync(lambda: blocked.is_set() or not reader.is_alive() or None)
    reader.join(PATIENCE)
    with database.reading() as after:
        stretch = after.stretch([uid("imported")])
        (stored_us,) = database._connection.execute("SELECT stored_us FROM spans").fetchone() or (None,)
    assert database.sightings.is_known
    assert stretch.since_us <= stored_us <= stretch.until_us
