"""Attributes of many records, each name as a column."""

from uuid import UUID

import pyarrow as pa
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from collector.otlp.decode import spans
from collector.store import attribute_encoding
from collector.store.attributes import Attributes


def told(*records: list[tuple[str, AnyValue]]) -> Attributes:
    """Attributes as a sender's request brings them."""
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number, pairs in enumerate(records, 1):
        span = scope.spans.add(trace_id=number.to_bytes(16), span_id=number.to_bytes(8))
        span.attributes.extend(KeyValue(key=key, value=value) for key, value in pairs)
    return read(spans.decode(request.SerializeToString()).tables["spans"])


def read(table: pa.Table) -> Attributes:
    """Attributes of decoded spans."""
    return Attributes(attribute_encoding.encode_tables({"spans": table})["spans"].column("attributes").combine_chunks())


def text(value: str) -> AnyValue:
    """A text."""
    return AnyValue(string_value=value)


def test_a_record_without_the_name_has_no_value() -> None:
    """Whether others have it or nobody does."""
    attributes = told([("a", text("1"))], [], [("b", text("2"))])
    assert attributes.texts("a").to_pylist() == ["1", None, None]
    assert attributes.texts("nobody").to_pylist() == [None, None, None]


def test_the_first_of_a_name_that_is_repeated_counts() -> None:
    """As a look-up in the list would have it."""
    assert told([("a", text("1")), ("a", text("2"))]).texts("a").to_pylist() == ["1"]


def test_the_preferred_name_wins_where_it_says_something() -> None:
    """Record by record; an empty value says nothing."""
    attributes = told(
        [("old", text("o")), ("new", text("n"))], [("old", text("o"))], [("new", AnyValue()), ("old", text("o"))]
    )
    assert attributes.texts("new", "old").to_pylist() == ["n", "o", "o"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (AnyValue(int_value=7), "7"),
        (AnyValue(double_value=7.0), "7"),
        (AnyValue(double_value=7.5), "7.5"),
        (AnyValue(double_value=1e300), "1e+300"),
        (AnyValue(double_value=float("nan")), "nan"),
        (AnyValue(bool_value=False), "false"),
        (AnyValue(bytes_value=b"7"), "7"),
        (AnyValue(double_value=2.0**53), "9007199254740992"),
        (AnyValue(int_value=2**53), "9007199254740992"),
        (AnyValue(double_value=2.0**80), str(2.0**80)),
        (AnyValue(bytes_value=UUID(int=5).bytes), str(UUID(int=5))),
        (AnyValue(bytes_value=bytes(range(240, 256))), "f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff"),
        (AnyValue(bytes_value=b"order-0000000017"), "order-0000000017"),
        (AnyValue(bytes_value=b"\xff"), "/w=="),
        (AnyValue(array_value=ArrayValue(values=[text("7")])), "7"),
        (AnyValue(array_value=ArrayValue(values=[text("7"), text("8")])), None),
        (AnyValue(array_value=ArrayValue()), None),
        (AnyValue(kvlist_value=KeyValueList()), None),
    ],
)
def test_a_value_of_any_type_reads_as_text(value: AnyValue, expected: str | None) -> None:
    """Beside one that is text anyway."""
    assert told([("a", value)], [("a", text("x"))]).texts("a").to_pylist() == [expected, "x"]


def test_numbers_and_flags_are_those_of_their_type() -> None:
    """A text is no number."""
    attributes = told(
        [("a", AnyValue(int_value=3)), ("f", AnyValue(bool_value=True))], [("a", text("3")), ("f", text("true"))]
    )
    assert attributes.integers("a").to_pylist() == [3, None]
    assert attributes.flags("f").to_pylist() == [True, None]
    assert attributes.integers("nobody").to_pylist() == [None, None]


def test_a_number_names_nothing_and_hides_no_name() -> None:
    """An operation is told by a word; what another convention says is heard."""
    two, three, yes = AnyValue(int_value=2), AnyValue(double_value=3.0), AnyValue(bool_value=True)
    attributes = told([("a", two), ("b", text("LLM"))], [("a", text("chat")), ("b", text("LLM"))], [("a", three)])
    assert attributes.strings("a", "b").to_pylist() == ["LLM", "chat", None]
    assert told([("a", yes)], [("b", text("x"))]).strings("a").to_pylist() == [None, None]
    assert told([("b", text("x"))]).strings("a").to_pylist() == [None]


def test_a_list_is_its_texts() -> None:
    """What else is in it is left out, and what is no list is none."""
    both = AnyValue(array_value=ArrayValue(values=[text("x"), text("y")]))
    mixed = AnyValue(array_value=ArrayValue(values=[text("x"), AnyValue(int_value=1)]))
    assert told([("a", both)], [("a", text("x"))], []).lists("a").to_pylist() == [["x", "y"], None, None]
    assert told([("a", mixed)], [("a", both)], [("a", AnyValue())]).lists("a").to_pylist() == [["x"], ["x", "y"], None]
    assert told([]).lists("a").to_pylist() == [None]


def test_a_part_of_a_table_tells_of_itself_alone() -> None:
    """A slice keeps the values of all in memory."""
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number in range(1, 5):
        span = scope.spans.add(trace_id=number.to_bytes(16), span_id=number.to_bytes(8))
        span.attributes.add(key="a").value.int_value = number
    table: pa.Table = spans.decode(request.SerializeToString()).tables["spans"].slice(2)
    assert read(table).texts("a").to_pylist() == ["3", "4"]
