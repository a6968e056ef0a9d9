"""The time range of an answer: what was asked for, or the latest range that holds data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from collector.errors import BadQueryError
from collector.models import Window
from collector.store.database import Session
from collector.store.queries import Query
from collector.times import EPOCH, moment, nanoseconds
from runtime.semconv import NodeKind

#: The range where nobody says one.
DEFAULT_LENGTH: Final = timedelta(hours=1)

#: How far a process's clock may be ahead of ours for its records to count as the latest data. A span dated further in
#: the future must not become the fallback of every quiet hour; it is still found by id, by a search, or by its window.
AHEAD: Final = timedelta(minutes=1)

#: A little more than the last record's start, so that the range, which excludes its end, holds it.
_BEYOND: Final = timedelta(milliseconds=1)

#: The end of all times that the store can hold.
END_OF_TIME_NS: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Range:
    """Nanoseconds from `first_ns` up to, not including, `end_ns`; `window` says it to people, None for all time."""

    first_ns: int
    end_ns: int
    window: Window | None

    @classmethod
    def everything(cls) -> Self:
        """Returns all time."""
        return cls(0, END_OF_TIME_NS, None)

    @classmethod
    def of(cls, window: Window) -> Self:
        """Returns the range of a window."""
        return cls(nanoseconds(window.start), nanoseconds(window.end), window)

    def buckets(self, most: int) -> int:
        """Returns the nanoseconds of one bucket when the range is cut into `most`."""
        return max(1, -((self.first_ns - self.end_ns) // most))


def choose(
    session: Session, start: datetime | None, end: datetime | None, now: datetime, kinds: Sequence[NodeKind]
) -> Window:
    """Returns the window of an answer.

    Args:
        session: the snapshot to look for data in.
        start: asked begin; None for an hour before the end.
        end: asked end; None for now.
        now: the time.
        kinds: kinds of records that the answer is about.

    Returns:
        The window asked for, or where that holds nothing the latest one before its end, of the same length, that does.

    Raises:
        BadQueryError: when it ends before it begins.
    """
    until = _aware(end) or now
    since = _aware(start) or _before(until, DEFAULT_LENGTH)
    if since >= until:
        raise BadQueryError(f"the window ends ({until.isoformat()}) before it begins ({since.isoformat()})")
    found = session.one(
        Query.LATEST_RECORD,
        first_ns=nanoseconds(since),
        end_ns=nanoseconds(until),
        horizon_ns=nanoseconds(now + AHEAD if end is None else until),
        kinds=[kind.value for kind in kinds],
    )
    if found["inside"] or found["latest_ns"] is None:
        return Window(start=since, end=until)
    latest = moment(found["latest_ns"]) + _BEYOND
    return Window(start=_before(latest, until - since), end=latest, fallback=True)


def listed(
    session: Session, start: datetime | None, end: datetime | None, q: str | None, now: datetime, kind: NodeKind
) -> Range:
    """Returns the range of a list: as `choose` has it, but all time for a search that names no window."""
    if q and start is None and end is None:
        return Range.everything()
    return Range.of(choose(session, start, end, now, [kind]))


def _before(at: datetime, length: timedelta) -> datetime:
    """Returns the time so much earlier, but not before 1970, where the store's times begin."""
    return max(EPOCH, at - min(length, max(timedelta(0), at - EPOCH)))


def _aware(at: datetime | None) -> datetime | None:
    return None if at is None else at if at.tzinfo else at.replace(tzinfo=EPOCH.tzinfo)
