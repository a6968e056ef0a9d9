"""JSON as the protocol wants it is read by a quick reader, all else by a patient one: both say the same."""

import contextlib
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.metrics.v1.metrics_pb2 import Histogram, HistogramDataPoint, NumberDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.errors import UndecodableError
from collector.otlp.decode.from_json import attributes, lenient, strict, to_protobuf
from collector.otlp.signals import SIGNALS, TRACES, Signal
from tests.collector.fuzz import mutation
from tests.collector.fuzz.chance import EDGES, TEXTS, Chance
from tests.collector.ways import as_json

#: Everything that a value can be.
MEMBERS: Final[dict[str, Any]] = {
    "stringValue": "",
    "boolValue": False,
    "intValue": "0",
    "doubleValue": 0.0,
    "arrayValue": {},
    "kvlistValue": {},
    "bytesValue": "",
    "stringValueStrindex": 0,
}

#: Requests that are made up, of each signal.
TRIES = 250


def quick(data: Any, kind: Any = Span) -> bytes | None:
    """What the quick reader makes of JSON data."""
    return strict.to_protobuf(json.dumps(data).encode(), kind)


def patient(data: Any, kind: Any = Span) -> tuple[bytes, dict[str, int]]:
    """What the patient one makes of it."""
    wire, left_out = lenient.to_protobuf(json.dumps(data).encode(), kind)
    return wire, dict(left_out)


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_what_is_as_the_protocol_wants_it_is_read_quickly(signal: Signal) -> None:
    """With every field that there is, and each as protobuf's own writer has it, byte by byte."""
    for seed in range(TRIES):
        request = mutation.message(Chance(seed), signal)
        assert strict.to_protobuf(as_json(request), signal.request) == request.SerializeToString(deterministic=True)


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_what_both_can_read_is_the_same(signal: Signal) -> None:
    """Well formed or not; nothing is left out of what the quick one takes."""
    ways = Counter[str]()
    for seed in range(TRIES):
        chance = Chance(seed)
        body = mutation.as_json(chance, mutation.message(chance, signal))
        if chance.below(4) == 0:
            body = mutation.spoilt(chance, body)
        found = strict.to_protobuf(body, signal.request)
        ways["quick" if found is not None else "patient"] += 1
        if found is not None:
            assert (found, {}) == lenient.to_protobuf(body, signal.request), body
    assert min(ways.values()) > TRIES / 10


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("intValue", common_pb2.AnyValue),
        ("doubleValue", common_pb2.AnyValue),
        ("stringValue", common_pb2.AnyValue),
        ("startTimeUnixNano", Span),
        ("flags", Span),
        ("kind", Span),
        ("droppedLinksCount", Span),
        ("asInt", NumberDataPoint),
        ("asDouble", NumberDataPoint),
    ],
)
def test_a_value_is_the_same_or_left_to_the_patient_one(name: str, kind: Any) -> None:
    """At the edges of every kind of number."""
    ways = Counter[bool]()
    for value in (*EDGES, *map(str, EDGES), *map(float, EDGES), 1e-300, 10**300, 10**310, "1e3", "NaN", "1_0", *TEXTS):
        found = quick({name: value}, kind)
        assert found is None or (found, {}) == patient({name: value}, kind), value
        ways[found is None] += 1
    assert min(ways.values()) > 0


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"noSuch": 1}, Span),
        ({"attributes": [None]}, Span),
        ({"name": "caf\ud83d"}, Span),
        ({"traceId": "no id"}, Span),
        ({"kind": 2.0}, Span),
        ({"value": {"stringValue": "a", "intValue": 1}}, common_pb2.KeyValue),
        ({"value": {"boolValue": True, "intValue": 1}}, common_pb2.KeyValue),
        ({"value": {"intValue": 2**63}}, common_pb2.KeyValue),
        ({"value": {"doubleValue": None}}, common_pb2.KeyValue),
        ({"asInt": 1, "asDouble": 1.0}, NumberDataPoint),
        ({"sum": None}, HistogramDataPoint),
    ],
    ids=str,
)
def test_what_is_odd_is_left_to_the_patient_one(data: dict[str, Any], kind: Any) -> None:
    """Which value counts, what is left out and what is mended is said at one place."""
    assert quick(data, kind) is None
    assert to_protobuf(json.dumps(data).encode(), kind) == lenient.to_protobuf(json.dumps(data).encode(), kind)


@pytest.mark.parametrize(
    "body", [b'{"name": "caf\xe9"}', b'{"name": NaN}', b'{"name": "a\nb"}', b'{"name": 1e999}', b'{"name"']
)
def test_what_is_hardly_json_is_left_to_the_patient_one(body: bytes) -> None:
    assert strict.to_protobuf(body, Span) is None


