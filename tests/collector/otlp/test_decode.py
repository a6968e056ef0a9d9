"""Bytes to Arrow: what goes in comes out, what is invalid is counted, what is no message is an error."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.errors import UndecodableError
from collector.otlp.decode.checks import BAD_SPAN_ID, BAD_TRACE_ID
from collector.otlp.decode.spans import BAD_TIME, decode
from collector.store.batch import merge_batches
from tests.collector.otlp import told
from tests.collector.story import Story, place

INT64 = st.integers(-(2**63), 2**63 - 1)
SCALARS = st.one_of(st.text(max_size=8), st.booleans(), INT64, st.floats(allow_nan=False, allow_infinity=False))
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def as_wire(value: Any) -> AnyValue:
    """A plain value as OTLP has it."""
    wire = AnyValue()
    match value:
        case bool():
            wire.bool_value = value
        case int():
            wire.int_value = value
        case float():
            wire.double_value = value
        case str():
            wire.string_value = value
        case list():
            wire.array_value.SetInParent()
            wire.array_value.values.extend(as_wire(item) for item in value)
        case dict():
            wire.kvlist_value.SetInParent()
            for key, item in value.items():
                wire.kvlist_value.values.add(key=key).value.CopyFrom(as_wire(item))
    return wire


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1, 1.0 and True apart."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


@given(st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=5))
def test_attributes_keep_their_types(attributes: dict[str, Any]) -> None:
    """Whole numbers stay whole, lists stay lists, however deep."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"t" * 16, span_id=b"s" * 8)
    for key, value in attributes.items():
        span.attributes.add(key=key).value.CopyFrom(as_wire(value))

    batch = decode(request.SerializeToString())

    assert same(told.attributes(batch)[0], attributes)


@given(
    trace=st.binary(min_size=16, max_size=16).filter(any),
    span=st.binary(min_size=8, max_size=8).filter(any),
    parent=st.one_of(st.just(b""), st.binary(min_size=8, max_size=8).filter(any)),
    start=st.integers(0, 2**63 - 1),
    name=st.text(max_size=20),
)
def test_ids_and_times_survive(trace: bytes, span: bytes, parent: bytes, start: int, name: str) -> None:
    """128-bit trace ids, 64-bit span ids and nanoseconds arrive to the last bit."""
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(
        trace_id=trace, span_id=span, parent_span_id=parent, start_time_unix_nano=start, name=name
    )

    row = decode(request.SerializeToString()).tables["spans"].to_pylist()[0]

    assert row["trace_id"].bytes == trace
    assert row["span_id"] == int.from_bytes(span, "big")
    assert row["parent_span_id"] == (int.from_bytes(parent, "big") if parent else None)
    assert (row["start_ns"], row["name"]) == (start, name)


def test_invalid_spans_are_refused_one_by_one_and_counted() -> None:
    """A bad id costs its span and no other; a span is counted once, whatever else is wrong with it."""
    story = Story()
    for index in range(7):
        story.add(f"span {index}", place("t", str(index)))
    story.spans[0].trace_id = b"short"
    story.spans[1].trace_id = bytes(16)
    story.spans[2].span_id = b"too long for an id"
    story.spans[3].span_id = bytes(8)
    story.spans[4].end_time_unix_nano = 2**64 - 1
    story.spans[0].span_id = b""

    batch = decode(story.request())

    assert batch.rejected == {BAD_TRACE_ID: 2, BAD_SPAN_ID: 2, BAD_TIME: 1}
    assert batch.tables["spans"].column("name").to_pylist() == ["span 5", "span 6"]


def test_events_and_links_find_their_span_behind_refused_ones() -> None:
    """Rows are numbered after the refusal, and shifted when requests are merged."""
    story = Story()
    for index in range(3):
        span = story.add(f"span {index}", place("t", str(index)), links=[place("other", str(index))])
        span.events.add(name=f"event {index}")
    story.spans[0].trace_id = b""

    batch = merge_batches([decode(story.request()), decode(b""), decode(story.request())])

    names = dict(zip(batch.tables["spans"]["row"].to_pylist(), batch.tables["spans"]["name"].to_pylist(), strict=True))
    told = [
        (names[row], event)
        for row, event in zip(
            batch.tables["events"]["row"].to_pylist(), batch.tables["events"]["name"].to_pylist(), strict=True
        )
    ]
    assert told == [("span 1", "event 1"), ("span 2", "event 2")] * 2
    assert [names[row] for row in batch.tables["links"]["row"].to_pylist()] == ["span 1", "span 2"] * 2
    assert batch.rejected == {BAD_TRACE_ID: 2}


