"""Any answer that is a table comes as Arrow too."""

import json
from collections.abc import Iterator

import httpx
import pyarrow as pa
import pytest

from collector.api.tables import is_arrow_preferred
from tests.collector.api.test_operations import letter
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import CHANNEL, Shipment

STREAM = "application/vnd.apache.arrow.stream"
TRACE = Shipment().story.spans[0].trace_id.hex()


@pytest.fixture
def http(collector: LiveCollector) -> Iterator[httpx.Client]:
    """Asks the collector."""
    with httpx.Client(base_url=collector.url, trust_env=False, timeout=60) as http:
        yield http


def table(answer: httpx.Response) -> pa.Table:
    """The table that an answer holds."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, STREAM)
    return pa.ipc.open_stream(answer.content).read_all()


def test_every_table_is_the_same_in_json_and_in_arrow(
    collector: LiveCollector, bus: MemoryBus, http: httpx.Client
) -> None:
    """Row by row; what is no row is in the metadata. Without rows it has the same columns."""
    described = collector.application.openapi()["paths"]
    read = {path: told["get"]["responses"]["200"]["content"] for path, told in described.items() if "get" in told}
    paths = [path for path, content in read.items() if STREAM in content and "{" not in path]
    paths = [path for path in paths if path != "/api/sessions/one"]  # of one session, which has to be there
    paths = [f"{path}?q=sorting" if path == "/api/search" else path for path in paths]
    empty = {path: table(http.get(path, headers={"accept": STREAM})).schema for path in paths}
    collector.tell(Shipment().story)
    bus.put(letter(1))
    bus.owe(CHANNEL, "sms", dead=1, consumers=1)
    assert len(paths) > 8
    for path in (*paths, f"/api/traces/{TRACE}"):
        plain = http.get(path).json()
        found = table(http.get(path, headers={"accept": STREAM}))
        rows = plain.pop("items", None) or plain.pop("spans", [])
        rest = json.loads(found.schema.metadata[b"causeline"])
        assert rest.keys() == plain.keys(), path
        assert len(rows) == found.num_rows, path
        if path in empty:
            assert found.schema == empty[path], path
        for row, values in zip(rows, found.to_pylist(), strict=True):
            assert row.keys() == values.keys(), path
            words = {name for name, value in row.items() if isinstance(value, str) and isinstance(values[name], str)}
            assert {name: values[name] for name in words} == {name: row[name] for name in words}, path


def test_columns_have_the_types_of_their_fields(collector: LiveCollector, http: httpx.Client) -> None:
    """Times are times, numbers numbers, and lists of models lists of structs."""
    collector.tell(Shipment().story)
    runs = table(http.get("/api/runs", headers={"accept": STREAM}))
    assert runs.schema.field("start").type == pa.timestamp("us", "UTC")
    assert runs.schema.field("duration_ms").type == pa.float64()
    assert runs.column("steps").to_pylist() == [4]
    steps = table(http.get("/api/steps", headers={"accept": STREAM}))
    scores = [row["scores"] for row in steps.to_pylist() if row["step"] == "sorting"]
    assert [(score["name"], score["accuracy"]["value"]) for score in scores[0]] == [("correct", 1.0)]
    spans = table(http.get(f"/api/traces/{TRACE}", headers={"accept": STREAM}))
    assert json.loads(spans.column("attributes")[0].as_py())


def test_what_is_no_table_is_refused_and_errors_stay_errors(collector: LiveCollector, http: httpx.Client) -> None:
    """In the one shape."""
    refused = http.get("/api/overview", headers={"accept": STREAM})
    assert (refused.status_code, refused.json()["error"]["code"]) == (406, "not_acceptable")
    missing = http.get(f"/api/traces/{'0a' * 16}", headers={"accept": STREAM})
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
    known = http.get("/api/runs", headers={"accept": STREAM})
    again = http.get("/api/runs", headers={"accept": STREAM, "if-none-match": known.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get("/api/runs", headers={"if-none-match": known.headers["etag"]}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        (STREAM, True),
        (STREAM.upper(), True),
        (f"{STREAM};q=0", False),
        (f"{STREAM};q=0.5, application/json", False),
        (f"application/json;q=0.5, {STREAM}", True),
        (f"{STREAM};q=many", False),
    ],
)
def test_json_is_the_answer_to_everybody_else(accept: str, wanted: bool) -> None:
    """Browsers, and whoever prefers it."""
    assert is_arrow_preferred(accept) is wanted


def test_a_file_goes_through_as_it_is(http: httpx.Client) -> None:
    """It is never held whole, whatever is preferred."""
    answer = http.get("/api/export", headers={"accept": STREAM})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-tar")
