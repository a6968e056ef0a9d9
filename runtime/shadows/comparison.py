"""Where a step's result and its successor's differ. Pure.

What can't be the same twice is left out by a list that the step states: nothing is left out in silence.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from runtime.codec.encoded import Encoded
from runtime.codec.json_text import dump
from runtime.codec.masking import mask_secrets

#: The place of a result that is no object.
WHOLE: Final = "(result)"
#: What is told of a field that one of the two does not have, and of values that nobody is to see.
ABSENT: Final = "(absent)"
HIDDEN: Final = "(not recorded)"
#: Differences that are told of one comparison, and letters of each value.
MOST: Final = 20
LETTERS: Final = 200

_PLACES: Final = re.compile(r"\[\d+\]")
_LAST: Final = re.compile(r"[^.\[]*(?=(?:\[\d+\])*$)")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two results differ, such as `fee.cents` or `items[2]`, and what each has there, as JSON whose
    secrets are replaced."""

    field: str
    step: str
    successor: str


class _Absent:
    """Stands for what is not there."""


_GONE: Final = _Absent()

#: A value, and what may be shown of it.
_Side = tuple[Any, Any]


def find_differences(
    step: Encoded,
    successor: Encoded,
    ignore: Collection[str] = (),
    unordered: Collection[str] = (),
    clean: Callable[[str, Any], Any] | None = None,
) -> tuple[Difference, ...]:
    """Where two results differ, `MOST` places at most.

    Args:
        step: what the step returned.
        successor: what its successor returned for the same.
        ignore: fields that are not compared, without places in lists.
        unordered: fields that are lists whose order does not matter.
        clean: makes of a field's name and value what may be told; None where nobody is to see values.
    """
    ours, theirs = (step.data, mask_secrets(step)), (successor.data, mask_secrets(successor))
    found = _walk_differences(ours, theirs, "", frozenset(ignore), frozenset(unordered))
    return tuple(
        Difference(place or WHOLE, _display_value(one, place, clean), _display_value(other, place, clean))
        for place, one, other in islice(found, MOST)
    )


def _walk_differences(
    ours: _Side, theirs: _Side, place: str, ignore: Collection[str], unordered: Collection[str]
) -> Iterator[tuple[str, Any, Any]]:
    field = _PLACES.sub("", place)
    if field in ignore:
        return
    one, other = ours[0], theirs[0]
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _walk_differences(
                _part_at(ours, key), _part_at(theirs, key), f"{place}.{key}" if place else key, ignore, unordered
            )
    elif isinstance(one, list) and isinstance(other, list):
        if field in unordered:
            ours, theirs = _sort_side(ours), _sort_side(theirs)
        for at in range(max(len(one), len(other))):
            yield from _walk_differences(_part_at(ours, at), _part_at(theirs, at), f"{place}[{at}]", ignore, unordered)
    elif one is not other and (one != other or isinstance(one, bool) != isinstance(other, bool)):
        yield place, ours[1], theirs[1]


def _part_at(side: _Side, key: Any) -> _Side:
    """A part of a value, and what may be shown of it: where all of the value is masked, that mask."""
    value, shown = side
    is_there = key in value if isinstance(value, dict) else key < len(value)
    if not is_there:
        return _GONE, _GONE
    return value[key], shown[key] if type(shown) is type(value) else shown


def _sort_side(side: _Side) -> _Side:
    value, shown = side
    order = sorted(range(len(value)), key=lambda at: dump(value[at]))
    return [value[at] for at in order], [shown[at] for at in order] if isinstance(shown, list) else shown


def _display_value(value: Any, place: str, clean: Callable[[str, Any], Any] | None) -> str:
    if value is _GONE:
        return ABSENT
    if clean is None:
        return HIDDEN
    name = _LAST.search(place)
    return dump(clean(name.group() if name else "", value))[:LETTERS]
