"""What is written is what is read: standard values, alone and within each other."""

import json
import math
import re
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, MutableSequence, Reversible, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import ip_address, ip_interface, ip_network
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AnyUrl, Field, HttpUrl, Json, PostgresDsn, Secret, SecretBytes, SecretStr
from pydantic_core import MultiHostUrl, Url

from runtime.codec.encode import encode
from runtime.codec.encoded import RESERVED, Encoded
from tests.runtime.codec.trips import WHAT, read, same, trip

BERLIN = ZoneInfo("Europe/Berlin")
#: Pydantic wants to be told a factory; that of the value is kept.
DEFAULTS: Any = defaultdict[Any, Annotated[Any, Field(default_factory=int)]]
HIGH, LOW = "\ud83d", "\ude00"

#: What JSON has as it is.
PLAIN: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    0.1,
    -0.0,
    5e-324,
    1.7976931348623157e308,
    "",
    "a\x00b",
    "größer 😀",
    f"half of a pair: {HIGH}",
    f"the other: {LOW}",
    f"the wrong way round: {LOW}{HIGH}",
    [],
    {},
    [1, [2, []]],
    {"a": {"b": None}, "": 1, "a.b": 2, "\x00": 3, HIGH: 4},
]

SCALARS: list[Any] = [
    math.nan,
    math.inf,
    -math.inf,
    10**700,
    -(10**5000),
    f"both halves: {HIGH}{LOW}",
    f"😀{HIGH}{LOW}",
    b"",
    b"\xff\x00",
    bytearray(b"\xff"),
    memoryview(b"\xff"),
    complex(0.0, -0.0),
    complex(math.nan, -math.inf),
    Decimal("1.10"),
    Decimal("-0"),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("-Infinity"),
    Decimal("1E+9999"),
    Fraction(1, 3),
    Fraction(10**5000, 7),
    range(3),
    range(10, 0, -3),
    UUID(int=7),
    Path("/a/ö"),
    PurePosixPath("a/../b"),
    PureWindowsPath("C:\\a"),
    ip_address("10.0.0.1"),
    ip_interface("10.0.0.1/8"),
    ip_network("10.0.0.0/8"),
    ip_address("fe80::1%eth0"),
    ip_interface("::1/64"),
    ip_network("::/64"),
    re.compile("a+", re.IGNORECASE | re.DOTALL),
    re.compile(b"\xff"),
    date(2024, 2, 29),
    date.min,
    datetime(2024, 2, 29, 1, 2, 3, 4),
    datetime.max,
    datetime(2024, 2, 29, tzinfo=UTC),
    datetime(2024, 2, 29, tzinfo=timezone(timedelta(hours=-3, seconds=7))),
    time(1, 2, 3, 4),
    time(1, tzinfo=timezone(timedelta(minutes=90))),
    timedelta.min,
    timedelta.max,
    timedelta(days=-1, microseconds=1),
    timedelta(microseconds=123456),
    timezone(timedelta(hours=5)),
    UTC,
    BERLIN,
    SecretStr("hunter2"),
    SecretBytes(b"\xff"),
]

COLLECTIONS: list[Any] = [
    (),
    (1, (2,)),
    set(),
    {1, 2},
    {"b", "a"},
    {1, "a", None, (1, b"x")},
    frozenset({frozenset({1})}),
    deque([1, 2]),
    deque([1], maxlen=3),
    {1: "a"},
    {-1: {2: 3}},
    {10**700: 1},
    {(1, 2): "a"},
    {None: 1, True: 2, "a": 3, 1.5: 4, b"x": 5},
    {math.inf: 1},
    {UUID(int=1): 1, UUID(int=2): 2},
    {date(2024, 1, 1): b"x", date(2024, 1, 2): 2},
    {1: 1, "1": 2},
    {HIGH + LOW: 1},
    {frozenset({1}): {SecretStr("x"): 1}},
    OrderedDict([("b", 1), ("a", 2)]),
    OrderedDict([((1,), 1)]),
    Counter("abca"),
    Counter({(1,): 2}),
    defaultdict(list, {"a": [1]}),
    defaultdict(int, {1: 2}),
    defaultdict(None, {(1,): 2}),
    MappingProxyType({"a": (1,)}),
    [{"at": [b"x", 1, b"y", None]}, (None, None)],
    [None, b"x", None],
    {"a": b"x", "b": b"y", "c": None},
    {"a": b"x", "b": 1, "c": 2},
    [math.nan, 1.5, None, math.nan],
]


