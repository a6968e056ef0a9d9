"""Keyset pagination: a cursor holds the last row of a page, the time range of its list, and what had been stored when
its first page was asked for, as text that only this file understands.

Pages by them neither repeat nor skip, whatever is stored meanwhile: later pages keep to what the first one chose.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from collector.errors import BadQueryError
from collector.models import Window
from collector.questions.windows import END_OF_TIME_NS, Range
from collector.store.database import Row
from collector.times import moment, nanoseconds

#: Rows to fetch beyond a page, to know whether there is another.
EXTRA: Final = 1

_LAST_ID: Final = UUID(int=2**128 - 1)

#: The first and the last time that a window can have.
_FIRST_NS: Final = nanoseconds(datetime.min)
_LAST_NS: Final = nanoseconds(datetime.max)

_EVERYTHING, _ASKED, _FALLBACK = "all", "asked", "fallback"


def make_cursor_error(cursor: str) -> BadQueryError:
    """Returns what is raised for a cursor that no list has given."""
    return BadQueryError(f"{cursor!r} is not a cursor of this API; take it from `next` of the page before")


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Where a page of a list begins: behind this row, by time and id, from newest to oldest, in a time range. By
    default before the first row. `as_of` is `Session.as_of` of the first page."""

    within: Range
    as_of: int = END_OF_TIME_NS
    before_ns: int = END_OF_TIME_NS
    before_id: UUID = _LAST_ID

    @classmethod
    def read(cls, cursor: str | None) -> Self | None:
        """Returns the place that a cursor names; None without one.

        Raises:
            BadQueryError: when it is no cursor of ours.
        """
        if not cursor:
            return None
        try:
            at, id_, first, end, chosen, as_of = base64.urlsafe_b64decode(cursor.encode()).decode().split(".")
            return cls(
                _parse_range(int(first), int(end), chosen), _validate_ns(int(as_of)), _validate_ns(int(at)), UUID(id_)
            )
        except (ValueError, OverflowError, binascii.Error):
            raise make_cursor_error(cursor) from None

    @property
    def cursor(self) -> str:
        """The place as text."""
        window = self.within.window
        chosen = _EVERYTHING if window is None else _FALLBACK if window.fallback else _ASKED
        parts = (self.before_ns, self.before_id.hex, self.within.first_ns, self.within.end_ns, chosen, self.as_of)
        return base64.urlsafe_b64encode(".".join(str(part) for part in parts).encode()).decode()


def split_page(
    rows: Sequence[Row], place: PagePosition, limit: int, id_column: str
) -> tuple[Sequence[Row], str | None]:
    """Returns the rows of a page, and the cursor of the next one.

    Args:
        rows: up to `limit + EXTRA`, in the list's order, which is that of `listed_ns`.
        place: where the page began.
        limit: entries of a page.
        id_column: the column that tells rows of one time apart.
    """
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], PagePosition(place.within, place.as_of, last["listed_ns"], last[id_column]).cursor


def _parse_range(first_ns: int, end_ns: int, chosen: str) -> Range:
    if chosen not in (_EVERYTHING, _ASKED, _FALLBACK) or not _FIRST_NS <= first_ns < end_ns <= _LAST_NS:
        raise ValueError(chosen)
    window = Window(start=moment(first_ns), end=moment(end_ns), fallback=chosen == _FALLBACK)
    return Range(first_ns, end_ns, None if chosen == _EVERYTHING else window)


def _validate_ns(ns: int) -> int:
    if not -END_OF_TIME_NS <= ns <= END_OF_TIME_NS:
        raise ValueError(ns)
    return ns


def merge_pages(
    lists: Sequence[tuple[Sequence[Row], str]], place: PagePosition, limit: int
) -> tuple[list[Row], str | None]:
    """Returns the rows of a page that is put together of several lists, and the cursor of the next one.

    A list that was cut tells nothing of what lies behind its last row, so no page goes beyond the first such row. Rows
    that are marked as `dropped` are counted, and left out.

    Args:
        lists: each with up to `limit + EXTRA` rows in the list's order, and the column that tells those of one time
            apart.
        place: where the page began.
        limit: entries of a page.
    """
    keyed = [((row["listed_ns"], row[column]), row) for rows, column in lists for row in rows]
    ends = [(rows[-1]["listed_ns"], rows[-1][column]) for rows, column in lists if len(rows) >= limit + EXTRA]
    keyed.sort(key=lambda each: each[0], reverse=True)
    within = [each for each in keyed if not ends or each[0] >= max(ends)]
    page: list[Row] = []
    for at, (key, row) in enumerate(within):
        if not row.get("dropped"):
            page.append(row)
        if len(page) == limit or at == len(within) - 1:
            is_last = at == len(keyed) - 1 and not ends
            return page, None if is_last else PagePosition(place.within, place.as_of, *key).cursor
    return page, None