@pytest.mark.parametrize("body", [b"\xff\xff", b"hello", b"\x0a\x05ab", bytes([0x0A, 0x04, 0x12, 0x02, 0x12, 0x7F])])
def test_what_is_no_request_is_one_clear_error(body: bytes) -> None:
    """Garbage, and a message that ends too early."""
    with pytest.raises(UndecodableError, match="ExportTraceServiceRequest"):
        decode(body)


def test_fields_of_newer_clients_are_ignored() -> None:
    """Unknown fields are no reason to refuse a span."""
    request = ExportTraceServiceRequest.FromString(Story().request())
    span = request.resource_spans[0].scope_spans[0].spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, name="new")
    unknown = span.SerializeToString() + b"\xfa\x3f\x03new"  # field 1023

    assert Span.FromString(unknown).name == "new"
    request.resource_spans[0].scope_spans[0].spans[0].MergeFromString(b"\xfa\x3f\x03new")
    assert decode(request.SerializeToString()).tables["spans"]["name"].to_pylist() == ["new"]


def request_of(*resources: list[tuple[str, AnyValue]], spans: int = 1) -> bytes:
    """A request of resources with these attributes, each with so many spans."""
    request = ExportTraceServiceRequest()
    for number, attributes in enumerate(resources):
        of_resource = request.resource_spans.add(schema_url="here")
        for key, value in attributes:
            of_resource.resource.attributes.add(key=key).value.CopyFrom(value)
        scope = of_resource.scope_spans.add()
        scope.scope.name = f"scope {number}"
        for index in range(spans):
            scope.spans.add(trace_id=b"t" * 16, span_id=(1000 * number + index + 1).to_bytes(8), name=str(number))
    return request.SerializeToString()


def test_the_service_is_the_first_text_of_that_name() -> None:
    """Where that is empty or no text, it names nobody."""
    shop, bank = AnyValue(string_value="shop"), AnyValue(string_value="bank")
    batch = decode(
        request_of(
            [],
            [("other", bank), ("service.name", shop), ("service.name", bank)],
            [("service.name", AnyValue()), ("service.name", bank)],
            [("service.name", AnyValue(int_value=7)), ("service.name", bank)],
            [("service.name", shop)],
            spans=2,
        )
    )
    assert batch.tables["spans"]["service"].to_pylist() == ["", "", "shop", "shop", "", "", "", "", "shop", "shop"]


def test_the_same_resource_has_the_same_number_everywhere() -> None:
    """In one request and in the next; another has another, and so has one with another schema."""
    shop, bank = [("service.name", AnyValue(string_value=name)) for name in ("shop", "bank")]
    one = decode(request_of([shop], [bank], [shop], spans=2)).tables["spans"]["resource_id"].to_pylist()
    other = decode(request_of([], [bank])).tables["spans"]["resource_id"].to_pylist()

    assert one == [one[0], one[0], one[2], one[2], one[0], one[0]]
    assert other[1] == one[2]
    assert len({*one, *other}) == 3
    elsewhere = decode(request_of([shop]).replace(b"here", b"away"))
    assert elsewhere.tables["spans"]["resource_id"].to_pylist() != [one[0]]


def test_resources_and_scopes_without_spans_are_passed_over() -> None:
    """The others keep their own, also behind spans that were refused."""
    request = ExportTraceServiceRequest.FromString(request_of(*([("n", AnyValue(int_value=n))] for n in range(4))))
    del request.resource_spans[0].scope_spans[:]
    del request.resource_spans[1].scope_spans[0].spans[:]
    request.resource_spans[2].scope_spans[0].spans[0].trace_id = b""

    batch = decode(request.SerializeToString())

    assert batch.tables["spans"]["name"].to_pylist() == ["3"]
    assert told.attributes(batch, "resources") == [{"n": 3}]
    assert batch.tables["scopes"]["name"].to_pylist() == ["scope 3"]
    assert batch.tables["spans"]["resource_id"] == batch.tables["resources"]["resource_id"]
    assert batch.tables["spans"]["scope_id"] == batch.tables["scopes"]["scope_id"]


@pytest.mark.parametrize(
    "body",
    [
        b"\x0a\x00" * 1_000_000,
        request_of([("a", AnyValue())] * 300_000),
        request_of(*([] for _ in range(20_000))),
    ],
    ids=["empty resources", "attributes of one resource", "resources"],
)
def test_nothing_costs_python_work(body: bytes) -> None:
    """Small bodies that took seconds: a request may hold millions of things that are cheap to write."""
    began = time.thread_time()
    decode(body)
    assert time.thread_time() - began < 0.5
