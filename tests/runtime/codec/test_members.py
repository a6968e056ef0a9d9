"""Objects made anew, and members of enumerations."""

import threading
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic_core import core_schema

from runtime.codec.draft import REMADE
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.note import note_as_object
from runtime.errors import UnencodableError
from tests.runtime.codec.objects import (
    Cached,
    Color,
    Day,
    Form,
    Level,
    Moment,
    Money,
    Point,
    Rights,
    Rounded,
    Simple,
    Size,
    Temperature,
)
from tests.runtime.codec.trips import WHAT, read, same, trip


def test_what_is_no_more_than_its_standard_base_arrives_as_that():
    """An instance of a subclass that says more does not travel."""

    class Stamp(datetime):
        def __eq__(self, other: object) -> bool:
            return False

        __hash__ = datetime.__hash__

    class Folder(type(Path())): ...

    assert same(trip(Moment(2024, 1, 1)), datetime(2024, 1, 1))
    assert same(trip([Day(2024, 1, 1), Money(1)]), [date(2024, 1, 1), Decimal(1)])

    class Nowhere(type(Path())):
        def __eq__(self, other: object) -> bool:
            return False

        __hash__ = Path.__hash__

    assert same(trip(Folder("a")), Path("a"))
    with pytest.raises(UnencodableError, match=r"Nowhere; take the PosixPath that is in it"):
        encode(Nowhere("a"), WHAT)
    with pytest.raises(UnencodableError, match=r"Stamp; take the datetime that is in it"):
        encode(Stamp(2024, 1, 1), WHAT)


def test_a_dataclass_that_holds_what_can_not_travel_is_made_anew():
    """A lock that it makes when it begins; not one that somebody put there."""

    @dataclass
    class Worker:
        a: int

        def __post_init__(self) -> None:
            self.a *= 2
            self.lock = threading.Lock()

    worker: Any = Worker(3)
    worker.tag = (1,)
    back = trip(worker, Worker)
    assert (back.a, back.tag, type(back.lock)) == (6, (1,), type(threading.Lock()))
    simple: Any = Simple(1)
    simple.lock = threading.Lock()
    with pytest.raises(UnencodableError, match=r"at .lock, can't travel"):
        encode(simple, WHAT)


def test_what_a_property_caches_is_no_state():
    """It is computed again by whoever asks."""
    value = Cached(1)
    assert value.lock
    assert vars(trip(value, Cached)) == {"a": 1}
    assert REMADE not in note_as_object(encode(value, WHAT).types)


def test_members_are_shown_by_their_value():
    """By their name where the value can't travel; readers without the class get the same."""
    members = [Color.RED, Size.SMALL, Level.LOW, Color.PAIR, Color.NOTHING, Color.THING, Rights.READ]
    encoded = encode(members, WHAT)
    assert encoded.data == [1, "s", 1, [1, "eA=="], None, "THING", 1]
    assert same(read(encoded), [1, "s", 1, (1, b"x"), None, "THING", 1])


def test_a_member_that_is_no_more_is_told():
    """By place; a deploy may have removed it."""
    encoded = encode([Size.SMALL], WHAT)
    encoded.data[0] = "gone"
    assert read(Encoded(encoded.data, encoded.types), list[str | Size]) == ["gone"]


def test_a_class_that_pydantic_is_told_how_to_read_travels_that_way():
    """Within others too; to a reader without it as plain JSON."""
    assert trip(Temperature(1.5), Temperature) == Temperature(1.5)
    assert trip([Temperature(1.5)], list[Temperature | None]) == [Temperature(1.5)]
    assert same(trip([Temperature(1.5)]), [{"degrees": 1.5}])


def test_what_a_class_has_made_is_not_read_by_it_once_more():
    """Wherever it is declared."""

    class Counting(Temperature):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            return core_schema.no_info_plain_validator_function(
                lambda given: cls(getattr(given, "degrees", given) + 1),
                serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.degrees - 1),
            )

    for annotation in (list[Counting], list[Counting | str], Annotated[list[Counting], "x"]):
        assert [one.degrees for one in trip([Counting(1.5)], annotation)] == [1.5]


def test_it_does_not_travel_where_that_loses_something():
    """It is seen when it is written."""
    assert encode(Rounded(2.0), WHAT).data == {"degrees": 2.0}
    with pytest.raises(UnencodableError, match=r"it is of type .*Rounded"):
        encode(Rounded(1.5), WHAT)


def test_typed_dicts_lead_to_the_classes_of_their_members():
    """A TypedDict is a dict, and has no note of its own."""
    value: Form = {"point": Point(1), "color": Color.PAIR}
    assert same(trip(value, Form), value)
    assert same(trip([value], list[Form]), [value])
