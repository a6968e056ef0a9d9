"""Dataclasses, NamedTuples, enumerations, and classes that derive from a builtin type."""

import functools
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from fractions import Fraction
from typing import Annotated, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Secret, SecretStr, computed_field
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic_core import core_schema
from typing_extensions import TypedDict

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

    @computed_field
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


def name() -> Name:
    made = Name("ä")
    made.lang = "de"
    return made


class Doubled(NamedTuple):
    n: Annotated[int, AfterValidator(lambda n: 2 * n)]


class Temperature:
    """A class that says by way of pydantic how it is written and read."""

    def __init__(self, degrees: float) -> None:
        self.degrees = degrees

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Temperature) and self.degrees == other.degrees

    __hash__ = None

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


class Form(TypedDict, total=False):
    point: Point
    color: Color
