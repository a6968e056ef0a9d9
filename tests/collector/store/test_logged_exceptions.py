"""Exceptions that came as log records say how a span of others ended, whatever came first and however it came."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from collector.models import NodeStatus
from collector.otlp.decode import logs
from collector.questions import node, runs, traces
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store import logged_exceptions, rereading, seen_spans
from collector.store.batch import Batch, merge_batches
from collector.store.database import Database
from collector.store.records import RecordWriter
from tests.collector.agents.sent import START, SentTrace
from tests.collector.fresh import open_database
from tests.collector.store.exchange.exports import exported, loaded

TOO_LATE_MS = 5


def call(number: int = 1) -> SentTrace:
    """A call of a tool whose status says nothing."""
    trace = SentTrace(number)
    trace.span(f"call-{number}", gen_ai__operation__name="execute_tool")
    return trace


def logged(
    trace: SentTrace,
    exception: str = "ValueError",
    *,
    before_the_end_ms: int = 0,
    severity: int = 17,
    timed: bool = True,
) -> Batch:
    """A log record that tells an exception of the only span of a trace."""
    span = trace.request.resource_spans[0].scope_spans[0].spans[0]
    request = ExportLogsServiceRequest()
    record = (
        request.resource_logs.add()
        .scope_logs.add()
        .log_records.add(trace_id=span.trace_id, span_id=span.span_id, severity_number=severity)
    )
    at = span.end_time_unix_nano - before_the_end_ms * 1_000_000
    record.time_unix_nano, record.observed_time_unix_nano = at if timed else 0, at
    record.attributes.add(key="exception.type").value.string_value = exception
    return logs.decode(request.SerializeToString())


def store(database: Database, *batches: Batch) -> None:
    """By one collector, each in a transaction of its own."""
    records = RecordWriter(database)
    for batch in batches:
        with database.writing() as session:
            records.write(session, batch)


def status(database: Database, number: int = 1) -> NodeStatus:
    """How the only call of a trace stands."""
    with database.reading() as session:
        found = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 20).items
        (told,) = (
            one
            for run in found
            for one in runs.find_run(session, UUID(run.run_id)).calls
            if one.name == f"call-{number}"
        )
    return told.status


def settle(database: Database) -> None:
    """Reads anew what has to be, as happens by itself."""
    while rereading.reread_slice(database):
        pass


def logs_first(database: Database) -> None:
    store(database, logged(call()), call().batch())


def spans_first(database: Database) -> None:
    store(database, call().batch(), logged(call()))


def together(database: Database) -> None:
    store(database, merge_batches([logged(call()), call().batch()]))


def a_restart_between(database: Database) -> None:
    store(database, logged(call()))
    store(database, call().batch())


def many_others(database: Database) -> None:
    others = merge_batches([call(number).batch() for number in range(2, 9)])
    store(database, others, logged(call()), merge_batches([call(9).batch(), call().batch(), call(10).batch()]))


@pytest.mark.parametrize("come", [logs_first, spans_first, together, a_restart_between, many_others])
def test_an_exception_that_was_logged_is_a_failure(come: Callable[[Database], None], database: Database) -> None:
    """Of the one span that it names."""
    come(database)
    assert status(database) == NodeStatus.FAILED
    if come is many_others:
        assert {status(database, number) for number in range(2, 11)} == {NodeStatus.OK}


@pytest.mark.parametrize("first", ["spans", "logs"])
def test_an_import_tells_of_what_is_stored(first: str, database: Database, tmp_path: Path) -> None:
    """Whichever of the two was there, and a record that is sent after it knows of what was imported."""
    other = open_database(tmp_path / "other.duckdb")
    records = RecordWriter(database)
    here, there = (call().batch(), logged(call())) if first == "spans" else (logged(call()), call().batch())
    with database.writing() as session:
        records.write(session, here)
    settle(database)
    store(other, there, logged(call(2)))
    loaded(database, exported(other, tmp_path / "export"))
    other.close()
    with database.writing() as session:
        records.write(session, call(2).batch())
    settle(database)
    assert (status(database), status(database, 2)) == (NodeStatus.FAILED, NodeStatus.FAILED)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (logged(call(), before_the_end_ms=TOO_LATE_MS), NodeStatus.OK),
        (logged(call(), severity=13), NodeStatus.OK),
        (logged(call(), severity=0), NodeStatus.FAILED),
        (logged(call(), timed=False), NodeStatus.FAILED),
        (logged(call(), "asyncio.exceptions.CancelledError"), NodeStatus.CANCELLED),
        (logged(call(), "pydantic_ai.exceptions.CallDeferred"), NodeStatus.WAITING),
        (logged(call(2)), NodeStatus.OK),
    ],
    ids=["overcome", "a warning", "no severity", "no time", "cancelled", "deferred", "of another span"],
)
def test_it_means_what_it_would_as_an_event(record: Batch, expected: NodeStatus, database: Database) -> None:
    """One that is logged as a warning was handled."""
    store(database, call().batch(), record)
    assert status(database) == expected


def test_the_last_exception_decides_whichever_way_it_came(database: Database) -> None:
    """An event of the span that comes later than the record."""
    trace = call()
    span = trace.request.resource_spans[0].scope_spans[0].spans[0]
    event = span.events.add(name="exception", time_unix_nano=span.end_time_unix_nano)
    event.attributes.add(key="exception.type").value.string_value = "pydantic_ai.exceptions.ApprovalRequired"
    store(database, logged(trace, before_the_end_ms=TOO_LATE_MS), trace.batch())
    assert status(database) == NodeStatus.WAITING


def test_a_span_that_is_sent_again_after_it_is_no_other(database: Database) -> None:
    """What is known of it changed by what came beside it, not by what was sent."""
    store(database, call().batch(), logged(call()), call().batch())
    with database.reading() as session:
        counts = session._cursor.execute(
            "SELECT (SELECT count(*) FROM spans), (SELECT count(*) FROM superseded), "
            "(SELECT count(*) FROM replacements)"
        ).fetchone()
    assert counts == (1, 0, 0)
    assert status(database) == NodeStatus.FAILED


def test_rules_that_change_forget_no_exception(database: Database) -> None:
    store(database, call().batch(), logged(call()))
    with database.writing() as session:
        rereading.schedule_rereading(session, 0)
    settle(database)
    assert status(database) == NodeStatus.FAILED


def at_odds(odd: str) -> tuple[SentTrace, int]:
    """A call with odd times, and by how many milliseconds its exception comes before its end."""
    trace = call()
    span = trace.request.resource_spans[0].scope_spans[0].spans[0]
    day_ms = 24 * 3600 * 1_000
    if odd == "took days":
        span.start_time_unix_nano -= 3 * day_ms * 1_000_000
    elif odd == "ran backwards":
        span.start_time_unix_nano += 3 * day_ms * 1_000_000
    elif odd == "in milliseconds":
        span.start_time_unix_nano, span.end_time_unix_nano = START // 1_000_000, START // 1_000_000 + 1
    span.status.code = 2
    return trace, {"logged by a clock ahead": -3 * day_ms, "logged by a clock behind": 3 * day_ms}.get(odd, 0)


@pytest.mark.parametrize("first", ["spans", "logs"])
@pytest.mark.parametrize(
    "odd",
    ["took days", "ran backwards", "in milliseconds", "logged by a clock ahead", "logged by a clock behind"],
)
def test_it_finds_its_span_whatever_clocks_say(
    odd: str, first: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the other had come first."""
    monkeypatch.setattr(logged_exceptions.time, "time_ns", lambda: START + 60 * 10**9)
    trace, before_ms = at_odds(odd)
    record = logged(trace, "pydantic_ai.exceptions.ApprovalRequired", before_the_end_ms=before_ms)
    store(database, *((trace.batch(), record) if first == "spans" else (record, trace.batch())))
    assert status(database) == NodeStatus.WAITING


