"""Every name of the table is read, in whichever type it comes; today's wins."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue

from collector.otlp.decode import spans
from collector.store.database import Database
from collector.store.names import NAMES, WHEN_ASKED, AttributeMeaning, attribute_names, first_value
from collector.store.records import RecordWriter

#: The same in every type that a client may send it in, and what it reads as.
TYPES: Mapping[str, tuple[AnyValue, str]] = {
    "text": (AnyValue(string_value="42"), "42"),
    "whole number": (AnyValue(int_value=42), "42"),
    "number": (AnyValue(double_value=42.0), "42"),
    "fraction": (AnyValue(double_value=1.5), "1.5"),
    "truth value": (AnyValue(bool_value=True), "true"),
    "bytes": (AnyValue(bytes_value=b"42"), "42"),
    "bytes that are no text": (AnyValue(bytes_value=b"\xff\xfe"), "//4="),
    "list of one": (AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=42)])), "42"),
}

#: Types that name nothing: an operation that is sent as one of them hides no other convention's word.
NAMELESS = ("whole number", "number", "fraction", "truth value")

#: Numbers that a call of a model says; what is no whole number, or no number, says nothing.
WHOLE = [
    AttributeMeaning.INPUT_TOKENS,
    AttributeMeaning.OUTPUT_TOKENS,
    AttributeMeaning.TOTAL_TOKENS,
    AttributeMeaning.CACHE_READ_TOKENS,
    AttributeMeaning.CACHE_WRITE_TOKENS,
    AttributeMeaning.REASONING_TOKENS,
]
BROKEN = [AttributeMeaning.COST, AttributeMeaning.FIRST_CHUNK_SECONDS]

#: Texts that a call says of itself.
OF_A_CALL = [
    AttributeMeaning.MODEL,
    AttributeMeaning.RESPONSE_MODEL,
    AttributeMeaning.RESPONSE_ID,
    AttributeMeaning.PROVIDER,
    AttributeMeaning.SERVICE_TIER,
    AttributeMeaning.TOOL,
]

#: What has a column of its own, and its column; an id of an event or message is what it is known by.
COLUMNS = [
    said
    for said in AttributeMeaning
    if said not in (*WHOLE, *BROKEN, *OF_A_CALL, *WHEN_ASKED, AttributeMeaning.MESSAGE_OPERATION)
]


def written(database: Database, attributes: Sequence[Mapping[str, AnyValue]]) -> None:
    """A span for each of some attributes, numbered from 1."""
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number, given in enumerate(attributes, 1):
        span = scope.spans.add(trace_id=number.to_bytes(16), span_id=number.to_bytes(8), name="s", kind=5)
        span.start_time_unix_nano = span.end_time_unix_nano = number
        for key, value in given.items():
            span.attributes.add(key=key).value.CopyFrom(value)
    with database.writing() as session:
        RecordWriter(database).write(session, spans.decode(request.SerializeToString()))


def said(database: Database, what: AttributeMeaning) -> list[Any]:
    """What the store makes of it, span by span."""
    columns = {
        AttributeMeaning.MESSAGE_ID: "event_id",
        AttributeMeaning.EVENT_ID: "event_id",
        AttributeMeaning.SESSION: "session_id",
        AttributeMeaning.USER: "user_id",
        **{each: f"work.{each}" for each in (*WHOLE, *BROKEN, *OF_A_CALL)},
    }
    question = f"SELECT {columns.get(what, what)} FROM spans ORDER BY start_ns"  # noqa: S608 names of this test
    return [row[0] for row in database._connection.execute(question).fetchall()]


@pytest.mark.parametrize("what", COLUMNS)
def test_each_name_is_read_in_every_type(database: Database, what: AttributeMeaning) -> None:
    """And two clients that mean the same are understood as the same."""
    written(database, [{name: value} for name in attribute_names(what) for value, _ in TYPES.values()])
    found = said(database, what)
    if what in (AttributeMeaning.MESSAGE_ID, AttributeMeaning.EVENT_ID):
        texts = list(TYPES)
        by_type = {name: set(found[place :: len(texts)]) for place, name in enumerate(texts)}
        assert all(len(ids) == 1 and isinstance(next(iter(ids)), UUID) for ids in by_type.values())
        assert len({frozenset(by_type[name]) for name in texts if TYPES[name][1] == "42"}) == 1
        assert len(set(found)) == 4
    else:
        nameless = NAMELESS if what is AttributeMeaning.OPERATION else ()
        assert found == [
            None if kind in nameless else text for _ in attribute_names(what) for kind, (_, text) in TYPES.items()
        ]


@pytest.mark.parametrize("what", COLUMNS)
def test_todays_name_wins(database: Database, what: AttributeMeaning) -> None:
    """Wherever it stands among the others."""
    names = attribute_names(what)
    given = [{name: AnyValue(string_value=f"v{place}") for place, name in enumerate(names)}]
    given += [dict(reversed(given[0].items())), {names[0]: AnyValue(string_value="v0")}]
    written(database, given)
    assert len(set(said(database, what))) == 1


CALL = {"gen_ai.operation.name": AnyValue(string_value="chat")}


@pytest.mark.parametrize("what", [*OF_A_CALL, *WHOLE, *BROKEN])
def test_what_a_call_says_of_itself_is_read_in_every_type(database: Database, what: AttributeMeaning) -> None:
    """A number that was sent as text is one; a text is no number."""
    names = attribute_names(what)
    written(database, [{**CALL, name: value} for name in names for value, _ in TYPES.values()])
    numbers = {"42": 42, "1.5": 2 if what in WHOLE else 1.5}
    texts = [text for _, text in TYPES.values()]
    expected = texts if what in OF_A_CALL else [numbers.get(text) for text in texts]
    assert said(database, what) == expected * len(names)


def test_a_span_that_calls_nothing_has_no_figures(database: Database) -> None:
    """Other instrumentations have attributes of the same names."""
    written(database, [{"gen_ai.request.model": AnyValue(string_value="m")}])
    assert database._connection.execute("SELECT role, work FROM spans").fetchall() == [(None, None)]


@pytest.mark.parametrize(
    "what", [AttributeMeaning.MODEL, AttributeMeaning.INPUT_TOKENS, AttributeMeaning.OUTPUT_TOKENS]
)
def test_plain_attributes_are_read_by_the_same_table(what: AttributeMeaning) -> None:
    """Today's first, whatever their order."""
    names = attribute_names(what)
    assert [first_value({name: 7}, what) for name in names] == [7] * len(names)
    assert first_value({name: place for place, name in reversed(list(enumerate(names)))}, what) == 0
    assert first_value({"other": 1}, what) is None


def test_no_name_is_there_twice_and_each_has_a_source() -> None:
    """The table is one."""
    assert len({name.attribute for name in NAMES}) == len(NAMES)
    assert all(name.source for name in NAMES)
    assert {name.says for name in NAMES} == set(AttributeMeaning)
