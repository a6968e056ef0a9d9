"""Reads a page of a list that is newest first: of a short time first, and of longer ones until the page is full.

Rows of the store lie by time, so a short time costs what lies in it, and not what is stored in all. A page that few
rows fill is looked for in all of it, which costs little more than to look there at once.
"""

from collections.abc import Iterator
from typing import Any, Final

from collector.questions.paging import Place
from collector.store.database import Row, Session
from collector.store.queries import Query

#: Spans within the first time, on average; each further time is so many times as long.
_SPANS: Final = 20_000
_GROWTH: Final = 8

#: Times as many spans as that are read at once: to ask twice would take longer.
_FEW: Final = 3


def rows(
    session: Session, query: Query, place: Place, most: int, /, *, at_once: bool = False, **values: Any
) -> list[Row]:
    """Returns the rows of a page.

    Args:
        session: the snapshot to read.
        query: of a list by `listed_ns`, newest first; it takes a place, and `most`. What it lists is told by a span
            which begins at that very time.
        place: where the page begins, and its time range.
        most: rows that fill the page.
        at_once: whether to read all in one go: what chooses the rows may have been told at any time.
        values: what else the query takes.
    """
    found: list[Row] = []
    whole = place.within.first_ns, place.within.end_ns
    for first_ns, end_ns in [whole] if at_once else _times(session, place):
        found = session.rows(
            query,
            first_ns=first_ns,
            end_ns=end_ns,
            as_of=place.as_of,
            before_ns=place.before_ns,
            before_id=place.before_id,
            most=most,
            **values,
        )
        if len(found) >= most:
            break
    return found


def _times(session: Session, place: Place) -> Iterator[tuple[int, int]]:
    """Yields time ranges that end where the page begins, each longer than the one before; the last is all there is."""
    first_ns, end_ns = place.within.first_ns, place.within.end_ns
    extent = session.one(Query.LISTS_EXTENT)
    if extent["spans"] > _FEW * _SPANS:
        oldest_ns, newest_ns = extent["oldest_ns"], extent["newest_ns"]
        end_ns = min(end_ns, place.before_ns + 1)
        length = max(1, (newest_ns - oldest_ns) * _SPANS // extent["spans"])
        start_ns = min(end_ns, newest_ns + 1) - length
        while start_ns > max(first_ns, oldest_ns):
            yield start_ns, end_ns
            length *= _GROWTH
            start_ns -= length
    yield first_ns, end_ns
