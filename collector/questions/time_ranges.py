"""Times in which a list looks for its newest rows: a short one first, then longer ones.

Rows of the store lie by time, so a short time costs what lies in it, and not what is stored in all.
"""

from collections.abc import Iterator
from typing import Any, Final

from collector.questions.paging import PagePosition
from collector.store.database import Session
from collector.store.queries import Query

#: Spans within the first time, about; each further time is so many times as long.
_SPANS: Final = 20_000
_GROWTH: Final = 8

#: Times as many spans as that are read at once, of all that is stored: to ask twice would take longer.
_FEW: Final = 3

#: Times as many spans as that may lie in the first time.
_DENSE: Final = 3


def bind_place(place: PagePosition, first_ns: int, end_ns: int) -> dict[str, Any]:
    """Returns what queries of lists bind: where a page begins, and a time range."""
    return {
        "first_ns": first_ns,
        "end_ns": end_ns,
        "as_of": place.as_of,
        "before_ns": place.before_ns,
        "before_id": place.before_id,
    }


def list_time_ranges(session: Session, place: PagePosition) -> Iterator[dict[str, Any]]:
    """Yields time ranges that end where the page begins, each longer than the one before; the last is all there is."""
    first_ns, end_ns = place.within.first_ns, place.within.end_ns
    extent = session.one_cached(Query.LISTS_EXTENT)
    if extent["spans"] > _FEW * _SPANS:
        oldest_ns, newest_ns = extent["oldest_ns"], extent["newest_ns"]
        end_ns = min(end_ns, place.before_ns + 1)
        average = max(1, (newest_ns - oldest_ns) * _SPANS // extent["spans"])
        until_ns = min(end_ns, newest_ns + 1)
        length = _shorten(session, until_ns, average)
        start_ns = until_ns - length
        while start_ns > max(first_ns, oldest_ns):
            yield bind_place(place, start_ns, end_ns)
            length *= _GROWTH
            start_ns -= length
    yield bind_place(place, first_ns, end_ns)


def _shorten(session: Session, until_ns: int, length: int) -> int:
    """Returns a length of time, so long or less, before another time, in which not many more spans began than are meant
    to lie in the first one: where all of a sudden more come in, as many as take long to read may be of the last minute.

    Args:
        session: the snapshot to read.
        until_ns: where it ends.
        length: in which there would be as many as are meant if they came evenly, in nanoseconds.
    """
    while length > 1:
        spans = session.one(Query.LISTS_WITHIN, first_ns=until_ns - length, end_ns=until_ns)["spans"]
        if spans <= _DENSE * _SPANS:
            break
        length = max(1, length * _SPANS // spans)
    return length
