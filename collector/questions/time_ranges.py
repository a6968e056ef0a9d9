"""Times in which a list looks for its newest rows: a short one first, then longer ones.

Rows of the store lie by time, so a short time costs what lies in it, and not what is stored in all.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

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
    """Yields time ranges that end where the page begins, each longer than the one before; the last is all there is.

    Each holds about so many times as many spans as the one before, or fewer, whatever clocks say: as many as take long
    to read may have come within the last minute, and one span may be years older than all others.
    """
    first_ns, end_ns = place.within.first_ns, place.within.end_ns
    extent = session.one_cached(Query.LISTS_EXTENT)
    if extent["spans"] > _FEW * _SPANS:
        oldest_ns, newest_ns = extent["oldest_ns"], extent["newest_ns"]
        end_ns = min(end_ns, place.before_ns + 1)
        until_ns = min(end_ns, newest_ns + 1)
        earliest_ns = max(first_ns, oldest_ns)
        meant, length = _SPANS, max(1, (newest_ns - oldest_ns) * _SPANS // extent["spans"])
        known = _Length(0, 0)
        while until_ns - length > earliest_ns:
            found = _shorten(session, until_ns, known, length, meant)
            if found.spans > known.spans:  # else it holds no more than the one before
                yield bind_place(place, until_ns - found.ns, end_ns)
                meant *= _GROWTH
            known, length = found, found.ns * _GROWTH
    yield bind_place(place, first_ns, end_ns)


class _Length(NamedTuple):
    """How long a time is, in nanoseconds, and how many spans began in it."""

    ns: int
    spans: int


def _shorten(session: Session, until_ns: int, known: _Length, longest: int, meant: int) -> _Length:
    """Returns a time before another one that holds more spans than one that is known, but not many more than are meant:
    the longest such that is soon found; the longest of all, where that holds no more.

    Args:
        session: the snapshot to read.
        until_ns: where it ends.
        known: which is shorter.
        longest: nanoseconds that it lasts at most.
        meant: spans.
    """
    most = known.spans + _DENSE * meant
    shorter, longer = known.ns, _Length(longest, _count(session, until_ns - longest, until_ns))
    share = meant / max(longer.spans, 1)  # as if they came evenly
    while longer.spans > most and longer.ns - shorter > 1:
        ns = shorter + min(max(1, int((longer.ns - shorter) * share)), longer.ns - shorter - 1)
        tried = _Length(ns, _count(session, until_ns - ns, until_ns))
        if tried.spans > most:
            longer, share = tried, meant / tried.spans
        elif tried.spans > known.spans:
            return tried
        else:
            shorter, share = ns, 0.5
    return longer


def _count(session: Session, first_ns: int, end_ns: int) -> int:
    """Returns how many spans began in a range of time."""
    spans: int = session.one(Query.LISTS_WITHIN, first_ns=first_ns, end_ns=end_ns)["spans"]
    return spans
