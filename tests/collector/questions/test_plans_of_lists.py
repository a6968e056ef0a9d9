"""Golden plans of lists of what few are: but for what says so, they do not read all that is stored."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

from collector.models import NodeStatus
from collector.questions import events, runs, search, traces
from collector.questions.paging import Place
from collector.questions.runs import Filter
from collector.questions.traces import Wanted
from collector.store.database import Database, Session
from tests.collector.questions.filling import filled_with
from tests.collector.questions.scans import MOST
from tests.collector.questions.test_plans_of_agents import FILL, OTHERS, SESSION, everywhere

#: The trace of others in the middle.
TRACE_ID: Final = hashlib.md5(f"trace{OTHERS}".encode(), usedforsecurity=False).hexdigest()

#: What begins a look for few: it reads a column or two of all that is stored, at 3 ns of CPU a span.
CLUES: Final = "clues/"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The store, as a collector has read it and worked out ahead."""
    database = filled_with(tmp_path_factory.mktemp("plans"), FILL)
    yield database
    database.close()


def of_events(session: Session, at: Place, **wanted: Any) -> Any:
    """A page of events."""
    return events.find(session, at, **{"channel": None, "q": None, "limit": 50, **wanted})


#: What is asked, and how many it finds.
LISTS: Final[Mapping[str, tuple[Callable[[Session, Place], Any], int]]] = {
    "runs of others of a session": (lambda it, at: runs.find(it, at, Filter(session=SESSION, source="others"), 50), 4),
    "runs of ours of a session": (lambda it, at: runs.find(it, at, Filter(session=SESSION, source="own"), 50), 0),
    "runs of an app that none is of": (lambda it, at: runs.find(it, at, Filter(app="nobody"), 50), 0),
    "runs of an agent that none is of": (lambda it, at: runs.find(it, at, Filter(agent="nobody"), 50), 0),
    "runs that go on": (lambda it, at: runs.find(it, at, Filter(status=NodeStatus.RUNNING), 50), 0),
    "events that were replayed": (lambda it, at: of_events(it, at, standing="replayed"), 0),
    "events that nobody received": (lambda it, at: of_events(it, at, standing="unreceived"), 0),
    "events of a channel that none names": (lambda it, at: of_events(it, at, channel="nobody"), 0),
    "a trace among all": (lambda it, at: traces.find(it, at, Wanted(q=TRACE_ID), 50), 1),
    "traces that failed": (lambda it, at: traces.find(it, at, Wanted(failed=True), 50), 0),
}


@pytest.mark.parametrize("what", LISTS)
def test_a_list_of_few_does_not_read_all(filled: Database, scanned: dict[str, int], what: str) -> None:
    """Whatever ids look like."""
    ask, count = LISTS[what]
    with filled.reading() as session:
        page = ask(session, everywhere(session))
    assert len(page.items) == count
    assert any(query.startswith(CLUES) for query in scanned)
    looked = {query: rows for query, rows in scanned.items() if not query.startswith(CLUES)}
    assert {query: rows for query, rows in looked.items() if rows > MOST} == {}


@pytest.mark.parametrize("what", ["traces", "everything"])
def test_who_pastes_an_id_reads_what_was_stored_when_it_was_named(
    filled: Database, scanned: dict[str, int], what: str
) -> None:
    """No clue is needed where an id is whole. Whether it is a correlation's is looked for among all of these alone."""
    with filled.reading() as session:
        if what == "traces":
            assert len(traces.find(session, everywhere(session), Wanted(q=TRACE_ID), 50).items) == 1
        else:
            assert search.find(session, TRACE_ID, 50).items
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}
