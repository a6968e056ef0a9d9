"""OTLP's JSON means what its protobuf means, as SDKs really write it."""

import json
import math
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.errors import UndecodableError
from collector.otlp.decode.from_json import to_protobuf
from collector.otlp.signals import LOGS, METRICS
from tests.collector.shipment import Shipment
from tests.collector.ways import as_json


def read(data: Any, kind: Any = Span) -> tuple[Any, dict[str, int]]:
    """A message of JSON data, and what was left out."""
    wire, left_out = to_protobuf(json.dumps(data).encode(), kind)
    return kind.FromString(wire), dict(left_out)


def value(data: Any) -> AnyValue:
    """An attribute's value; nothing is left out."""
    found, left_out = read({"key": "k", "value": data}, KeyValue)
    assert left_out == {}
    answer: AnyValue = found.value
    return answer


def test_a_whole_story_is_the_same_in_both_encodings() -> None:
    """Ids, times, kinds, attributes, events, links, resources."""
    request = ExportTraceServiceRequest.FromString(Shipment().story.request())
    assert read(json.loads(as_json(request)), ExportTraceServiceRequest) == (request, {})


@pytest.mark.parametrize("number", [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("written", [str, int])
def test_whole_numbers_are_numbers_or_text(number: int, written: Any) -> None:
    """JavaScript writes text beyond 2^53, others whatever they have."""
    assert value({"intValue": written(number)}).int_value == number
    span, _ = read({"startTimeUnixNano": written(abs(number))})
    assert span.start_time_unix_nano == abs(number)


@pytest.mark.parametrize("text", ["1e3", "1E+3", "1000.0", "0.1e4", "1000"])
def test_a_whole_number_may_have_an_exponent_in_quotes_as_without(text: str) -> None:
    """As ProtoJSON has it."""
    for written in (text, float(text)):
        assert value({"intValue": written}).int_value == 1000


@pytest.mark.parametrize("text", ["1.5", "1e-3", "1e999999999", "NaN", "Infinity", "9e18e", "1e19", "9" * 5_000, ""])
def test_what_is_no_whole_number_of_64_bits_is_none(text: str) -> None:
    """However short it is written: nothing is worked out that takes gigabytes."""
    _, left_out = read({"key": "k", "value": {"intValue": text}}, KeyValue)
    assert left_out == {"AnyValue.intValue can't be a JSON str": 1}


def test_a_number_that_json_lacks_is_null_or_text() -> None:
    """JavaScript has null for all of them."""
    assert math.isnan(value({"doubleValue": None}).double_value)
    assert value({"doubleValue": "-Infinity"}).double_value == -math.inf
    assert value({"doubleValue": 3}).double_value == 3.0


def test_null_is_nothing_but_keeps_its_place_in_a_list() -> None:
    """Of lists of spans nothing is left of it."""
    items = value({"arrayValue": {"values": [None, {"intValue": 1}]}}).array_value.values
    assert [item.WhichOneof("value") for item in items] == [None, "int_value"]
    span, left_out = read({"name": None, "status": None, "links": [None, {"spanId": "00" * 8}], "attributes": None})
    assert (len(span.links), left_out) == (1, {})


def test_unknown_fields_are_passed_over() -> None:
    """Of a newer protocol, or of the sender's own; names are lowerCamelCase alone."""
    assert read({"name": "a", "noSuch": {"x": [1]}, "trace_state": "b"}) == (Span(name="a"), {})


def test_enumerations_are_numbers_or_names() -> None:
    """A number that has no name yet is kept."""
    assert read({"kind": 2})[0].kind == read({"kind": "SPAN_KIND_SERVER"})[0].kind == Span.SPAN_KIND_SERVER
    assert read({"code": 2}, Status)[0].code == Status.STATUS_CODE_ERROR
    assert read({"kind": 77})[0].kind == 77


def test_ids_are_hexadecimal_in_either_case() -> None:
    """What is none is left out, and its span is refused where it must have one."""
    assert read({"traceId": "AB" * 16, "spanId": "cd" * 8})[0] == Span(trace_id=b"\xab" * 16, span_id=b"\xcd" * 8)
    assert read({"traceId": "no id"}) == (Span(), {"Span.traceId can't be a JSON str": 1})


def test_bytes_are_base64_in_either_alphabet() -> None:
    """Padded or not."""
    for text in ("+/8=", "-_8", "+/8"):
        assert value({"bytesValue": text}).bytes_value == b"\xfb\xff"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"name": 5}, "Span.name can't be a JSON int"),
        ({"attributes": {"a": 1}}, "Span.attributes can't be a JSON dict"),
        ({"links": ["x"]}, "Span.links can't be a JSON str"),
        ({"status": []}, "Span.status can't be a JSON list"),
        ({"startTimeUnixNano": -1}, "Span.startTimeUnixNano can't be a JSON int"),
        ({"startTimeUnixNano": 1.5}, "Span.startTimeUnixNano can't be a JSON float"),
        ({"endTimeUnixNano": "soon"}, "Span.endTimeUnixNano can't be a JSON str"),
        ({"kind": "SPAN_KIND_NONE"}, "Span.kind can't be a JSON str"),
        ({"attributes": [{"value": {"boolValue": 1}}]}, "AnyValue.boolValue can't be a JSON int"),
        ({"attributes": [{"value": {"intValue": 2**63}}]}, "AnyValue.intValue can't be a JSON int"),
        ({"attributes": [{"value": {"doubleValue": True}}]}, "AnyValue.doubleValue can't be a JSON bool"),
        ({"attributes": [{"value": {"bytesValue": "***"}}]}, "AnyValue.bytesValue can't be a JSON str"),
    ],
    ids=str,
)
def test_a_value_that_fits_nowhere_costs_itself_alone(data: dict[str, Any], reason: str) -> None:
    """What stands beside it is taken."""
    span, left_out = read({"traceState": "kept", **data})
    assert (span.trace_state, left_out) == ("kept", {reason: 1})


