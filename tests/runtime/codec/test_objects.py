"""Dataclasses, NamedTuples, members of enumerations, and instances of what derives from a builtin type."""

import threading
from collections import namedtuple
from datetime import UTC, date
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ConfigDict

from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.shapes import class_name
from runtime.errors import UnencodableError
from tests.runtime.codec.objects import (
    Aliased,
    Amounts,
    Bag,
    Blob,
    Clock,
    Color,
    Count,
    Day,
    Derived,
    Doubled,
    Fixed,
    Group,
    Holder,
    Key,
    Level,
    Lists,
    Made,
    Marked,
    Mixed,
    Moment,
    Money,
    Name,
    Open,
    Pair,
    Part,
    Point,
    Ratio,
    Rights,
    Ring,
    Row,
    Salary,
    Simple,
    Size,
    Slotted,
    Sorted,
    Span,
    Stack,
    Token,
    Votes,
    Wave,
    name,
)
from tests.runtime.codec.trips import WHAT, read, same, trip

Old = namedtuple("Old", "a b")  # noqa: PYI024 - there are some


def moment() -> Moment:
    made = Moment(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    made.note = "late"
    return made


def stack() -> Stack:
    made = Stack(size=3)
    made.extend([1, (2,)])
    return made


VALUES: list[tuple[Any, Any]] = [
    (Simple, Simple(1, (b"x",))),
    (Slotted, Slotted(a=1, at=date(2024, 1, 1))),
    (Made, Made(1, 5)),
    (Made, Derived(1, 5)),
    (Pair[int], Pair[int](1, 2)),
    (Pair[Slotted], Pair(Slotted(a=1), Slotted(a=2))),
    (Aliased, Aliased(orderId=1, note="x")),
    (Open, Open(a=1, b=2)),
    (Holder, Holder(pair=Pair(Slotted(a=1), Slotted(a=2)), simple=Simple(1))),
    (Point, Point(1, Slotted(a=1))),
    (Old, Old(1, (2,))),
    (Color, Color.RED),
    (Color, Color.PAIR),
    (Color, Color.NOTHING),
    (Color, Color.THING),
    (Color, Color.LAZY),
    (Size, Size.SMALL),
    (Level, Level.LOW),
    (Rights, Rights.READ | Rights.WRITE),
    (Mixed, Mixed.X),
    (HTTPStatus, HTTPStatus.NOT_FOUND),
    (Name, name()),
    (Count, Count(10**700)),
    (Ratio, Ratio("nan")),
    (Blob, Blob(b"\xff")),
    (Row, Row([1, (2,)])),
    (Bag, Bag(a=1)),
    (Stack, stack()),
    (Group, Group({1})),
    (Fixed, Fixed({1})),
    (Ring, Ring([1], maxlen=2)),
    (Sorted, Sorted(a=(1,))),
    (Lists, Lists(list, a=[1])),
    (Votes, Votes("ab")),
    (Moment, moment()),
    (Day, Day(2024, 1, 1)),
    (Clock, Clock(1, 2, 3, 4, UTC, fold=1)),
    (Span, Span(-1, 3, 4)),
    (Money, Money("1.10")),
    (Money, Money("sNaN")),
    (Part, Part(1, 3)),
    (Wave, Wave(1, -0.0)),
    (Key, Key(int=3)),
    (Token, Token("hunter2")),
    (Salary, Salary(1.5)),
    (Amounts, Amounts(price=Money(1), token=Token("x"), at=moment())),
]


@pytest.mark.parametrize(("annotation", "value"), VALUES, ids=lambda part: getattr(type(part), "__name__", ""))
def test_an_object_arrives_as_it_was(annotation: Any, value: Any):
    """Alone, in containers and beside others; no code of its class runs."""
    back = trip(value, annotation)
    assert type(back) is type(value)
    if str(value) in ("nan", "sNaN"):
        assert str(back) == str(value)
        return
    if not isinstance(value, Bag):
        assert same(back, value)
    assert back == value
    assert trip([value, None, value], list[annotation | None]) == [value, None, value]
    assert trip({"a": (value,)}, dict[str, tuple[annotation]]) == {"a": (value,)}


def test_attributes_of_what_derives_from_a_builtin_type_travel():
    """In slots or not."""
    assert trip(name(), Name).lang == "de"
    assert (trip(moment(), Moment).note, trip(moment(), Moment).fold) == ("late", 1)
    assert trip(stack(), Stack).size == 3


def test_what_derives_from_a_builtin_type_arrives_as_that_where_nobody_asks_for_it():
    """Also where its attributes can't travel."""
    marked = Marked("x")
    marked.mark = threading.Lock()
    for value in (name(), marked):
        assert same(trip(value, str), str(value))
        assert same(trip([value]), [str(value)])
    assert same(trip(marked, Marked | str), "x")
    assert same(trip({"a": stack()}, dict[str, Any]), {"a": [1, (2,)]})
    assert same(trip(Point(1, Slotted(a=1))), (1, {"a": 1, "at": None}))


def test_what_makes_no_set_for_a_reader_makes_no_group_of_its_own():
    """Its elements are dicts there."""

    class Element(BaseModel):
        model_config = ConfigDict(frozen=True)
        a: int

    assert same(trip(Group({Element(a=1)}), Group | list[Any]), [{"a": 1}])


def test_keys_that_show_alike_are_told_apart():
    """By what their class says is the same."""

    class Unlike(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return self is other

        __hash__ = str.__hash__

    assert len(encode({Unlike("x"): 1, Unlike("x"): 2}, WHAT).data) == 2


def test_a_note_holds_nothing_twice():
    """What a standard type keeps among its attributes is in its value."""
    assert encode(Key(int=3), WHAT).types == {"as": "derived", "class": class_name(Key), "of": "uuid"}
    assert encode(Token("x"), WHAT).types == {"as": "derived", "class": class_name(Token), "of": "secretstr"}


def test_an_attribute_that_leads_back_is_a_circle():
    """It is not left out, for it can travel in another form."""
    marked = Marked("x")
    marked.mark = [marked]
    with pytest.raises(UnencodableError, match=r"at .mark\[0\], can't travel: it refers to itself there"):
        encode(marked, WHAT)


def test_a_named_tuple_is_not_validated_again():
    """Wherever it is declared."""
    assert same(trip(Doubled(1), Doubled), Doubled(1))
    assert same(trip([Doubled(1)], list[Doubled]), [Doubled(1)])
    assert same(read(Encoded([[1]]), list[Doubled]), [Doubled(2)])


def test_natural_json_is_read_into_what_derives_from_a_builtin_type():
    """It is made of the builtin value."""
    for annotation, text in ((Name, '"x"'), (Count, "1"), (Stack, "[1]"), (Bag, '{"a": 1}')):
        assert type(read(Encoded.parse(text), annotation)) is annotation
