"""Lazy values are read into lists, up to a bound; what can't be read is said to be so."""

from collections.abc import Iterator
from inspect import CO_ITERABLE_COROUTINE
from types import GeneratorType
from typing import Any, Final

from runtime.codec.note import Node, build_note
from runtime.codec.refusal import RefusedError
from runtime.codec.writer import Writer

#: Elements that a lazy value may give; an endless one has to end somewhere.
LAZY_LIMIT: Final = 1_000_000


def write_lazy(value: Iterator[Any], writer: Writer, depth: int) -> Node:
    """A list of what is left in an iterator. What the iterator raises goes through unchanged.

    Raises:
        RefusedError: it gives more than `LAZY_LIMIT` elements, or may not be read.
    """
    if isinstance(value, GeneratorType) and value.gi_code.co_flags & CO_ITERABLE_COROUTINE:
        raise RefusedError(value, "await it")
    if not writer.lazy:
        raise RefusedError(value, "read it into a list")
    data, children = writer.write_elements(value, _bounded(value), depth)
    return data, build_note(None, children)


def write_view(value: Any, writer: Writer, depth: int) -> Node:
    """A list of what a dict's view shows."""
    data, children = writer.write_elements(value, value, depth)
    return data, build_note(None, children)


def _bounded(value: Iterator[Any]) -> Iterator[Any]:
    for count, item in enumerate(value):
        if count >= LAZY_LIMIT:
            raise RefusedError(value, f"read at most {LAZY_LIMIT:,} elements of it into a list")
        yield item
