"""A secret that was sent is nowhere in what is stored."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.client import CollectorClient
from collector.otlp.decode import spans
from collector.otlp.redaction.columns import ColumnRedactor
from runtime.redaction.redactor import IDLE, Redactor
from tests.collector.live import LiveCollector
from tests.collector.otlp.told import attributes as read_attributes
from tests.runtime.redaction.samples import ARGUMENTS, COMMANDS, KEYS, OTHER_KEYS, OTHER_TEXTS, SECRET, TEXTS

#: What may be found nowhere.
SECRETS = [SECRET, *KEYS.values(), *OTHER_KEYS.values()]
ALL = [*TEXTS, *OTHER_TEXTS, *COMMANDS, *KEYS.values(), *OTHER_KEYS.values()]


def attributes(owner: Any) -> None:
    """All secrets in all types of values, by their looks and by their keys; and numbers, which stay."""
    for place, text in enumerate(ALL):
        owner.attributes.add(key=f"text.{place}").value.string_value = text
    owner.attributes.add(key="X-Api-Key").value.string_value = f"plain {SECRET}"
    owner.attributes.add(key="cookie").value.array_value.values.add().string_value = f"plain {SECRET}"
    owner.attributes.add(key="credentials").value.kvlist_value.values.add(key="of").value.string_value = SECRET
    owner.attributes.add(key="secret").value.bytes_value = SECRET.encode()
    owner.attributes.add(key="raw").value.bytes_value = b"\xfe " + TEXTS[0].encode()
    owner.attributes.add(key=f"password={SECRET}").value.int_value = 1
    owner.attributes.add(key="name").value.string_value = "X-Api-Key"
    owner.attributes.add(key="Value").value.string_value = f"named {SECRET}"
    for words in (
        ["app", "--password", SECRET],
        ["X-Api-Key", SECRET],
        ["curl", "-u", f"a:{SECRET}"],
        ["auth", SECRET],
        *ARGUMENTS,
    ):
        owner.attributes.add(key="process.command_args").value.array_value.values.extend(
            AnyValue(string_value=word) for word in words
        )
        inner = owner.attributes.add(key="map").value.kvlist_value.values.add(key="args")
        inner.value.array_value.values.extend(AnyValue(string_value=word) for word in words)
    owner.attributes.add(key="map").value.kvlist_value.values.add(key="auth").value.string_value = SECRET
    several = owner.attributes.add(key="several").value.array_value
    nested = owner.attributes.add(key="nested").value.kvlist_value
    for text in ALL:
        several.values.add().string_value = text
        several.values.add().array_value.values.add().string_value = text
        several.values.add().kvlist_value.values.add(key="clientSecret").value.string_value = SECRET
        nested.values.add(key="a").value.kvlist_value.values.add(key="b").value.string_value = text
    owner.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 12
    owner.attributes.add(key="token").value.int_value = 5


def trace(spans: int = 1) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    attributes(resource.resource)
    scope = resource.scope_spans.add()
    attributes(scope.scope)
    for number in range(1, spans + 1):
        span = scope.spans.add(trace_id=number.to_bytes(16), span_id=number.to_bytes(8), name=TEXTS[0])
        span.start_time_unix_nano = span.end_time_unix_nano = 1_790_000_000_000_000_000
        span.status.message = TEXTS[1]
        attributes(span)
        span.attributes.add(key="causeline.event.payload").value.string_value = json.dumps({"password": SECRET})
        event = span.events.add(name="exception", time_unix_nano=1)
        attributes(event)
        event.attributes.add(key="exception.stacktrace").value.string_value = f"Traceback\n  {TEXTS[0]}\n{TEXTS[5]}"
        attributes(span.links.add(trace_id=b"\1" * 16, span_id=b"\1" * 8, trace_state=TEXTS[0]))
    return request


def logs() -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for text in ALL:
        record = records.add(time_unix_nano=1)
        record.body.string_value = text
    for record in records[:20]:
        attributes(record)
    records.add(time_unix_nano=2).body.kvlist_value.values.add(key="password").value.string_value = SECRET
    records.add(time_unix_nano=3).body.bytes_value = TEXTS[0].encode()
    return request


def metrics() -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="n", description=TEXTS[0])
    attributes(metric.gauge.data_points.add(time_unix_nano=1, as_int=1))
    return request


def found(folder: Path) -> Iterator[tuple[str, str]]:
    """The secrets in the bytes of all files of a folder."""
    for path in folder.rglob("*"):
        raw = path.read_bytes() if path.is_file() else b""
        yield from ((path.name, secret) for secret in SECRETS if secret.encode() in raw)


@pytest.mark.parametrize("is_json", [False, True], ids=["protobuf", "json"])
def test_a_secret_is_nowhere_in_the_store(collector: LiveCollector, path: Path, *, is_json: bool) -> None:
    """Neither in the database nor in its log, before and after that is folded into it."""
    requests: dict[str, Message] = {"traces": trace(), "logs": logs(), "metrics": metrics()}
    for signal, request in requests.items():
        body = _as_json(request) if is_json else request.SerializeToString()
        kind = {"content-type": "application/json"} if is_json else {}
        assert collector.post(body, signal=signal, **kind).raise_for_status().status_code == 200
    assert path.with_name(path.name + ".wal").stat().st_size > 0
    assert list(found(path.parent)) == []
    assert collector.database.checkpoint()
    assert list(found(path.parent)) == []


def test_what_is_no_secret_is_stored_as_it_was_sent(collector: LiveCollector, client: CollectorClient) -> None:
    """Numbers beside words of secrets included."""
    collector.post(trace().SerializeToString()).raise_for_status()
    span = client.trace(f"{1:032x}").spans[0]
    assert (span.attributes["gen_ai.usage.input_tokens"], span.attributes["token"]) == (12, 5)
    assert span.attributes["X-Api-Key"] == "[redacted]"
    assert span.attributes["text.0"] == "login failed for password=[redacted]"
    assert span.attributes["nested"]["a"]["b"]


def test_a_key_is_found_behind_any_length() -> None:
    """In a map each text has its length before it, which as a byte may be a letter."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"\1" * 16, span_id=b"\1" * 8)
    for length in range(40, 124):
        owner = span.attributes.add(key=f"m{length}").value.kvlist_value
        owner.values.add(key="k").value.string_value = KEYS["anthropic"].ljust(length, "x")
    batch = ColumnRedactor(Redactor()).clean(spans.decode(request.SerializeToString()))
    told = read_attributes(batch)[0]
    assert [key for key, value in told.items() if value != {"k": "[redacted]"}] == []


