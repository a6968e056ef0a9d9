"""Attributes as they are stored: of whatever was sent nothing is lost, and what an older store holds reads the same."""

import base64
import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from collector.otlp.decode.spans import decode
from collector.store import attribute_encoding, ddl
from collector.store.values import decode_stored_value

#: To make an example of so many values smaller takes minutes.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)

ODD_TEXTS = (
    *("", "\0", "a\0b", '"', "\\", "\\x0A", "\\u0000", "\x1f\x7f\b\f", "true", "5", "[]", '", "', "null"),
    *("é\u2028😀", "x" * 9_000),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(ODD_TEXTS)
DOUBLES = st.floats() | st.sampled_from([-0.0, 5e-324, 1e16, 1e15, 1e-5, 0.1, 1.0, math.nan, math.inf, -math.inf])
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, -1, 2**63 - 1, -(2**63), 2**53 + 1])
BYTES = st.binary(max_size=40) | st.just(bytes(range(256)))

SCALARS = (
    st.builds(AnyValue, string_value=TEXTS)
    | st.builds(AnyValue, bool_value=st.booleans())
    | st.builds(AnyValue, int_value=INTEGERS)
    | st.builds(AnyValue, double_value=DOUBLES)
    | st.builds(AnyValue, bytes_value=BYTES)
    | st.just(AnyValue())
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.builds(AnyValue, array_value=st.builds(ArrayValue, values=st.lists(inner, max_size=4)))
        | st.builds(
            AnyValue,
            kvlist_value=st.builds(KeyValueList, values=st.lists(st.builds(KeyValue, key=TEXTS, value=inner))),
        )
    ),
    max_leaves=12,
)


def decoded(values: list[AnyValue]) -> pa.ListArray:
    """Values as they come from the wire, each an attribute of the same record."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=bytes([1] * 16), span_id=bytes([1] * 8))
    span.attributes.extend(KeyValue(key=str(place), value=value) for place, value in enumerate(values))
    return decode(request.SerializeToString()).tables["spans"].column("attributes").combine_chunks()


def meant(value: AnyValue) -> Any:
    """What a value is in JSON, read from the message itself."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [meant(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return {each.key: meant(each.value) for each in value.kvlist_value.values}
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    if kind == "double_value" and not math.isfinite(value.double_value):
        return "NaN" if math.isnan(value.double_value) else "Infinity" if value.double_value > 0 else "-Infinity"
    return getattr(value, kind)


@pytest.fixture(scope="module")
def migrating() -> Iterator[duckdb.DuckDBPyConnection]:
    """With what the migration makes attributes narrow by."""
    with duckdb.connect() as connection:
        connection.execute(ddl.text("0015_narrow_attributes.sql").partition("\nCREATE TYPE")[0])
        yield connection


@settings(max_examples=150, deadline=None, phases=UNSHRUNK)
@given(st.lists(VALUES, max_size=8))
def test_a_value_of_any_kind_is_read_as_it_was_sent(values: list[AnyValue]) -> None:
    """With its type: 1 is no 1.0, nothing is no empty text."""
    (found,) = attribute_encoding.encode_lists(decoded(values)).to_pylist()
    assert [repr(decode_stored_value(each)) for each in found] == [repr(meant(value)) for value in values]
    assert [each["key"] for each in found] == [str(place) for place in range(len(values))]


@settings(max_examples=150, deadline=None, phases=UNSHRUNK)
@given(st.lists(VALUES, min_size=1, max_size=8))
def test_what_an_older_store_holds_becomes_what_would_be_stored_today(
    migrating: duckdb.DuckDBPyConnection, values: list[AnyValue]
) -> None:
    """To the letter: a span that is sent again is known by a hash of it."""
    attributes = decoded(values)
    migrating.register("incoming", pa.table({"attributes": attributes}))
    ((found,),) = migrating.execute("SELECT narrowed(attributes) FROM incoming").fetchall()
    assert found == attribute_encoding.encode_lists(attributes).to_pylist()[0]


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (AnyValue(string_value="true"), "true", attribute_encoding.STRING),
        (AnyValue(string_value=""), "", attribute_encoding.STRING),
        (AnyValue(bool_value=True), "true", attribute_encoding.BOOL),
        (AnyValue(int_value=2**63 - 1), "9223372036854775807", attribute_encoding.INT),
        (AnyValue(double_value=-0.0), "-0.0", attribute_encoding.DOUBLE),
        (AnyValue(double_value=math.nan), "NaN", attribute_encoding.DOUBLE),
        (AnyValue(bytes_value=b"\xff"), "/w==", attribute_encoding.BYTES),
        (AnyValue(array_value=ArrayValue()), "[]", attribute_encoding.LIST),
        (
            AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1), AnyValue(double_value=1), AnyValue()])),
            "[1, 1.0, null]",
            attribute_encoding.LIST,
        ),
        (
            AnyValue(array_value=ArrayValue(values=[AnyValue(bytes_value=b"\xff")])),
            '[{"7": "/w=="}]',
            attribute_encoding.LIST,
        ),
        (
            AnyValue(array_value=ArrayValue(values=[AnyValue(array_value=ArrayValue())])),
            '[{"5": ""}]',
            attribute_encoding.LIST,
        ),
        (AnyValue(kvlist_value=KeyValueList()), "", attribute_encoding.MAP),
        (
            AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="é'")])),
            "\\x0A\\x05\\x0A\\x03\\xC3\\xA9\\x27",
            attribute_encoding.MAP,
        ),
        (AnyValue(), None, attribute_encoding.NONE),
    ],
)
def test_each_kind_has_one_text(value: AnyValue, text: str | None, kind: int) -> None:
    """Which stays, for stores hold it."""
    assert attribute_encoding.encode_lists(decoded([value])).to_pylist() == [[{"key": "0", "text": text, "kind": kind}]]


def test_records_without_attributes_keep_their_places() -> None:
    """Also in a part of a table, which keeps the values of all in memory."""
    one, two = (decoded([AnyValue(int_value=number)])[0].as_py() for number in (1, 2))
    kind = decoded([]).type
    lists = pa.array([one, None, [], two, one], kind)

    def read(part: pa.ListArray) -> list[Any]:
        return [
            None if each is None else [said["text"] for said in each]
            for each in attribute_encoding.encode_lists(part).to_pylist()
        ]

    assert read(lists) == [["1"], None, [], ["2"], ["1"]]
    assert read(lists.slice(1, 3)) == [None, [], ["2"]]
    assert read(lists.slice(0, 0)) == []