def test_half_a_character_is_mended() -> None:
    """As truncated text has it."""
    assert value({"stringValue": "caf\ud83d"}).string_value == "caf\ufffd"


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"3", b'"x"', b"null", b"[" * 100_000, b'{"a":'])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """As a whole."""
    with pytest.raises(UndecodableError, match="the body is "):
        to_protobuf(body, Span)


@pytest.mark.parametrize("levels", [90, 400, 50_000])
def test_what_is_nested_without_end_costs_itself_alone(levels: int) -> None:
    """More than Python's own reader takes as well, with marks of JSON in its texts."""
    deep = '{"kvlistValue": {"values": [{"key": "{[", "value": ' * levels
    deep += '{"stringValue": "]}"}' + "}]}}" * levels
    pairs = f'{{"key": "deep", "value": {deep}}}, {{"key": "after", "value": {{"stringValue": "there"}}}}'
    body = f'{{"values": [{pairs}]}}'.encode()

    message, left_out = to_protobuf(body, KeyValueList)

    assert KeyValueList.FromString(message).values[1].value.string_value == "there"
    assert sum(left_out.values()) == 1


def test_nesting_without_end_is_cut() -> None:
    """At the depth that protobuf itself reads."""
    deep: dict[str, Any] = {"intValue": 1}
    for _ in range(200):
        deep = {"arrayValue": {"values": [deep]}}
    _, left_out = read({"key": "k", "value": deep}, KeyValue)
    assert sum(left_out.values()) == 1


def test_logs_and_metrics_are_read_alike() -> None:
    """The walk is over the protocol's own descriptors."""
    log = {"timeUnixNano": "7", "body": {"stringValue": "x"}, "traceId": "ab" * 16}
    logs, _ = read({"resourceLogs": [{"scopeLogs": [{"logRecords": [log]}]}]}, LOGS.request)
    assert logs.resource_logs[0].scope_logs[0].log_records[0].trace_id == b"\xab" * 16
    points = {"gauge": {"dataPoints": [{"asInt": "3"}]}}
    metrics, _ = read({"resourceMetrics": [{"scopeMetrics": [{"metrics": [points]}]}]}, METRICS.request)
    assert metrics.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[0].as_int == 3
