"""What there is that edges may come of is known as soon as it is stored, without another look."""

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.otlp.decode.spans import decode
from collector.store import rereading
from collector.store.database import Database
from collector.store.edge_sources import EdgeSources
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.session import Session
from tests.collector.agents.sent import SentTrace, langgraph

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")


def present(database: Database) -> tuple[bool, bool]:
    """What is known, which is never less than what a look finds."""
    with database.reading() as session:
        known = session.find_edge_sources()
        found = session.one(Query.CHAIN_PRESENT)
    assert all(known[name] for name in found if found[name])
    return known["apart"], known["messages"]


def taking() -> SentTrace:
    """A span that takes a message, as its operation says."""
    trace = SentTrace(number=5)
    trace.span("take", messaging__operation__type="process", messaging__system="kafka")
    return trace


def consuming() -> SentTrace:
    """The same, as its kind says."""
    trace = SentTrace(number=6)
    trace.span("take")
    trace.request.resource_spans[0].scope_spans[0].spans[0].kind = Span.SPAN_KIND_CONSUMER
    return trace


def waiting() -> SentTrace:
    """A task that begins a trace of its own."""
    trace = SentTrace(number=7)
    trace.span("go on", gen_ai__operation__name="execute_task")
    return trace


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(taking(), (False, True)), (consuming(), (False, True)), (waiting(), (True, False))],
    ids=["taking", "consuming", "waiting"],
)
def test_what_comes_is_known(
    sent: SentTrace, expected: tuple[bool, bool], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after, with one look."""
    langgraph(trace := SentTrace())
    records = RecordWriter(database)
    store(records, database, trace)
    assert present(database) == (False, False)
    store(records, database, sent)
    monkeypatch.delattr(Session, "one")
    with database.reading() as session:
        known = session.find_edge_sources()
    assert (known["apart"], known["messages"]) == expected


def test_what_is_read_anew_is_looked_for_again(database: Database) -> None:
    """Rules of today find what those of before did not."""
    store(RecordWriter(database), database, waiting())
    database._connection.execute("UPDATE spans SET role = NULL, operation = NULL")
    database.knowledge.present = EdgeSources()  # nobody has told
    assert present(database) == (False, False)
    while rereading.reread_slice(database):
        pass
    assert present(database) == (True, False)


def store(records: RecordWriter, database: Database, trace: SentTrace) -> None:
    """Stores a trace."""
    with database.writing() as session:
        records.write(session, decode(trace.request.SerializeToString()))
