"""OpenTelemetry's JavaScript SDK in all its encodings: counts, values and types arrive, and it complains of nothing."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from collector.client import CollectorClient
from collector.store.values import decode_attributes, decode_stored_value
from tests import npm
from tests.collector.agents.programs import EXAMPLES, ROOT
from tests.collector.live import LiveCollector

WAYS = ROOT / "docs" / "ways-in"
CLIENTS = Path(__file__).with_name("javascript")

#: What `send.mjs` says in attributes.
VALUES: dict[str, Any] = {
    "text": "Zürich ✓ 𝄞",
    "empty": "",
    "yes": True,
    "no": False,
    "whole": 42,
    "negative": -7,
    "large": 2**53 - 1,
    "fraction": 0.1,
    "texts": ["a", "b"],
    "wholes": [1, 2],
    "flags": [True, False],
    "fractions": [0.5, 1.5],
    "none": [],
}


@pytest.fixture(scope="session")
def program(pytestconfig: pytest.Config) -> Path:
    """The program that sends, beside the SDK; installed once for each version of `package.json`."""
    kept = npm.installed(pytestconfig, "javascript", CLIENTS)
    shutil.copy(CLIENTS / "send.mjs", kept)
    return kept / "send.mjs"


@pytest.fixture(params=["http/protobuf", "http/json", "grpc"])
def sent(request: pytest.FixtureRequest, program: Path, collector: LiveCollector) -> list[str]:
    """The ids that the program printed: both traces, and the span of the second."""
    grpc = request.param == "grpc"
    return run(
        program,
        OTEL_SERVICE_NAME="shop",
        OTEL_EXPORTER_OTLP_PROTOCOL=request.param,
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.grpc_port}" if grpc else collector.url,
        OTEL_METRICS_EXPORTER="otlp",
        OTEL_LOGS_EXPORTER="otlp",
        OTEL_NODE_RESOURCE_DETECTORS="env",
    ).split()


def run(program: Path, **chosen: str) -> str:
    """Runs a program by Node.js; returns what it prints."""
    base = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "NODE_"))}
    done = subprocess.run(
        ["node", str(program)],
        env={**base, "NO_PROXY": "127.0.0.1", **chosen},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_the_page_about_javascript_is_true(program: Path, collector: LiveCollector, client: CollectorClient) -> None:
    """Its program shows what the page says, and its block sends by itself."""
    example = shutil.copy(EXAMPLES / "javascript_agent.mjs", program.parent)
    told = {"OTEL_SERVICE_NAME": "weather", "OTEL_NODE_RESOURCE_DETECTORS": "env"}
    assert run(Path(example), OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **told) == "It rains.\n"
    (run_,) = client.runs().items
    assert (run_.workflow, run_.service, run_.session, run_.steps) == ("weather", "weather", "talk-5", 2)
    calls = [call for step in client.run(run_.run_id).steps for call in step.calls]
    assert [(call.name, call.usage and (call.usage.input_tokens, call.usage.output_tokens)) for call in calls] == [
        ("chat echo-1", (12, 3)),
        ("look", None),
        ("chat echo-1", (20, 9)),
    ]

    (block,) = re.findall(r"```javascript\n(.*?)```", (WAYS / "javascript.md").read_text(), re.DOTALL)
    page = program.with_name("page.mjs")
    page.write_text(block)
    run(page, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **told)


def rows(collector: LiveCollector, question: str) -> list[dict[str, Any]]:
    """What the store answers."""
    with collector.database.reading() as session:
        found = session._cursor.execute(question)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.timeout(300)  # npm may have to fetch the clients first
def test_the_javascript_sdk_is_understood(collector: LiveCollector, client: CollectorClient, sent: list[str]) -> None:
    """Traces, logs and metrics."""
    _traces(client, sent)
    _logs(collector, sent)
    _metrics(collector)
    assert rows(collector, "SELECT * FROM rejections") == []


def _traces(client: CollectorClient, sent: list[str]) -> None:
    (published,) = client.trace(sent[0]).spans
    assert {key: published.attributes.get(key) for key in VALUES} == VALUES
    assert {key: type(published.attributes[key]) for key in VALUES} == {key: type(VALUES[key]) for key in VALUES}
    assert (published.kind, published.name) == ("producer", "orders send")
    spans = {span.name: span for span in client.trace(sent[1]).spans}
    assert len(spans) == 1001
    received = spans["orders process"]
    assert [(link.trace_id, link.attributes) for link in received.links] == [(sent[0], {"position": 3})]
    assert (received.status, received.status_message) == ("error", "failed")
    assert {event.name: event.attributes.get("exception.message") for event in received.events} == {
        "exception": "no stock",
        "stock.low": None,
    }
    assert {span.parent_span_id for span in spans.values()} == {None, sent[2]}
    # Numbers as ids: the one that received is caused by what was sent.
    (event,) = client.events(q="17").items
    assert event.channel == "orders"


def _logs(collector: LiveCollector, sent: list[str]) -> None:
    (record,) = rows(collector, "SELECT * FROM logs")
    assert record["trace_id"].hex == sent[1]
    assert f"{record['span_id']:016x}" == sent[2]
    assert (record["severity_number"], record["severity_text"], record["event_name"]) == (13, "WARN", "stock.low")
    assert decode_stored_value(record["body"]) == {
        "sku": "A-1",
        "left": 2,
        "places": ["Basel", {"shelf": 7}],
    }
    told = decode_attributes(record["attributes"])
    assert {key: told.get(key) for key in VALUES} == VALUES
    assert told["map"] == {"deep": {"n": 1.5}}


def _metrics(collector: LiveCollector) -> None:
    points = {row["name"]: row for row in rows(collector, "SELECT * FROM metric_points WHERE name NOT LIKE 'otel.%'")}
    assert set(points) == {"orders", "open", "load", "took"}
    assert (points["orders"]["value"], points["orders"]["unit"], points["orders"]["is_monotonic"]) == (
        3,
        "{order}",
        True,
    )
    assert decode_attributes(points["orders"]["attributes"]) == {"region": "north"}
    assert (points["open"]["value"], points["open"]["is_monotonic"]) == (-2, False)
    assert (points["load"]["value"], points["load"]["kind"]) == (0.25, "gauge")
    took = points["took"]
    assert (took["count"], took["sum"], took["min"], took["max"]) == (3, 11, 0.5, 9)
    assert (took["bucket_counts"], took["bounds"]) == ([1, 1, 1], [1, 2])
