"""Data classes that type checkers keep from being changed, made at the cost of plain ones.

The standard library's frozen ones guard each assignment at run time too, also those of `__init__`: 75 ns a field of
each object, instead of 10. A delivery or a step makes some twenty-five of them, which was a seventh of what it took.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound=type[Any])


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(*, kw_only: bool = False) -> Callable[[_Class], _Class]:
    """Makes a class as `dataclass(frozen=True, slots=True)` does, without its guard; for what each event, step or span
    makes anew. What users hold keeps the guard.

    Args:
        kw_only: whether its fields are given by name alone.
    """

    def decorate(of: _Class) -> _Class:
        return dataclass(slots=True, unsafe_hash=True, kw_only=kw_only)(of)  # type: ignore[return-value]  # a class of the same name

    return decorate
