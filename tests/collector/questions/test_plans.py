"""Golden plans: whoever looks for one thing does not read all that is stored, whatever its id looks like."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from collector.causality import graph
from collector.causality.cone import Direction
from collector.errors import NotFoundError
from collector.models import NodeStatus, Window
from collector.questions import (
    agent_runs,
    beginning_traces,
    call_figures,
    conversations,
    events,
    node,
    runs,
    services,
    traces,
    windows,
)
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.questions.filling import CHAIN, FILL, SPANS, filled_with
from tests.collector.questions.scans import MOST

#: Of the chain in the middle.
MIDDLE = SPANS // 2 // CHAIN * CHAIN


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The store, as a collector has read it."""
    database = filled_with(tmp_path_factory.mktemp("plans"), FILL, is_settled=False)
    yield database
    database.close()


def ids(database: Database, kind: str) -> tuple[UUID, UUID]:
    """The node and the trace of a span of a kind, in the middle of the store."""
    found = "SELECT node_id, trace_id FROM spans WHERE node_kind = $kind AND start_ns >= $ns ORDER BY start_ns LIMIT 1"
    middle = (1_767_225_600_000 + 10 * (MIDDLE // CHAIN)) * 1_000_000
    row = database._connection.execute(found, {"kind": kind, "ns": middle}).fetchone()
    assert row is not None
    return row


Ask = Callable[[Session, UUID, UUID], object]

LOOKS: dict[str, Ask] = {
    "panel": lambda session, id_, _: node.find_node(session, id_),
    "cone": lambda session, id_, _: graph.build_causal_graph(session, id_, Direction.BOTH),
    "trace": lambda session, _, trace: traces.find_trace(session, trace),
}

#: What an answer must hold, so that little is read for all of it and not for nothing.
HOLDS: dict[tuple[str, str], Callable[[Any], bool]] = {
    ("panel", "step"): lambda found: len(found.attempts) == 1 and len(found.causes) == 1,
    ("cone", "run"): lambda found: len(found.nodes) == 91,
    ("trace", "event"): lambda found: len(found.spans) == 91,
    ("trace", "span"): lambda found: len(found.spans) == 1,
}


@pytest.mark.parametrize("kind", ["run", "step", "event", "delivery", "span"])
@pytest.mark.parametrize("look", LOOKS)
def test_a_look_for_one_thing_does_not_read_all(
    filled: Database, scanned: dict[str, int], look: str, kind: str
) -> None:
    """Ids of ours begin with their time, those of spans of others are random."""
    id_, trace = ids(filled, kind)
    with filled.reading() as session:
        found = LOOKS[look](session, id_, trace)
    assert HOLDS.get((look, kind), bool)(found)
    assert scanned
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_pages_of_one_run_and_one_event_do_not_read_all(filled: Database, scanned: dict[str, int]) -> None:
    """With all that belongs to them."""
    with filled.reading() as session:
        run = runs.find_run(session, ids(filled, "run")[0])
        event = events.find_event(session, ids(filled, "event")[0])
    assert (len(run.steps), len(run.events), len(event.deliveries)) == (10, 0, 3)
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_what_was_said_in_a_run_of_ours_is_not_looked_for_in_all(filled: Database, scanned: dict[str, int]) -> None:
    """Its id may be one that was derived, as are those of nodes of others that never arrived; of another nothing is
    known."""
    with filled.reading() as session:
        said = conversations.find_conversation(session, id_ := ids(filled, "run")[0])
        with pytest.raises(NotFoundError):
            conversations.find_conversation(session, identity.mint())
    assert (id_.version, said.calls) == (8, 0)
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_figures_of_calls_do_not_read_all(filled: Database, scanned: dict[str, int]) -> None:
    """With the scores that they were given."""
    middle = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=10 * (MIDDLE // CHAIN))
    window = Window(start=middle - timedelta(seconds=1), end=middle + timedelta(seconds=1))
    with filled.reading() as session:
        found = call_figures.find_figures(session, window, CallCriteria(), CallOrder(), agent_runs.NO_PRICES)
    assert (found.total.calls, found.groups) == (5, 1)
    # All of this store lies in one of the parts of time that are remembered, and of those all traces are.
    del scanned[Query.CALLS_TRACES.value]
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_who_sent_spans_of_a_short_window_is_told_without_reading_all(
    filled: Database, scanned: dict[str, int]
) -> None:
    """Nor are all spans held against scopes, nor against what failed."""
    middle = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=10 * (MIDDLE // CHAIN))
    within = Range.of(Window(start=middle - timedelta(seconds=1), end=middle + timedelta(seconds=1)))
    with filled.reading() as session:
        stored = beginning_traces.find_stretch(session, within)
        found = services.find_service_figures(session, within, stored)
    assert stored != EVERYTHING
    assert found
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_the_latest_window_that_holds_anything_is_found_without_reading_all(
    filled: Database, scanned: dict[str, int]
) -> None:
    """A day after the last record."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    with filled.reading() as session:
        window = windows.choose_window(
            session, windows.Period(length=timedelta(seconds=1)), now, windows.RecordScope([NodeKind.RUN])
        )
    assert window.fallback
    assert window.end - window.start == timedelta(seconds=1)
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_first_pages_of_lists_do_not_read_all(filled: Database, scanned: dict[str, int]) -> None:
    """Of what is told by several spans, which may have been stored at any time; and of what a search finds."""
    everything = PagePosition(Range.everything())
    with filled.reading() as session:
        assert len(runs.find_runs(session, everything, runs.RunCriteria(source="own"), 50).items) == 50
        assert len(events.find_events(session, everything, channel=None, q=None, limit=50).items) == 50
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_a_search_for_a_subject_does_not_read_all(filled: Database, scanned: dict[str, int]) -> None:
    """Of runs, of what is of others, and of events where none has a payload; nor one for what nobody said."""
    everything = PagePosition(Range.everything())
    with filled.reading() as session:
        found = runs.find_runs(session, everything, runs.RunCriteria(q=f"S-{MIDDLE // CHAIN:07d}"), 50)
        assert [run.run_id for run in found.items] == [str(ids(filled, "run")[0])]
        assert (
            len(events.find_events(session, everything, channel=None, q=f"s-{MIDDLE // CHAIN:07d}", limit=50).items)
            == 20
        )
        assert runs.find_runs(session, everything, runs.RunCriteria(q="of nobody"), 50).items == []
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


@pytest.fixture
def marked(filled: Database) -> Iterator[None]:
    """Work goes on while these tests look: markers of steps and deliveries, also of the chain in the middle."""
    chains = f"IN ({MIDDLE // CHAIN}, {MIDDLE // CHAIN + 1}, 7)"
    told = f"""
        INSERT INTO pending BY NAME
        SELECT * REPLACE (span_id AS parent_span_id, span_id + 1 AS span_id, NULL AS outcome, attempt + 1 AS attempt)
        FROM spans
        WHERE node_kind IN ('step', 'delivery') AND (start_ns // 1000000 - 1767225600000) // 10 {chains}
    """  # noqa: S608 numbers of our own
    with filled.writing() as session:
        session._cursor.execute(told)
        session._cursor.execute("UPDATE pending SET parent_span_id = parent_span_id + 2 WHERE parent_span_id % 2 = 0")
    yield
    with filled.writing() as session:
        session._cursor.execute("DELETE FROM pending")


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("kind", ["run", "step", "event", "delivery", "span"])
@pytest.mark.parametrize("look", LOOKS)
def test_markers_of_work_that_goes_on_do_not_have_all_read(
    filled: Database, scanned: dict[str, int], look: str, kind: str
) -> None:
    """Whether the work of one has arrived is looked for where it was stored."""
    id_, trace = ids(filled, kind)
    with filled.reading() as session:
        assert LOOKS[look](session, id_, trace)
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


@pytest.mark.usefixtures("marked")
def test_markers_of_work_that_goes_on_do_not_have_all_read_for_pages_of_lists(
    filled: Database, scanned: dict[str, int]
) -> None:
    """Of runs and of events, whose first page holds such."""
    before_ns = (1_767_225_600_000 + 10 * (MIDDLE // CHAIN + 2)) * 1_000_000
    within = PagePosition(Range(0, before_ns, None))
    with filled.reading() as session:
        found = events.find_events(session, within, channel=None, q=None, limit=50)
        assert len(runs.find_runs(session, within, runs.RunCriteria(source="own"), 50).items) == 50
    standing = {brief.status for event in found.items for brief in event.deliveries}
    assert standing == {NodeStatus.RUNNING, NodeStatus.OK}
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


EVERYTHING_THERE_IS = PagePosition(Range.everything())

#: How many statements an answer takes: each is planned anew, some milliseconds whatever is stored.
STATEMENTS: dict[str, tuple[Ask, int]] = {
    "a panel": (lambda session, id_, _: node.find_node(session, id_), 7),
    "a cone": (lambda session, id_, _: graph.build_causal_graph(session, id_, Direction.BOTH), 8),
    "a trace": (lambda session, _, trace: traces.find_trace(session, trace), 2),
    "a page of our runs": (
        lambda session, *_: runs.find_runs(session, EVERYTHING_THERE_IS, runs.RunCriteria(source="own"), 50),
        7,
    ),
    "a page of runs of others": (
        lambda session, *_: runs.find_runs(session, EVERYTHING_THERE_IS, runs.RunCriteria(source="others"), 50),
        7,
    ),
    "a page of events": (
        lambda session, *_: events.find_events(session, EVERYTHING_THERE_IS, channel=None, q=None, limit=50),
        6,
    ),
}


@pytest.mark.parametrize("what", STATEMENTS)
def test_an_answer_takes_few_statements(filled: Database, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """As many as are written down here, and no more: of an event where it is about one node."""
    asked: list[str] = []
    ask = Session.rows

    def rows(self: Session, query: Query, **values: object) -> list[dict[str, Any]]:
        asked.append(query.value)
        return ask(self, query, **values)

    monkeypatch.setattr(Session, "rows", rows)
    id_, trace = ids(filled, "event")
    look, most = STATEMENTS[what]
    with filled.reading() as session:
        session.find_edge_sources()
        asked.clear()
        assert look(session, id_, trace)
    assert len(asked) == most, asked
