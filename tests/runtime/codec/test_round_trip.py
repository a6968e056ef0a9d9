"""What is written is what is read: standard values, alone and within each other."""

import math
import re
from collections import Counter, OrderedDict, defaultdict, deque
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
from pydantic import Field, SecretBytes, SecretStr

from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
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