def test_nothing_is_touched_where_it_is_turned_off() -> None:
    """As the operator chose."""
    batch = spans.decode(trace().SerializeToString())
    assert ColumnRedactor(IDLE).clean(batch) is batch


def test_what_nobody_can_read_is_left_out_where_a_secret_may_be_in_it() -> None:
    """It is nested more deeply than protobuf reads."""
    request = trace()
    value = request.resource_spans[0].scope_spans[0].spans[0].attributes.add(key="deep").value
    for _ in range(45):
        value = value.kvlist_value.values.add(key="x").value
    value.string_value = SECRET
    batch = ColumnRedactor(Redactor()).clean(spans.decode(request.SerializeToString()))
    told = read_attributes(batch)[0]
    assert "[unreadable]" in json.dumps(told["deep"])
    assert SECRET not in json.dumps(told["deep"])


def _as_json(request: Message) -> bytes:
    told = json_format.MessageToDict(request)
    # OTLP's JSON has ids in hexadecimal.
    for span in (s for r in told.get("resourceSpans", ()) for scope in r["scopeSpans"] for s in scope["spans"]):
        span["traceId"], span["spanId"] = f"{1:032x}", f"{1:016x}"
        span["links"] = [{**link, "traceId": "01" * 16, "spanId": "01" * 8} for link in span["links"]]
    return json.dumps(told).encode()