@pytest.mark.parametrize("first", MEMBERS)
@pytest.mark.parametrize("second", MEMBERS)
def test_of_two_values_at_once_the_last_counts(first: str, second: str) -> None:
    """Which the quick reader does not see."""
    data = {"value": {first: MEMBERS[first], second: MEMBERS[second]}}
    assert (quick(data, common_pb2.KeyValue) is None) == (first != second)
    found = common_pb2.KeyValue.FromString(to_protobuf(json.dumps(data).encode(), common_pb2.KeyValue)[0])
    assert found.value.WhichOneof("value") == common_pb2.AnyValue.DESCRIPTOR.fields_by_camelcase_name[second].name


def test_of_a_member_that_is_there_twice_the_last_counts() -> None:
    """As Python's reader has it."""
    body = b'{"name": "a", "kind": 1, "name": "b", "kind": null}'
    assert strict.to_protobuf(body, Span) == lenient.to_protobuf(body, Span)[0] == Span(name="b").SerializeToString()


@pytest.mark.parametrize("levels", [1, 15, 16, 17, 90, 110, 400, 3000])
@pytest.mark.parametrize(
    "opening", ['{"arrayValue":{"values":[', '{"kvlistValue":{"values":[{"value":'], ids=["lists", "maps"]
)
def test_nesting_is_read_alike_however_deep(levels: int, opening: str) -> None:
    """The quick reader leaves what is deep to the other."""
    closing = "]}}" if "array" in opening else "}]}}"
    value = opening * levels + '{"boolValue":true}' + closing * levels
    body = f'{{"name": "kept", "attributes": [{{"key": "deep", "value": {value}}}]}}'.encode()
    found = strict.to_protobuf(body, Span)
    assert (found is None) == (levels > 16)
    assert found in (None, lenient.to_protobuf(body, Span)[0])


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (attributes.Value, common_pb2.AnyValue),
        (attributes.Pair, common_pb2.KeyValue),
        (attributes.Values, common_pb2.ArrayValue),
        (attributes.Pairs, common_pb2.KeyValueList),
    ],
)
def test_attributes_have_all_fields_of_the_protocol(shape: Any, message: Any) -> None:
    """A field that they gain is no reason to read all requests patiently."""
    fields = sorted(message.DESCRIPTOR.fields, key=lambda field: field.number)
    assert [(field.name, field.json_name) for field in fields] == list(
        zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True)
    )


def test_ever_new_keys_are_not_remembered_for_ever() -> None:
    for number in range(10_000):
        key = f"key {number}"
        assert attributes.pair(attributes.Pair(key))[1:] == common_pb2.KeyValue(key=key).SerializeToString()
    assert len(attributes._keys) <= 4096


def test_null_is_no_bound_and_no_list_of_bounds() -> None:
    """A list of numbers that is null is none."""
    for bounds in (None, [None], [None, 1.5]):
        data = {"dataPoints": [{"count": "1", "explicitBounds": bounds}]}
        wire, left_out = to_protobuf(json.dumps(data).encode(), Histogram)
        wanted = [bound for bound in bounds or () if bound is not None]
        assert (list(Histogram.FromString(wire).data_points[0].explicit_bounds), left_out) == (wanted, {})
        assert patient(data, Histogram) == (wire, {})


def test_what_ends_too_early_is_read_by_neither() -> None:
    body = as_json(mutation.message(Chance(3), TRACES))
    for end in range(0, len(body) - 1, 7):
        assert strict.to_protobuf(body[:end], TRACES.request) is None
        with pytest.raises(UndecodableError):
            lenient.to_protobuf(body[:end], TRACES.request)


def test_half_a_character_as_a_name_of_an_enumeration_is_left_out_however_often_it_comes() -> None:
    """As any name that is none; between numbers and names that are."""
    for _ in range(200):
        for kind in ("3", '"SPAN_KIND_SERVER"', '"\\ud83d"'):
            body = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"name":"work","kind":{kind}}}]}}]}}]}}'
            written, _ = to_protobuf(body.encode(), TRACES.request)
            request: Any = TRACES.request.FromString(written)
            [span] = request.resource_spans[0].scope_spans[0].spans
            assert span.name == "work"


def test_shapes_are_made_by_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Senders that come with JSON at once right after a start: `msgspec` ends the process where two threads make the
    shape of one message."""
    strict._make_translator.cache_clear()
    together, made = threading.Barrier(2), strict._writer
    met: list[Any] = []

    def meets(*given: Any) -> Any:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.2)
            met.append(given)
        return made(*given)

    monkeypatch.setattr(strict, "_writer", meets)
    with ThreadPoolExecutor(2) as senders:
        read = [senders.submit(quick, {}) for _ in range(2)]
    assert [one.result() for one in read] == [b"", b""]
    assert met == []
