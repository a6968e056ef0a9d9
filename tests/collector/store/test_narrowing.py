"""What is asked of a copy of some traces is what is asked of all spans and kept to these."""

from collections.abc import Iterator
from uuid import UUID

import duckdb
import pytest

from collector.errors import NotFoundError
from collector.questions import sessions
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database, Session
from collector.store.narrowing import narrow_to_traces
from tests.collector.agents.sent import MS, START, SentTrace, Value

CALL: dict[str, Value] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "gen_ai.response.id": "r-1",
    "gen_ai.usage.input_tokens": 50,
    "gen_ai.usage.output_tokens": 5,
}


def call(number: int, scope: str, *, at: int = 0, session: str = "s") -> SentTrace:
    """A trace of one call of a model, so many milliseconds after the start."""
    trace = SentTrace(number)
    trace.add("chat", 0, {**CALL, "session.id": session}, scope=scope)
    span = trace.request.resource_spans[0].scope_spans[0].spans[0]
    span.start_time_unix_nano, span.end_time_unix_nano = START + at * MS, START + (at + 50) * MS
    return trace


def counted(session: Session, table: str) -> int:
    """How many rows a table has."""
    return session.count(f"SELECT count(*) FROM {table}", {})  # noqa: S608 names of the test's own


@pytest.fixture
def three(database: Database) -> Iterator[Session]:
    """A snapshot of three traces of a span each."""
    for number in (1, 2, 3):
        call(number, "a", session=f"s{number}").store(database)
    with database.reading() as session:
        yield session


def test_spans_are_those_of_the_traces_and_then_all_again(three: Session) -> None:
    """As often as somebody asks; what is looked for among all is there under a name of its own."""
    for traces, count in (([UUID(int=2)], 1), ([UUID(int=1), UUID(int=3), UUID(int=9)], 2), ([], 0)):
        with narrow_to_traces(three, traces):
            assert (counted(three, "spans"), counted(three, "every_span")) == (count, 3)
        assert (counted(three, "spans"), counted(three, "every_span")) == (3, 3)


def test_other_snapshots_see_all_meanwhile(three: Session, database: Database) -> None:
    """Also those that are opened then."""
    with narrow_to_traces(three, []), database.reading() as other:
        assert (counted(three, "spans"), counted(other, "spans")) == (0, 3)


def test_who_raises_within_it_leaves_nothing_narrowed(three: Session) -> None:
    """What is not found ends no snapshot."""
    with pytest.raises(NotFoundError), narrow_to_traces(three, []):
        raise NotFoundError("run", "a")
    assert counted(three, "spans") == 3


def test_other_columns_are_not_there_rather_than_empty(three: Session) -> None:
    """A statement that needs one fails, and says of what; that error reaches whoever asked."""
    with pytest.raises(duckdb.BinderException, match="attributes"), narrow_to_traces(three, [UUID(int=1)]):
        three.count("SELECT count(attributes) FROM spans", {})


def test_a_call_that_a_trace_outside_tells_of_is_not_counted_again(database: Database) -> None:
    """Another instrumentation told of it before, in a session of its own."""
    for trace in (call(1, "a", session="first"), call(2, "b", at=10, session="second")):
        trace.store(database)
    with database.reading() as session:
        page = sessions.find_sessions(session, PagePosition(Range.everything()), None, None, 50)
        used = {each.session: each.usage.calls if each.usage else 0 for each in page.items}
        start = sessions.make_first_position(session, Range.everything())
        second = sessions.find_session(session, "second", start, 50).session
    assert used == {"second": 0, "first": 1}
    assert second.usage is None
