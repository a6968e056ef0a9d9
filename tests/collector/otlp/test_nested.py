"""What is wrong within a map, or within a list in a list, costs that value alone, and is counted."""

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.client import CollectorClient
from collector.otlp.decode import nested, spans
from collector.otlp.decode.envelope import NO_UTF8
from collector.otlp.redaction.columns import ColumnRedactor
from collector.otlp.responses import make_receipt
from collector.otlp.signals import TRACES
from collector.store.batch import Batch
from runtime.redaction.redactor import Redactor
from tests.collector.live import LiveCollector
from tests.collector.otlp.told import attributes
from tests.collector.story import Story, place

#: Ten letters that become no UTF-8, of the same length.
GOOD, BAD = b"0123456789", b"caf\xe9_\xff\xfe.tx"
MENDED = BAD.decode("utf-8", "replace")


def request(*values: AnyValue) -> ExportTraceServiceRequest:
    """One span with an attribute for each value, and one that is fine."""
    story = Story()
    story.add("work", place("t", "s"))
    message = ExportTraceServiceRequest.FromString(story.request())
    span = message.resource_spans[0].scope_spans[0].spans[0]
    for number, value in enumerate(values):
        span.attributes.add(key=str(number), value=value)
    span.attributes.add(key="fine").value.string_value = "as it was"
    return message


def read(body: bytes) -> tuple[dict[str, Any], Batch]:
    """The attributes of the span as they are stored, and the batch."""
    batch = ColumnRedactor(Redactor()).clean(spans.decode(body))
    return attributes(batch)[0], batch


def a_map(**texts: str) -> AnyValue:
    value = AnyValue()
    value.kvlist_value.SetInParent()
    for key, text in texts.items():
        value.kvlist_value.values.add(key=key).value.string_value = text
    return value


def a_list(*values: AnyValue) -> AnyValue:
    value = AnyValue()
    value.array_value.values.extend(values)
    return value


def deep(levels: int, wrap: Any) -> AnyValue:
    value = AnyValue(string_value="bottom")
    for _ in range(levels):
        value = wrap(value)
    return value


def in_a_map(value: AnyValue) -> AnyValue:
    around = AnyValue()
    around.kvlist_value.values.add(key="k", value=value)
    around.kvlist_value.values.add(key="side").value.string_value = "kept"
    return around


def test_a_text_that_is_no_utf8_in_a_map_is_mended_and_all_else_is_kept() -> None:
    """As a tool sends it that reads a file name."""
    body = request(a_map(city="Paris", file=GOOD.decode(), n="x")).SerializeToString().replace(GOOD, BAD)
    told, batch = read(body)
    assert told["0"] == {"city": "Paris", "file": MENDED, "n": "x"}
    assert told["fine"] == "as it was"
    assert batch.mended == {NO_UTF8: 1}
    assert "1 values: text is not valid UTF-8" in make_receipt(TRACES, batch).partial_success.error_message  # type: ignore[attr-defined] # generated


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (a_list(a_list(AnyValue(string_value="in"), AnyValue(string_value=GOOD.decode()))), [["in", MENDED]]),
        (a_list(a_map(good="fine", bad=GOOD.decode())), [{"good": "fine", "bad": MENDED}]),
        (
            in_a_map(in_a_map(AnyValue(string_value=GOOD.decode()))),
            {"k": {"k": MENDED, "side": "kept"}, "side": "kept"},
        ),
        (a_map(**{GOOD.decode(): "value"}), {MENDED: "value"}),
    ],
    ids=["list in list", "map in list", "map in map", "key"],
)
def test_texts_are_mended_however_deep_they_lie(value: AnyValue, wanted: Any) -> None:
    told, batch = read(request(value).SerializeToString().replace(GOOD, BAD))
    assert told["0"] == wanted
    assert batch.mended == {NO_UTF8: 1}


def test_each_text_counts_together_with_those_that_are_no_attribute_of_a_map() -> None:
    first, second = a_map(a=GOOD.decode(), b=GOOD.decode()), AnyValue(string_value=GOOD.decode())
    assert read(request(first, second).SerializeToString().replace(GOOD, BAD))[1].mended == {NO_UTF8: 3}


def test_secrets_beside_what_was_mended_are_taken_out() -> None:
    value = a_map(password="hunter2hunter2", file=GOOD.decode())  # noqa: S106 a made-up one
    told, _ = read(request(value).SerializeToString().replace(GOOD, BAD))
    assert told["0"] == {"password": "[redacted]", "file": MENDED}


@pytest.mark.parametrize("wrap", [in_a_map, a_list], ids=["maps", "lists"])
def test_what_is_nested_too_deep_is_cut_there_and_what_lies_above_is_kept(wrap: Any) -> None:
    told, batch = read(_nested_by_hand(200, is_map=wrap is in_a_map))
    text = json.dumps(told["0"])
    assert text.count(nested.MARK) == 1
    assert "redacted" not in text
    assert text.count("[") + text.count("{") > 30
    assert batch.mended == {nested.TOO_DEEP: 1}


@pytest.mark.parametrize("levels", range(25, 36))
def test_maps_as_deep_as_protobuf_reads_are_whole_and_deeper_ones_can_be_read(levels: int) -> None:
    told, batch = read(_nested_by_hand(levels, is_map=True))
    assert ("bottom" in json.dumps(told["0"])) is (not batch.mended)
    assert set(batch.mended) <= {nested.TOO_DEEP}


def test_what_is_no_map_is_told_as_unreadable_and_counted() -> None:
    """Nobody calls it a secret."""
    broken = _field(0x0A, b"\xff\xff\xff")
    told, batch = read(_with_value(_field(0x32, broken)))
    assert told["0"] == {nested.MARK: nested.UNREADABLE} or told["0"] == {"": nested.MARK}
    assert told["fine"] == "as it was"
    assert batch.mended == {nested.UNREADABLE: 1}


def test_its_sender_and_the_overview_hear_of_it(collector: LiveCollector, client: CollectorClient) -> None:
    body = request(a_map(file=GOOD.decode(), n="x")).SerializeToString().replace(GOOD, BAD)
    answer = collector.post(body)
    assert "1 values" in ExportTraceServiceResponse.FromString(answer.content).partial_success.error_message
    assert [problem.title for problem in client.overview().problems] == ["1 value was left out or mended"]


def _field(tag: int, content: bytes) -> bytes:
    length, rest = bytearray(), len(content)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    return bytes([tag, *length, rest]) + content


def _nested_by_hand(levels: int, *, is_map: bool) -> bytes:
    """A request whose attribute is nested more deeply than protobuf would write it."""
    value = _field(0x0A, b"bottom")
    for _ in range(levels):
        if is_map:
            value = _field(0x32, _field(0x0A, _field(0x0A, b"k") + _field(0x12, value)))
        else:
            value = _field(0x2A, _field(0x0A, value))
    return _with_value(value)


def _with_value(value: bytes) -> bytes:
    """The request with such a value for the attribute `0`."""
    message = request(AnyValue(string_value="here"))
    span = message.resource_spans[0].scope_spans[0].spans[0]
    del span.attributes[0]
    raw = _field(0x4A, _field(0x0A, b"0") + _field(0x12, value)) + span.SerializeToString()
    resource = message.resource_spans[0].resource.SerializeToString()
    return _field(0x0A, _field(0x0A, resource) + _field(0x12, _field(0x12, raw)))
