"""Times that can't be are counted and named, and cost nobody a record."""

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.client import CollectorClient
from collector.otlp.decode import logs, metrics, spans
from collector.otlp.responses import make_receipt
from collector.otlp.signals import TRACES
from collector.store import early_times
from collector.store.batch import Batch
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.retention.policy import Policy
from collector.times import SECOND_NS
from tests.collector.live import LiveCollector
from tests.collector.store.retention.stores import DAY_NS, clean, names
from tests.collector.story import ORIGIN_NS, Story, place

WEEK = Policy(days=7, metrics_days=7)


def trace(start_ns: int, end_ns: int, *, service: str = "x", failed: bool = False, count: int = 1) -> bytes:
    """Spans of such times."""
    story = Story(service=service)
    for number in range(count):
        span = story.add("odd", place(f"t{number}", "s"), failed="boom" if failed else "")
        span.start_time_unix_nano, span.end_time_unix_nano = start_ns, end_ns
    return story.request()


def keep(database: Database, batch: Batch) -> None:
    with database.writing() as session:
        RecordWriter(database).write(session, batch)


@pytest.mark.parametrize(
    ("start_ns", "hint"),
    [
        (0, "they are 0"),
        (ORIGIN_NS // 10**9, "are they seconds?"),
        (ORIGIN_NS // 10**6, "are they milliseconds?"),
        (ORIGIN_NS // 10**3, "are they microseconds?"),
        (1, "OTLP has nanoseconds since 1970"),
    ],
)
def test_spans_of_impossible_times_are_named_with_what_they_may_be(start_ns: int, hint: str) -> None:
    batch = early_times.add_early_counts(spans.decode(trace(start_ns, start_ns + 5, count=3)))
    assert batch.mended == {f"spans of x have times before 2000: {hint}": 3}
    assert make_receipt(TRACES, batch).partial_success.error_message == (  # type: ignore[attr-defined] # generated
        f"3 spans of x have times before 2000: {hint}"
    )
    assert batch.size == 3


def test_an_impossible_end_is_named_too_and_no_end_is_none() -> None:
    assert early_times.add_early_counts(spans.decode(trace(ORIGIN_NS, 5))).mended
    assert not early_times.add_early_counts(spans.decode(trace(ORIGIN_NS, 0))).mended
    assert not early_times.add_early_counts(spans.decode(trace(ORIGIN_NS, ORIGIN_NS + 5))).mended


def test_such_spans_are_kept_by_when_they_came(database: Database) -> None:
    """They would be gone within a minute, as older than anything."""
    keep(database, spans.decode(trace(ORIGIN_NS // 10**6, ORIGIN_NS // 10**6 + 5)))
    ((stored_us,),) = database._connection.execute("SELECT stored_us FROM spans").fetchall()
    day = (stored_us * 1000 - ORIGIN_NS) / DAY_NS
    clean(database, day + 6, WEEK)
    assert names(database) == {"odd"}
    clean(database, day + 8, WEEK)
    assert names(database) == set()


def test_such_spans_are_not_cut_as_the_oldest_of_a_full_store(database: Database) -> None:
    keep(database, spans.decode(trace(0, 5)))
    ((stored_us,),) = database._connection.execute("SELECT stored_us FROM spans").fetchall()
    clean(database, (stored_us * 1000 - ORIGIN_NS) / DAY_NS + 0.001, Policy(gib=1e-6))
    assert names(database) == {"odd"}


def test_a_log_record_without_any_time_has_that_of_its_arrival(database: Database) -> None:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    records.add(body={"string_value": "no time"})
    records.add(body={"string_value": "observed"}, observed_time_unix_nano=ORIGIN_NS)
    records.add(body={"string_value": "both"}, time_unix_nano=ORIGIN_NS + 7, observed_time_unix_nano=ORIGIN_NS)
    records.add(body={"string_value": "ms"}, time_unix_nano=5, observed_time_unix_nano=ORIGIN_NS + 3)
    batch = early_times.add_early_counts(logs.decode(request.SerializeToString()))
    assert sum(batch.mended.values()) == 2
    keep(database, batch)
    keep(database, batch)
    rows = database._connection.execute(
        "SELECT text_of(body), log_time(time_ns, observed_ns), epoch_ns(now()) FROM logs"
    ).fetchall()
    times = {text: at for text, at, _ in rows}
    assert (times["observed"], times["both"], times["ms"]) == (ORIGIN_NS, ORIGIN_NS + 7, ORIGIN_NS + 3)
    assert abs(times["no time"] - rows[0][2]) < 600 * SECOND_NS
    assert len(rows) == 4, "sent again, they are known"


def test_a_data_point_without_a_time_has_that_of_its_arrival(database: Database) -> None:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="m")
    metric.gauge.data_points.add(as_double=1.0)
    metric.gauge.data_points.add(as_double=2.0, time_unix_nano=ORIGIN_NS)
    batch = early_times.add_early_counts(metrics.decode(request.SerializeToString()))
    assert batch.mended == {"data points of a service without a name have times before 2000: they are 0": 1}
    keep(database, batch)
    rows = database._connection.execute("SELECT value, time_ns, epoch_ns(now()) FROM metric_points").fetchall()
    times = {value: at for value, at, _ in rows}
    assert times[2.0] == ORIGIN_NS
    assert abs(times[1.0] - rows[0][2]) < 600 * SECOND_NS


def test_many_services_are_not_all_named() -> None:
    request = ExportTraceServiceRequest()
    for number in range(30):
        request.MergeFromString(trace(0, 1, service=f"s{number:02}"))
    counted = early_times.add_early_counts(spans.decode(request.SerializeToString())).mended
    assert len(counted) == 11
    assert sum(counted.values()) == 30


def test_the_overview_names_them_and_counts_their_failures(collector: LiveCollector, client: CollectorClient) -> None:
    start_ns = ORIGIN_NS // 10**6
    collector.post(trace(start_ns, start_ns + 5, service="ms-clock", failed=True, count=5))
    found = {problem.title: problem for problem in client.overview().problems}
    named = found["5 spans of ms-clock have times before 2000: are they milliseconds?"]
    assert named.params == {"service": "ms-clock", "range": "all"}
    assert "5 of 5 spans of ms-clock failed" in found
