"""The classes that the annotations of a graph's state lead to: no others are made anew out of a record."""

from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel


def classes_of(annotations: Iterable[Any]) -> frozenset[type]:
    """Models, dataclasses and enumerations, and those in their fields."""
    found: set[type] = set()
    for annotation in annotations:
        _collect(annotation, found)
    return frozenset(found)


def _collect(annotation: Any, found: set[type]) -> None:
    for part in _pieces(annotation):
        if part in found or not _is_made_anew(part):
            continue
        found.add(part)
        for hint in _hints(part):
            _collect(hint, found)


def _pieces(annotation: Any) -> Iterator[Any]:
    """An annotation, and all that it is made of, such as `X` and `None` of `list[X | None]`."""
    yield annotation
    for part in get_args(annotation):
        yield from _pieces(part)


def _is_made_anew(part: Any) -> bool:
    return isinstance(part, type) and (is_dataclass(part) or issubclass(part, BaseModel | Enum))


def _hints(kind: type) -> list[Any]:
    try:
        return list(get_type_hints(kind).values())
    except Exception:  # noqa: BLE001 - an annotation that is text is code
        return []
