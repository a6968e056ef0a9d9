"""All log records can be read: those of a node, and those that name no span, no trace, or a span that never came."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from collector.api.arrow import STREAM
from collector.client import ApiError, CollectorClient
from collector.models import LogPage
from collector.questions import log_records, logs
from collector.questions.log_records import LogCriteria
from collector.questions.paging import PagePosition
from collector.questions.search_progress import SearchPace
from collector.questions.windows import Range
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import MS, ORIGIN_NS, Story, Where, place, uid

STEP, BELOW = place("t", "step"), place("t", "call")
ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


def write(collector: LiveCollector, *records: LogRecord, service: str = "shop") -> None:
    """Log records of one service."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    resource.scope_logs.add().log_records.extend(records)
    collector.post(request.SerializeToString(), signal="logs").raise_for_status()


def record(body: str, at: int = 0, where: Where | None = None, severity: int = 0, said: str = "") -> LogRecord:
    """One record, `at` milliseconds after the origin; of a span, where it names one."""
    made = LogRecord(time_unix_nano=ORIGIN_NS + at * MS, severity_number=severity, severity_text=said)
    made.body.string_value = body
    if where:
        made.trace_id, made.span_id = where.trace.to_bytes(16), where.span.to_bytes(8)
    return made


def said(page: LogPage) -> list[str]:
    """What the records of a page say."""
    return [each.body for each in page.items]


@pytest.fixture
def written(collector: LiveCollector) -> str:
    """Records of a step, of a call below it, of a span that never came, of a trace alone, and of nothing; the step."""
    story = Story()
    story.node(NodeKind.STEP, uid("step"), "step s", STEP, more={semconv.STEP: "s"})
    story.add("call", BELOW, parent=STEP)
    collector.tell(story)
    traced = record("of a trace", 4)
    traced.trace_id = STEP.trace.to_bytes(16)
    raised = record("raised", 5, STEP, 17)
    raised.attributes.add(key="exception.type").value.string_value = "OSError"
    write(collector, record("step", 1, STEP, 9), record("call", 2, BELOW, 13), traced, raised)
    write(collector, record("late", 3, place("u", "never"), 5), record("loose", 6, said="error"), service="depot")
    return str(uid("step"))


def test_every_record_is_listed_whatever_it_belongs_to(client: CollectorClient, written: str) -> None:
    """Newest first; without a range the latest hour with records is shown."""
    page = client.logs()
    assert said(page) == ["loose", "raised", "of a trace", "late", "call", "step"]
    assert (page.items[0].trace_id, page.items[0].span_id, page.items[0].service) == ("", "", "depot")
    assert (page.items[2].trace_id, page.items[2].span_id) == (f"{STEP.trace:032x}", "")
    assert page.window
    assert page.window.fallback


def test_records_are_narrowed(client: CollectorClient, written: str) -> None:
    """By service, least severity, trace, span, node, text, and by whether they name a span."""
    assert said(client.logs(service="depot")) == ["loose", "late"]
    assert said(client.logs(severity="WARN")) == ["loose", "raised", "call"]
    assert said(client.logs(trace_id=f"{STEP.trace:032x}")) == ["raised", "of a trace", "call", "step"]
    assert said(client.logs(span_id=f"{BELOW.span:016x}")) == ["call"]
    assert said(client.logs(node_id=written)) == ["raised", "call", "step"]
    assert said(client.logs(loose=True)) == ["loose", "of a trace"]
    assert said(client.logs(q="LOOSE")) == ["loose"]
    assert said(client.logs(q="oserror")) == ["raised"]
    assert said(client.logs(q=f"{BELOW.span:016x}")) == ["call"]
    assert client.logs(service="nobody").items == []
    assert client.logs(service="depot").window is None
    start, end = ORIGIN + timedelta(milliseconds=2), ORIGIN + timedelta(milliseconds=4)
    assert said(client.logs(start=start, end=end)) == ["late", "call"]


def test_a_node_says_how_many_records_it_has(client: CollectorClient, written: str) -> None:
    """Those that its excerpt leaves out are among them, and are listed."""
    told = client.node(written).logs
    assert [each.body for each in told.items] == ["step", "call"]
    assert told.total == len(client.logs(node_id=written).items) == 3


def test_pages_hold_every_record_once(collector: LiveCollector, client: CollectorClient) -> None:
    """Though many were written at once; so does a walk."""
    write(collector, *(record(f"line {number}", number // 4) for number in range(25)))
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = client.logs(limit=4, cursor=cursor)
        found, cursor, pages = [*found, *said(page)], page.next, pages + 1
    assert sorted(found) == sorted(f"line {number}" for number in range(25))
    assert pages == 7
    assert len(list(client.every_log_record(q="line"))) == 25


def test_a_search_stops_in_time_and_goes_on(collector: LiveCollector) -> None:
    """A page without a record is not the end."""
    write(collector, *(record("needle" if not number else "hay", number) for number in range(20)))
    ticks = iter(range(0, 10_000, 10))
    pages = [LogPage(items=[], next=PagePosition(Range.everything()).cursor)]
    with collector.database.reading() as session:
        while at := PagePosition.read(pages[-1].next):
            pace = SearchPace(every=1, clock=lambda: next(ticks))
            pages.append(log_records.find_log_records(session, at, LogCriteria(q="needle"), 5, pace))
    assert [said(page) for page in pages if page.items] == [["needle"]]
    assert len(pages) > 3


def test_records_come_as_a_table(collector: LiveCollector, written: str) -> None:
    """As Arrow record batches."""
    with CollectorClient(collector.url) as client:
        response = client._api._http.get("/api/logs", headers={"accept": STREAM})
    table = pa.ipc.open_stream(response.content).read_all()
    assert table["body"].to_pylist()[0] == "loose"


def test_what_is_long_is_cut_before_it_is_read(collector: LiveCollector, client: CollectorClient) -> None:
    """And says so; the store hands out no more than an answer holds."""
    long = record("x" * 1_000_000)
    long.attributes.add(key="prompt").value.string_value = "y" * 1_000_000
    mapped = record("", 1)
    mapped.body.kvlist_value.values.add(key="k").value.string_value = "z" * 1_000_000
    write(collector, long, mapped)
    first, second = client.logs().items
    assert first.body.startswith("… [cut: a map of 1,0")
    assert (len(second.body), second.cut, len(second.attributes["prompt"]) < logs.ATTRIBUTES) == (logs.BODY, True, True)


def test_an_id_of_no_node_is_refused(client: CollectorClient) -> None:
    """With what it should be."""
    with pytest.raises(ApiError, match="nobody"):
        client.logs(node_id="nobody")
