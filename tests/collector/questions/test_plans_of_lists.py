"""Golden plans of lists of what few are: but for what says so, they do not read all that is stored."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from collector.models import NodeStatus
from collector.questions import events, runs, search, traces
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.traces import TraceCriteria
from collector.store.database import Database, Session
from tests.collector.questions.filling import filled_with
from tests.collector.questions.scans import MOST
from tests.collector.questions.test_plans_of_agents import BEGUN, FILL, OTHERS, SESSION, SPANS, TRACE, everywhere

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


def of_events(session: Session, at: PagePosition, **wanted: Any) -> Any:
    """A page of events."""
    return events.find_events(session, at, **{"channel": None, "q": None, "limit": 50, **wanted})


#: What is asked, and how many it finds.
LISTS: Final[Mapping[str, tuple[Callable[[Session, PagePosition], Any], int]]] = {
    "runs of others of a session": (
        lambda it, at: runs.find_runs(it, at, RunCriteria(session=SESSION, source="others"), 50),
        4,
    ),
    "runs of ours of a session": (
        lambda it, at: runs.find_runs(it, at, RunCriteria(session=SESSION, source="own"), 50),
        0,
    ),
    "runs of an app that none is of": (lambda it, at: runs.find_runs(it, at, RunCriteria(app="nobody"), 50), 0),
    "runs of an agent that none is of": (lambda it, at: runs.find_runs(it, at, RunCriteria(agent="nobody"), 50), 0),
    "runs that go on": (lambda it, at: runs.find_runs(it, at, RunCriteria(status=NodeStatus.RUNNING), 50), 0),
    "events that were replayed": (lambda it, at: of_events(it, at, standing="replayed"), 0),
    "events that nobody received": (lambda it, at: of_events(it, at, standing="unreceived"), 0),
    "events of a channel that none names": (lambda it, at: of_events(it, at, channel="nobody"), 0),
    "a trace among all": (lambda it, at: traces.find_traces(it, at, TraceCriteria(q=TRACE_ID), 50), 1),
    "traces that failed": (lambda it, at: traces.find_traces(it, at, TraceCriteria(failed=True), 50), 0),
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


#: What many runs of others are asked for by.
OF_MANY: Final[Mapping[str, RunCriteria]] = {
    "an agent": RunCriteria(agent="clerk", source="others"),
    "a model": RunCriteria(model="m", source="others"),
    "an app": RunCriteria(app="s", source="others"),
    "a name": RunCriteria(workflow="clerk", source="others"),
    "an agent and a model": RunCriteria(agent="clerk", model="m", source="others"),
}


@pytest.mark.parametrize("what", OF_MANY)
def test_runs_of_what_many_are_of_are_looked_for_among_the_newest(
    filled: Database, scanned: dict[str, int], what: str
) -> None:
    """Two thirds of all spans are older than what two pages read."""
    with filled.reading() as session:
        page = runs.find_runs(session, everywhere(session), OF_MANY[what], 50)
        following = PagePosition.read(page.next)
        assert following is not None
        further = runs.find_runs(session, following, OF_MANY[what], 50)
    assert len({run.run_id for run in [*page.items, *further.items]}) == 100
    looked = {query: rows for query, rows in scanned.items() if not query.startswith(CLUES)}
    assert {query: rows for query, rows in looked.items() if rows > MOST} == {}


#: What a payload says is looked for in all of them, also where it looks like an id: somebody may have written it there.
SAYING: Final = "events/found"

#: What somebody pastes an id into, and finds one of.
PASTED: Final[Mapping[str, Callable[[Session, PagePosition, str], Any]]] = {
    "runs": lambda it, at, id_: runs.find_runs(it, at, RunCriteria(q=id_), 50).items,
    "events": lambda it, at, id_: of_events(it, at, q=id_).items,
    "traces": lambda it, at, id_: traces.find_traces(it, at, TraceCriteria(q=id_), 50).items,
    "everything": lambda it, at, id_: search.search_nodes(it, id_, 50).items,
}


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("traces", "span"),
        *((what, kind) for what in ("runs", "events", "everything") for kind in ("run", "event", "delivery")),
        *((what, "span") for what in ("runs", "everything")),
    ],
)
def test_who_pastes_an_id_reads_what_was_stored_when_it_was_named(
    filled: Database, scanned: dict[str, int], what: str, kind: str
) -> None:
    """No clue is needed where an id is whole. A correlation's is looked for in a column of all, which leaves out the
    blocks that are of another time: who starts something without one of their own has one that begins with its time."""
    id_ = TRACE_ID if kind == "span" else str(own_id(filled, kind))
    with filled.reading() as session:
        found = PASTED[what](session, everywhere(session), id_)
    assert len(found) == 1 or (found and what == "everything")
    assert {query for query, rows in scanned.items() if rows > MOST} <= {SAYING}


def own_id(database: Database, kind: str) -> UUID:
    """The id of a node of ours, in the middle of the store."""
    found = "SELECT node_id FROM spans WHERE node_kind = $kind AND start_ns >= $ns ORDER BY start_ns LIMIT 1"
    middle = int((BEGUN + timedelta(seconds=SPANS // TRACE // 2)).timestamp()) * 10**9
    row = database._connection.execute(found, {"kind": kind, "ns": middle}).fetchone()
    assert row is not None
    return row[0]