def test_an_import_finds_spans_that_took_days(database: Database, tmp_path: Path) -> None:
    trace, _ = at_odds("took days")
    other = open_database(tmp_path / "other.duckdb")
    store(database, trace.batch())
    store(other, logged(trace, "pydantic_ai.exceptions.ApprovalRequired"))
    loaded(database, exported(other, tmp_path / "export"))
    other.close()
    assert status(database) == NodeStatus.WAITING


def test_however_many_were_logged_they_are_read_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that was too small for them would be filled anew by each transaction."""
    monkeypatch.setattr(seen_spans, "_FEWEST_WORDS", 1)
    store(database, *(logged(call(number)) for number in range(9)), logged(call(1)))
    records = RecordWriter(database)
    looks: list[None] = []
    monkeypatch.setattr(records._exceptions, "_load_stored", lambda: looks.append(None))
    for number in range(2):
        with database.writing() as session:
            records.write(session, call(20 + number).batch())
    assert looks == []


def test_the_exception_that_counts_is_the_one_that_is_shown(database: Database) -> None:
    """The last one, whether it came as an event or as a record."""
    trace = call()
    span = trace.request.resource_spans[0].scope_spans[0].spans[0]
    event = span.events.add(name="exception", time_unix_nano=span.end_time_unix_nano)
    event.attributes.add(key="exception.type").value.string_value = "celery.exceptions.Retry"
    store(database, trace.batch(), logged(trace, before_the_end_ms=TOO_LATE_MS))
    with database.reading() as session:
        ids = session._cursor.execute("SELECT node_id, trace_id FROM spans").fetchone()
        assert ids is not None
        found = node.find_node(session, ids[0])
        told = traces.find_trace(session, ids[1])
    assert [attempt.error_type for attempt in found.attempts] == ["celery.exceptions.Retry"]
    assert [one.attributes["exception.type"] for one in told.spans[0].events] == [
        "ValueError",
        "celery.exceptions.Retry",
    ]
