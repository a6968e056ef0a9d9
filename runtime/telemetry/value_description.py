"""Any Python value as plain JSON for people, however large, and whatever code it has. Pure.

Unlike the codec's, what this makes can't be read back: what JSON can't hold is told by its type and size.
"""

import dataclasses
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import islice
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from runtime.codec.masking import describe_bytes
from runtime.codec.secret import MASK
from runtime.telemetry.shortening import MARK, cut_text

#: Told by their text, which is of their own type's making.
_WRITTEN: Final = (date, time, timedelta, Decimal, Fraction, UUID, PurePath, complex)

#: Bits from which on a whole number is told by its size: Python refuses to write very long ones.
_LONG: Final = 1_024

#: Characters of a text that are looked at, at most.
_TEXT: Final = 12_288

_DEEPEST: Final = 16

#: Items of one list or object that are told.
_ITEMS: Final = 100


def describe_value(value: Any, nodes: int) -> Any:
    """Plain JSON that tells what a value is.

    Args:
        value: anything. What is no part of the standard library's, a model or a dataclass, runs no code of its own.
        nodes: values within it that are told, in all.

    Returns:
        Models and dataclasses as their fields, but for those that their authors keep out of sight.
    """
    return _Describer(nodes).describe(value, 0)


class _Describer:
    """Tells values one by one for as long as there is room."""

    def __init__(self, nodes: int) -> None:
        self._left = nodes

    def describe(self, value: Any, level: int) -> Any:
        self._left -= 1
        if value is None or isinstance(value, bool):
            return value
        for kinds, tell in _SCALARS:
            if isinstance(value, kinds):
                return tell(value)
        if level >= _DEEPEST:
            return _describe_type(value)
        if isinstance(value, dict):
            return self._describe_pairs(dict.items(value), len(value), level)
        if isinstance(value, BaseModel):
            return self._describe_fields(value, _shown_fields(value), level)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._describe_fields(value, [one.name for one in dataclasses.fields(value) if one.repr], level)
        if isinstance(value, list | tuple | set | frozenset | deque):
            return self._describe_items(value, level)
        return _describe_type(value)

    def _describe_fields(self, value: Any, names: list[str], level: int) -> Any:
        held = getattr(value, "__dict__", None)
        # Without one they lie in slots, which run no code of the class's own.
        pairs = [(name, held[name] if held else getattr(value, name)) for name in names if not held or name in held]
        return self._describe_pairs(pairs, len(pairs), level)

    def _describe_pairs(self, pairs: Iterable[tuple[Any, Any]], count: int, level: int) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for key, item in pairs:
            if self._left <= 0 or len(told) >= _ITEMS:
                told["…"] = f"{MARK}{len(told):,} of {count:,} items]"
                break
            told[key if isinstance(key, str) else str(self.describe(key, _DEEPEST))] = self.describe(item, level + 1)
        return told

    def _describe_items(self, value: Any, level: int) -> list[Any]:
        told = [self.describe(item, level + 1) for item in self._while_room(value)]
        return told if len(told) == len(value) else [*told, f"{MARK}{len(told):,} of {len(value):,} items]"]

    def _while_room(self, value: Iterable[Any]) -> Iterator[Any]:
        for item in islice(value, _ITEMS):
            if self._left <= 0:
                return
            yield item


def _shown_fields(value: BaseModel) -> list[str]:
    fields = type(value).model_fields
    hidden = {name for name, field in fields.items() if field.exclude or not field.repr}
    return [name for name in (*value.__dict__, *(value.__pydantic_extra__ or {})) if name not in hidden]


def _describe_int(value: int) -> Any:
    return int(value) if value.bit_length() <= _LONG else f"[int: {value.bit_length():,} bits]"


def _describe_float(value: float) -> Any:
    return float(value) if value == value and abs(value) != float("inf") else str(float(value))


def _describe_enum(value: Enum) -> Any:
    plain = value._value_  # `value` may be code of its own
    return plain if isinstance(plain, str | int | float) else value._name_


def _describe_type(value: Any) -> str:
    """What there is to say of any other value: its type, and how much memory it takes itself."""
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    try:
        size = memoryview(value).nbytes  # of arrays, what they hold
    except TypeError:
        size = sys.getsizeof(value, 0)
    return f"[{name}: {size:,} bytes]" if size else f"[{name}]"


_SCALARS: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (Enum, _describe_enum),
    (str, lambda value: cut_text(str.__str__(value), _TEXT)),
    (int, _describe_int),
    (float, _describe_float),
    ((SecretStr, SecretBytes, Secret), lambda _: MASK),
    ((bytes, bytearray), lambda value: describe_bytes(len(value))),
    (memoryview, lambda value: describe_bytes(value.nbytes)),
    (_WRITTEN, lambda value: cut_text(str(value), _TEXT)),
)
