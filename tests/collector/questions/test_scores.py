"""Evaluations as evaluators write them: numbers as text, labels alone, other scales, and only the answer's id."""

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.otlp.decode import logs
from collector.store.database import Database
from collector.store.records import RecordWriter
from tests.collector.agents.sent import START, SentTrace

EVENT = "gen_ai.evaluation.result"


def evaluated(database: Database, said: Mapping[str, AnyValue], trace_id: bytes = b"", span_id: bytes = b"") -> None:
    """Stores an evaluation as a log record."""
    request = ExportLogsServiceRequest()
    record = (
        request.resource_logs.add()
        .scope_logs.add()
        .log_records.add(time_unix_nano=START, event_name=EVENT, trace_id=trace_id, span_id=span_id)
    )
    for name, value in said.items():
        record.attributes.add(key=f"gen_ai.{name}", value=value)
    with database.writing() as session:
        RecordWriter(database).write(session, logs.decode(request.SerializeToString()))


def call(database: Database) -> tuple[bytes, bytes]:
    """Stores a call of a model; returns where it is."""
    trace = SentTrace()
    trace.span("chat", gen_ai__operation__name="chat", gen_ai__response__id="resp-1")
    trace.store(database)
    span = trace.request.resource_spans[0].scope_spans[0].spans[0]
    return span.trace_id, span.span_id


def scores(database: Database) -> list[Any]:
    """The scores that count."""
    return database._connection.execute("SELECT score, is_right(score) FROM scores_where(true)").fetchall()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"value": AnyValue(string_value="0.25")}, [(0.25, False)]),
        ({"value": AnyValue(int_value=1)}, [(1.0, True)]),
        ({"value": AnyValue(bool_value=True)}, [(1.0, True)]),
        ({"value": AnyValue(string_value="good")}, []),
        ({"label": AnyValue(string_value="fail")}, [(0.0, False)]),
        ({"label": AnyValue(string_value=" Passed")}, [(1.0, True)]),
        ({"label": AnyValue(string_value="lukewarm")}, []),
        ({"value": AnyValue(double_value=5.0)}, []),
        ({"value": AnyValue(double_value=-1.0)}, []),
        ({"value": AnyValue(double_value=5.0), "label": AnyValue(string_value="fail")}, [(0.0, False)]),
        ({"value": AnyValue(double_value=0.9), "label": AnyValue(string_value="fail")}, [(0.9, True)]),
    ],
)
def test_a_score_counts_in_whatever_form_it_says_right_or_wrong(
    said: dict[str, AnyValue], expected: list[Any], database: Database
) -> None:
    """A value on another scale is shown, and counts for neither."""
    evaluated(database, {f"evaluation.score.{name}": value for name, value in said.items()}, *call(database))
    assert scores(database) == expected
    ((shown,),) = database._connection.execute("SELECT count(*) FROM evaluations_where(true, true)").fetchall()
    assert shown == 1


def test_the_id_of_an_answer_leads_to_its_call(database: Database) -> None:
    """Evaluators that run later know no span."""
    call(database)
    for answer, score in (("resp-1", 0.3), ("resp-2", 0.4)):
        said = {"evaluation.score.value": AnyValue(double_value=score), "response.id": AnyValue(string_value=answer)}
        evaluated(database, said)
    assert scores(database) == [(0.3, False)]
