"""Builtin and standard types that a class may derive from: how to take their value out of an instance of such a class,
and how to make an instance with that value, both without code of the class's own."""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from pydantic import Secret, SecretBytes, SecretStr


@dataclass(frozen=True, slots=True)
class Base:
    """A type to derive from.

    Attributes:
        type: the type.
        within: takes an instance of a subclass, and gives the value that it is.
        make: takes the subclass and such a value, and gives an instance; by default as the type itself makes one.
        exact: whether an instance that does not equal its value holds more than its attributes tell.
    """

    type: Any
    within: Callable[[Any], Any]
    make: Callable[[Any, Any], Any] | None = None
    exact: bool = False

    def make_instance(self, cls: Any, value: Any) -> Any:
        """An instance of a subclass."""
        return self.make(cls, value) if self.make else self.type.__new__(cls, value)


def _make_by_filling(kind: Any, fill: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Makes instances that are empty at first."""

    def make(cls: Any, value: Any) -> Any:
        made = kind.__new__(cls)
        fill(made, value)
        return made

    return make


def _plain_datetime(value: Any) -> datetime:
    fields = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
    return datetime(*fields, tzinfo=value.tzinfo, fold=value.fold)


def _make_uuid(cls: Any, value: UUID) -> Any:
    made: Any = object.__new__(cls)
    object.__setattr__(made, "int", value.int)
    object.__setattr__(made, "is_safe", value.is_safe)
    return made


def _secret_base(kind: Any) -> Base:
    """Pydantic keeps what a secret holds among its attributes."""

    def make(cls: Any, value: Any) -> Any:
        made: Any = object.__new__(cls)
        kind.__init__(made, value.get_secret_value())
        return made

    return Base(kind, lambda value: kind(kind.get_secret_value(value)), make)


#: A type before those that it derives from itself.
_BASES: Final = (
    Base(str, str.__str__),
    Base(int, int.__int__),
    Base(float, float.__float__),
    Base(complex, complex),
    Base(bytes, lambda value: bytes(memoryview(value))),
    Base(bytearray, lambda value: bytearray(memoryview(value)), _make_by_filling(bytearray, bytearray.extend)),
    Base(tuple, lambda value: tuple(tuple.__iter__(value))),
    Base(frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    Base(list, lambda value: list(list.__iter__(value)), _make_by_filling(list, list.extend)),
    Base(set, lambda value: set(set.__iter__(value)), _make_by_filling(set, set.update)),
    Base(
        deque,
        lambda value: deque(deque.__iter__(value), value.maxlen),
        _make_by_filling(deque, lambda made, value: deque.__init__(made, value, getattr(value, "maxlen", None))),
    ),
    Base(
        OrderedDict,
        lambda value: OrderedDict(OrderedDict.items(value)),
        _make_by_filling(OrderedDict, OrderedDict.__init__),
    ),
    Base(
        defaultdict,
        lambda value: defaultdict(value.default_factory, dict.items(value)),
        _make_by_filling(
            defaultdict, lambda made, value: defaultdict.__init__(made, getattr(value, "default_factory", None), value)
        ),
    ),
    Base(Counter, lambda value: Counter(dict(dict.items(value))), _make_by_filling(Counter, dict.update)),
    Base(dict, lambda value: dict(dict.items(value)), _make_by_filling(dict, dict.update)),
    Base(datetime, _plain_datetime, lambda cls, value: datetime.__new__(cls, *value.__reduce_ex__(4)[1]), exact=True),
    Base(
        date,
        lambda value: date(value.year, value.month, value.day),
        lambda cls, value: date.__new__(cls, value.year, value.month, value.day),
        exact=True,
    ),
    Base(
        time,
        lambda value: time(value.hour, value.minute, value.second, value.microsecond, value.tzinfo, fold=value.fold),
        lambda cls, value: time.__new__(cls, *value.__reduce_ex__(4)[1]),
        exact=True,
    ),
    Base(
        timedelta,
        lambda value: timedelta(value.days, value.seconds, value.microseconds),
        lambda cls, value: timedelta.__new__(cls, value.days, value.seconds, value.microseconds),
        exact=True,
    ),
    Base(Decimal, Decimal),
    Base(Fraction, lambda value: Fraction(value.numerator, value.denominator)),
    Base(UUID, lambda value: UUID(int=value.int, is_safe=value.is_safe), _make_uuid),
    _secret_base(SecretStr),
    _secret_base(SecretBytes),
    _secret_base(Secret),
)

_BY_TYPE: Final[dict[type, Base]] = {base.type: base for base in _BASES}


def base_of(cls: type) -> Base | None:
    """What a class derives from, if it is one of these types or derives from one."""
    return next((_BY_TYPE[kin] for kin in cls.__mro__ if kin in _BY_TYPE), None)


def is_base(cls: type) -> bool:
    """Whether a class is one of these types itself."""
    return cls in _BY_TYPE
