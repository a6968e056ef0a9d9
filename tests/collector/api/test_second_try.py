"""What does not fit into the memory that the database has is asked again when it has more: who asked sees nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.client import ApiError, CollectorClient
from collector.errors import RoomError
from collector.questions import overview
from collector.store import room
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.store.test_room import HASHES


@pytest.fixture
def narrow(path: Path, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveCollector]:
    """A collector whose database has little memory, and nowhere to put what does not fit."""
    monkeypatch.setattr(room, "USUAL_MIB", 48)
    with LiveCollector(path, bus) as live:
        live.database._connection.execute("SET max_temp_directory_size = '0KiB'")
        yield live


def test_a_question_that_does_not_fit_is_answered_all_the_same(
    narrow: LiveCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more room, and asked no more than twice."""
    tries: list[str] = []
    one = overview.build_overview

    def wide(*given: object, **more: object) -> object:
        tries.append("begun")
        given[0]._cursor.execute(HASHES).fetchall()  # type: ignore[attr-defined]  # a session
        tries.append("done")
        return one(*given, **more)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(overview, "build_overview", wide)
    with CollectorClient(narrow.url) as client:
        client.overview()
    assert tries == ["begun", "begun", "done"]


def test_one_that_does_not_fit_then_either_is_refused(narrow: LiveCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that the store can't answer now."""
    tries: list[str] = []

    def wider(*_: object, **__: object) -> None:
        tries.append("begun")
        raise RoomError("the database needs more")

    monkeypatch.setattr(overview, "build_overview", wider)
    with CollectorClient(narrow.url) as client, pytest.raises(ApiError) as raised:
        client.overview()
    assert (raised.value.status, raised.value.code, len(tries)) == (503, "store_unavailable", 2)