def ids(values: list[Any]) -> list[str]:
    return [f"{at} {type(value).__name__}" for at, value in enumerate(values)]


@pytest.mark.parametrize("value", PLAIN, ids=ids(PLAIN))
def test_what_json_has_needs_no_types(value: Any):
    """It is stored as it always was."""
    encoded = encode(value, WHAT)
    assert encoded.types is None
    assert same(encoded.data, value)
    assert same(read(encoded), value)


@pytest.mark.parametrize("value", [*PLAIN, *SCALARS, *COLLECTIONS], ids=ids([*PLAIN, *SCALARS, *COLLECTIONS]))
def test_a_value_arrives_as_it_was_at_a_reader_of_its_type_and_at_one_without(value: Any):
    """Alone, in containers, as a value of a dict, and at a reader that has the parsed JSON and no text."""
    kind: Any = (
        defaultdict[Any, Annotated[Any, Field(default_factory=int)]] if isinstance(value, defaultdict) else type(value)
    )
    assert same(trip(value), value)
    assert same(trip(value, kind), value)
    assert same(trip([value, None, value]), [value, None, value])
    assert same(trip({"a": value, "b": [value]}), {"a": value, "b": [value]})
    assert same(trip((value,), tuple[kind]), (value,))
    encoded = encode(value, WHAT)
    assert same(read(Encoded(encoded.data, encoded.types)), value)


@pytest.mark.parametrize(
    ("moment", "fold"),
    [
        (datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN), 0),
        (datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1), 1),
        (datetime(2024, 3, 31, 2, 30, tzinfo=BERLIN), 0),
        (datetime(2024, 10, 27, 2, 30, fold=1), 1),
        (time(2, 30, tzinfo=BERLIN, fold=1), 1),
    ],
)
def test_a_moment_keeps_its_zone_and_which_of_two_it_is(moment: Any, fold: int):
    """The hour that comes twice, the one that never comes, and the time of a day."""
    back = trip(moment)
    assert (back, back.tzinfo, back.fold, back.utcoffset()) == (moment, moment.tzinfo, fold, moment.utcoffset())


@pytest.mark.parametrize("offset", [timedelta(hours=5, minutes=30), timedelta(0), timedelta(seconds=-1)], ids=str)
def test_an_offset_keeps_the_name_that_it_was_given(offset: timedelta):
    """In a moment, in a time of the day, and alone; one that has none gets none."""
    for zone in (timezone(offset, "IST"), timezone(offset)):
        moment, clock = datetime(2024, 7, 1, tzinfo=zone), time(2, 30, tzinfo=zone)
        assert repr(trip([moment, clock, zone])) == repr([moment, clock, zone])
        assert trip(moment, datetime).tzname() == moment.tzname()


@pytest.mark.parametrize("name", [7, None, ["x"]])
def test_a_name_of_an_offset_that_is_none_is_left_out(name: Any):
    """Of what somebody else has written."""
    hour = timezone(timedelta(hours=1))
    assert repr(read(Encoded("PT1H", {"as": "timezone", "name": name}))) == repr(hour)
    back = read(Encoded("2024-07-01T00:00:00+01:00", {"as": "datetime", "name": name}))
    assert repr(back) == repr(datetime(2024, 7, 1, tzinfo=hour))


def test_a_zone_that_this_machine_does_not_know_leaves_the_offset():
    """The moment is the same."""
    encoded = encode(datetime(2024, 7, 1, tzinfo=BERLIN), WHAT)
    for zone in ("Nowhere/At_All", "../../etc/passwd", "America/New_York", 7):
        back = read(Encoded(encoded.data, {"as": "datetime", "zone": zone}))
        assert back == datetime(2024, 7, 1, tzinfo=BERLIN)
        assert back.utcoffset() == timedelta(hours=2)


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
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_arbitrary_values_arrive_as_they_were(value: Any):
    """By way of text."""
    assert same(trip(value), value)


@given(NESTED)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_text_is_plain_json_whose_data_is_what_a_foreign_reader_sees(value: Any):
    """No NaN, no Infinity; numbers, text, lists and objects."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    encoded = encode(value, WHAT)
    whole = json.loads(encoded.text, parse_constant=refuse)
    assert whole == (
        encoded.data if encoded.types is None else {RESERVED: 1, "data": encoded.data, "types": encoded.types}
    )
