"""Pages of lists in the order of names: a cursor holds the last name of a page, and the time range of its list where it
has one, as text that only this file understands. What is named stays where it is, whatever joins or leaves."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from collector.models import Window
from collector.questions.paging import make_cursor_error
from collector.questions.windows import END_OF_TIME_NS, Range
from collector.times import moment

Named = TypeVar("Named")

#: The name of a thing, the most telling part first.
Name = tuple[str, ...]

_PARTS: Final = 2


@dataclass(frozen=True, slots=True)
class NamePosition:
    """Where a page of a list begins: behind a name, in a time range where the list has one. By default before all."""

    name: Name = ()
    within: Range | None = None

    @classmethod
    def read(cls, cursor: str | None) -> Self | None:
        """Returns the place that a cursor names; None without one.

        Raises:
            BadQueryError: when it is no cursor of ours.
        """
        if not cursor:
            return None
        try:
            parts = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            if not isinstance(parts, list) or len(parts) != _PARTS:
                raise ValueError(cursor)
            name, within = parts
            if not isinstance(name, list) or not all(isinstance(part, str) for part in name):
                raise ValueError(cursor)
            return cls(tuple(name), None if within is None else _parse_range(*within))
        except (ValueError, TypeError, RecursionError):
            raise make_cursor_error(cursor) from None

    def page(
        self, things: Sequence[Named], name_of: Callable[[Named], Name], limit: int
    ) -> tuple[list[Named], str | None]:
        """Returns the things of a page, and the cursor of the next one. Pages follow the order of names; on a page
        things stay in the order in which they come.

        Args:
            things: all there are.
            name_of: what tells them apart.
            limit: entries of a page.
        """
        ordered = sorted((name_of(thing), place) for place, thing in enumerate(things))
        following = [(name, place) for name, place in ordered if name > self.name]
        page = following[:limit]
        found = [things[place] for place in sorted(place for _, place in page)]
        return found, self._build_cursor(page[-1][0]) if len(following) > limit else None

    def _build_cursor(self, name: Name) -> str:
        within = self.within and (
            self.within.first_ns,
            self.within.end_ns,
            bool(self.within.window and self.within.window.fallback),
        )
        return base64.urlsafe_b64encode(json.dumps([name, within]).encode()).decode()


def _parse_range(first_ns: int, end_ns: int, fallback: bool) -> Range:  # noqa: FBT001 the parts of a cursor, by their place
    if not -END_OF_TIME_NS <= first_ns < end_ns <= END_OF_TIME_NS:
        raise ValueError(first_ns)
    window = Window(start=moment(first_ns), end=moment(end_ns), fallback=fallback is True)
    return Range(first_ns, end_ns, window)
