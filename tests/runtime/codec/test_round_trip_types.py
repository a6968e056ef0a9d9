"""What is written is what is read: types of pydantic, unions, numbers, factories and iterators."""

import json
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, MutableSequence, Reversible, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AnyUrl, HttpUrl, Json, PostgresDsn, Secret, SecretStr
from pydantic_core import MultiHostUrl, Url

from runtime.codec.encode import encode
from runtime.codec.encoded import RESERVED, Encoded
from tests.runtime.codec.trips import WHAT, read, same, trip


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (HttpUrl, HttpUrl("https://example.org/ä?q=1")),
        (AnyUrl, AnyUrl("custom://host/path")),
        (PostgresDsn, PostgresDsn("postgres://a:b@one,two:5/c")),
        (Url, Url("https://example.org")),
        (MultiHostUrl, MultiHostUrl("redis://a,b")),
        (list[HttpUrl], [HttpUrl("https://example.org")]),
        (Secret[date], Secret[date](date(2024, 1, 1))),
        (Json[list[int]], [1, 2]),
        (list[Json[Any]], [{"a": 1}, "x", 5]),
        (Json, {"a": [1]}),
        (defaultdict[str, list[int]], defaultdict(list, {"a": [1]})),
        (list[Decimal], [Decimal("Infinity"), Decimal("NaN")]),
        (dict[str, range], {"a": range(3)}),
        (bytearray | None, bytearray(b"x")),
        (MappingProxyType[str, int], MappingProxyType({"a": 1})),
    ],
    ids=str,
)
def test_types_of_pydantics_own_are_read_as_what_they_were(annotation: Any, value: Any):
    """URLs, what was read from JSON within JSON, and standard types that pydantic does not know."""
    assert same(trip(value, annotation), value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (date | str, "2024-01-01"),
        (date | str, date(2024, 1, 1)),
        (bytes | str, "x"),
        (bytes | str, b"x"),
        (list[UUID | str], [str(UUID(int=1)), UUID(int=1)]),
        (dict[str, Path | str | None], {"a": "x", "b": Path("x"), "c": None}),
        (SecretStr | str, "x"),
        (set[int] | list[int], [1]),
        (set[int] | list[int], {1}),
        (float | int, 1),
        (int | bool, True),
        (Decimal | float, 1.5),
    ],
    ids=str,
)
def test_a_union_keeps_what_was_written(annotation: Any, value: Any):
    """Text that looks like a date stays text."""
    assert same(trip(value, annotation), value)


def test_ints_travel_however_many_digits_a_process_may_write():
    """Python's limit may be lowered to 640 digits, there or here."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        for value in (10**600, 2**2047, 2**2048, -(2**20_000)):
            assert same(trip(value), value)
            assert same(trip({value: [value]}), {value: [value]})
    finally:
        sys.set_int_max_str_digits(limit)


def test_a_factory_that_is_code_stays_behind():
    """What the dict holds arrives, and a key that it does not hold is an error."""
    back = trip(defaultdict(lambda: 7, {"a": 1}))
    assert same(back, defaultdict(None, {"a": 1}))


def test_a_factory_that_is_called_as_a_builtin_type_is_code_all_the_same():
    """It is compared, not named."""
    factory: Any = type("list", (list,), {})
    assert trip(defaultdict(factory)).default_factory is None


MADE: list[Any] = [[1], (1, 2), {1}, frozenset({1}), deque([1], 3)]


@pytest.mark.parametrize("value", MADE, ids=lambda value: type(value).__name__)
def test_a_type_that_says_only_how_a_collection_is_used_leaves_it_as_it_is(value: Any):
    """It can be read as often, and it is the same collection."""
    for abstract in (Iterable, Collection, Reversible, Sequence, MutableSequence, AbstractSet):
        if isinstance(value, abstract):
            assert same(trip(value, abstract), value)
            assert same(trip(value, abstract[int]), value)
            assert same(trip({"a": [value]}, dict[str, list[abstract[int]]]), {"a": [value]})


def test_what_foreign_senders_give_for_any_collection_is_a_list():
    """And its elements are read as what they are declared."""
    assert same(read(Encoded.parse('["2024-01-01"]'), Iterable[date]), [date(2024, 1, 1)])
    assert same(read(Encoded.parse('["2024-01-01"]'), AbstractSet[date]), {date(2024, 1, 1)})
    assert list(read(Encoded.parse('"ab"'), Iterable[str])) == ["a", "b"]


def test_an_iterator_is_read_from_a_list():
    """As its declaration says."""
    assert list(trip(iter([1, 2]), Iterator[int])) == [1, 2]


def test_sets_are_written_in_one_order():
    """Whatever the process's hashes are."""
    assert encode({"c", "a", "b"}, WHAT).data == ["a", "b", "c"]


SIMPLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=()))
    | st.binary()
    | st.decimals()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC) | st.timezones())
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.fractions()
    | st.complex_numbers()
)
KEYS = st.text() | st.integers() | st.tuples(st.integers(), st.booleans()) | st.dates() | st.none()
NESTED = st.recursive(
    SIMPLE,
    lambda within: (
        st.lists(within)
        | st.lists(within).map(tuple)
        | st.lists(within).map(deque)
        | st.dictionaries(st.text(), within)
        | st.dictionaries(KEYS, within)
        | st.dictionaries(KEYS, within).map(OrderedDict)
        | st.sets(st.integers() | st.text() | st.dates())
        | st.lists(st.sampled_from([None, b"x", {"a": b"x"}, {"a": 1, "b": None}, {"a": None}, (1,)]))
    ),
    max_leaves=12,
)


@given(NESTED)
@settings(max_examples=400)
def test_arbitrary_values_arrive_as_they_were(value: Any):
    """By way of text."""
    assert same(trip(value), value)


@given(NESTED)
@settings(max_examples=100)
def test_the_text_is_plain_json_whose_data_is_what_a_foreign_reader_sees(value: Any):
    """No NaN, no Infinity; numbers, text, lists and objects."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    encoded = encode(value, WHAT)
    whole = json.loads(encoded.text, parse_constant=refuse)
    assert whole == (
        encoded.data if encoded.types is None else {RESERVED: 1, "data": encoded.data, "types": encoded.types}
    )
