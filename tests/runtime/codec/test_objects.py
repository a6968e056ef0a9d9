"""Dataclasses, NamedTuples, members of enumerations, and instances of what derives from a builtin type."""

import functools
import threading
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import InitVar, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from fractions import Fraction
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Secret, SecretStr, computed_field
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import core_schema
from typing_extensions import TypedDict

from runtime.codec.draft import REMADE
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.note import opened
from runtime.codec.shapes import class_name
from runtime.errors import UnencodableError
from tests.runtime.codec.trips import WHAT, read, same, trip

Item = TypeVar("Item")


@dataclass
class Simple:
    a: int
    b: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    a: int
    at: date | None = None


@dataclass
class Made:
    a: int
    doubled: int = field(init=False)
    fixed: int = field(init=False, default=7)
    factor: InitVar[int] = 2

    def __post_init__(self, factor: int) -> None:
        self.doubled = self.a * factor
        self.a += 1
        self.log = [("made", self.a)]


@dataclass
class Derived(Made):
    secret: SecretStr = field(default_factory=lambda: SecretStr("hunter2"))


@dataclass
class Pair(Generic[Item]):
    one: Item
    other: Item


@dataclass
class Cached:
    a: int

    @functools.cached_property
    def lock(self) -> Any:
        return threading.Lock()


@pydantic_dataclass
class Aliased:
    order_id: int = Field(alias="orderId")
    note: str = Field(default="", exclude=True)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def next_id(self) -> int:
        return self.order_id + 1


@pydantic_dataclass(config=ConfigDict(extra="allow", revalidate_instances="always"))
class Open:
    a: int


class Holder(BaseModel):
    pair: Pair[Slotted]
    simple: Simple | None = None


class Point(NamedTuple):
    x: int
    y: Slotted | None = None


Old = namedtuple("Old", "a b")  # noqa: PYI024 - there are some


class Color(Enum):
    RED = 1
    PAIR = (1, b"x")
    NOTHING = None
    THING = object()
    LAZY = iter([1])


class Size(StrEnum):
    SMALL = "s"


class Level(IntEnum):
    LOW = 1


class Rights(Flag):
    READ = 1
    WRITE = 2


class Mixed(str, Enum):  # noqa: UP042 - as they were before
    X = "x"


class Name(str):
    __slots__ = ("lang",)


class Marked(str):
    mark: Any


class Count(int): ...


class Ratio(float): ...


class Blob(bytes): ...


class Row(tuple[Any, ...]): ...


class Bag(dict[str, Any]):
    def items(self) -> Any:
        raise AssertionError


class Stack(list[Any]):
    def __init__(self, *, size: int) -> None:
        self.size = size


class Group(set[Any]): ...


class Fixed(frozenset[Any]): ...


class Ring(deque[Any]): ...


class Sorted(OrderedDict[str, Any]): ...


class Lists(defaultdict[str, Any]): ...


class Votes(Counter[str]): ...


class Moment(datetime):
    note: str


class Day(date): ...


class Clock(time): ...


class Span(timedelta): ...


class Money(Decimal): ...


class Part(Fraction): ...


class Wave(complex): ...


class Key(UUID): ...


class Token(SecretStr): ...


class Salary(Secret[float]): ...


class Amounts(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    price: Money
    token: Token
    at: Moment


def moment() -> Moment:
    made = Moment(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    made.note = "late"
    return made


def name() -> Name:
    made = Name("ä")
    made.lang = "de"
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


class Doubled(NamedTuple):
    n: Annotated[int, AfterValidator(lambda n: 2 * n)]


def test_a_named_tuple_is_not_validated_again():
    """Wherever it is declared."""
    assert same(trip(Doubled(1), Doubled), Doubled(1))
    assert same(trip([Doubled(1)], list[Doubled]), [Doubled(1)])
    assert same(read(Encoded([[1]]), list[Doubled]), [Doubled(2)])


def test_natural_json_is_read_into_what_derives_from_a_builtin_type():
    """It is made of the builtin value."""
    for annotation, text in ((Name, '"x"'), (Count, "1"), (Stack, "[1]"), (Bag, '{"a": 1}')):
        assert type(read(Encoded.parse(text), annotation)) is annotation


def test_what_is_no_more_than_its_standard_base_arrives_as_that():
    """An instance of a subclass that says more does not travel."""

    class Stamp(datetime):
        def __eq__(self, other: object) -> bool:
            return False

        __hash__ = datetime.__hash__

    class Folder(type(Path())):  # type: ignore[misc]
        ...

    assert same(trip(Moment(2024, 1, 1)), datetime(2024, 1, 1))
    assert same(trip([Day(2024, 1, 1), Money(1)]), [date(2024, 1, 1), Decimal(1)])

    class Nowhere(type(Path())):  # type: ignore[misc]
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
    assert REMADE not in opened(encode(value, WHAT).types)


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


class Temperature:
    """A class that says by way of pydantic how it is written and read."""

    def __init__(self, degrees: float) -> None:
        self.degrees = degrees

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Temperature) and self.degrees == other.degrees

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema.no_info_plain_validator_function(
            lambda given: given if isinstance(given, cls) else cls(given["degrees"]),
            serialization=core_schema.plain_serializer_function_ser_schema(cls.shown),
        )

    def shown(self) -> Any:
        return {"degrees": self.degrees}


class Rounded(Temperature):
    def shown(self) -> Any:
        return {"degrees": round(self.degrees)}


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


class Form(TypedDict, total=False):
    point: Point
    color: Color


def test_typed_dicts_lead_to_the_classes_of_their_members():
    """A TypedDict is a dict, and has no note of its own."""
    value: Form = {"point": Point(1), "color": Color.PAIR}
    assert same(trip(value, Form), value)
    assert same(trip([value], list[Form]), [value])
