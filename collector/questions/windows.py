"""The time range of an answer: what was asked for, or the latest range that holds data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

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

#: How far ahead a list of what is new looks for what such clocks have dated.
FURTHEST: Final = timedelta(days=1)

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

    def get_bucket_ns(self, most: int) -> int:
        """Returns the nanoseconds of one bucket when the range is cut into `most`."""
        return max(1, -((self.first_ns - self.end_ns) // most))


@dataclass(frozen=True, slots=True)
class Period:
    """The time range that somebody asks for: from `start` to `end`, or a `length` before `end`, or all time.

    Attributes:
        start: its begin; None for `length` before its end.
        end: its end, not included; None for now.
        length: how long it is where `start` is not said; None for `DEFAULT_LENGTH`.
        everything: whether all time is meant; then nothing else is said.
    """

    start: datetime | None = None
    end: datetime | None = None
    length: timedelta | None = None
    everything: bool = False

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for."""
        return self != Period()


@dataclass(frozen=True, slots=True)
class RecordScope:
    """Which records an answer is about: those of some kinds (None for all), and of one workflow (or channel) and step
    (or group) where these are said. With `of_agents` those too that may be steps of agents of others."""

    kinds: Sequence[NodeKind] | None = None
    workflow: str | None = None
    step: str | None = None
    of_agents: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """What a question for them binds."""
        kinds = None if self.kinds is None else [kind.value for kind in self.kinds]
        return {"kinds": kinds, "workflow": self.workflow, "step": self.step, "of_agents": self.of_agents}


def choose_window(session: Session, period: Period, now: datetime, about: RecordScope) -> Window:
    """Returns the window of an answer.

    Args:
        session: the snapshot to look for data in.
        period: what was asked for.
        now: the time.
        about: the records that the answer is about.

    Returns:
        The window asked for, or where that holds nothing the latest one before its end, of the same length, that does.
        For all time, from the first record to the last, or to now.

    Raises:
        BadQueryError: when it ends before it begins.
    """
    until = _to_aware(period.end) or now
    since = _to_aware(period.start) or _subtract_length(until, period.length or DEFAULT_LENGTH)
    if since >= until:
        raise BadQueryError(f"the window ends ({until.isoformat()}) before it begins ({since.isoformat()})")
    if period.everything:
        first_ns, last_ns = (
            _find_first(session, about, 0, END_OF_TIME_NS),
            _find_last(session, about, 0, END_OF_TIME_NS),
        )
        return _whole_window(first_ns, last_ns, now)
    if _find_first(session, about, nanoseconds(since), nanoseconds(until)) is not None:
        return Window(start=since, end=until)
    horizon = nanoseconds(now + AHEAD if period.end is None else until)
    latest_ns = _find_latest(session, about, horizon, nanoseconds(until) - nanoseconds(since))
    if latest_ns is None:
        return Window(start=since, end=until)
    latest = moment(latest_ns) + _BEYOND
    return Window(start=_subtract_length(latest, until - since), end=latest, fallback=True)


def get_asked_range(period: Period, now: datetime) -> Range:
    """Returns the range that is asked for as it is, whatever it holds; all time where none is.

    Raises:
        BadQueryError: when it ends before it begins.
    """
    if period.everything or not period.is_set:
        return Range.everything()
    until = _to_aware(period.end)
    since = _to_aware(period.start) or (_subtract_length(until or now, period.length) if period.length else EPOCH)
    if since >= (until or now):
        raise BadQueryError(f"the window ends ({(until or now).isoformat()}) before it begins ({since.isoformat()})")
    window = Window(start=since, end=until or now)
    return Range(nanoseconds(since), END_OF_TIME_NS if until is None else nanoseconds(until), window)


def choose_list_range(session: Session, period: Period, now: datetime, about: RecordScope, *, narrowed: bool) -> Range:
    """Returns the range of a list.

    Args:
        session: the snapshot to look for data in.
        period: what was asked for.
        now: the time.
        about: the records that are listed.
        narrowed: whether something is looked for among them; without a period that is looked for in all time, because
            a run that has gone on for three hours is running too.
    """
    if period.everything or (narrowed and not period.is_set):
        return Range.everything()
    window = choose_window(session, period, now, about)
    if not period.end and not window.fallback:
        last_ns = _find_last(session, about, nanoseconds(window.end), END_OF_TIME_NS)
        if last_ns is not None:  # a clock that is ahead makes nothing invisible
            window = window.model_copy(update={"end": min(moment(last_ns) + _BEYOND, now + FURTHEST)})
    return Range.of(window)


def _find_first(session: Session, about: RecordScope, from_ns: int, until_ns: int) -> int | None:
    """Returns when the first record of a range began; None of none."""
    return _find_ends(session, about, from_ns, until_ns, wants_first=True, wants_last=False)["first_ns"]


def _find_last(session: Session, about: RecordScope, from_ns: int, until_ns: int) -> int | None:
    """Returns when the last record of a range began; None of none."""
    return _find_ends(session, about, from_ns, until_ns, wants_first=False, wants_last=True)["last_ns"]


def _find_ends(
    session: Session, about: RecordScope, from_ns: int, until_ns: int, **wanted: bool
) -> dict[str, int | None]:
    return session.one(Query.EXTENT, from_ns=from_ns, until_ns=until_ns, **about.values, **wanted)


def _find_latest(session: Session, about: RecordScope, until_ns: int, near_ns: int) -> int | None:
    """Returns when the last record before a time began. It is mostly one of those of the last nanoseconds of which
    anything is stored: all others are read only where it is not."""
    newest_ns = session.one_cached(Query.LISTS_EXTENT)["newest_ns"]
    if newest_ns is None:
        return None
    latest_ns = _find_last(session, about, max(0, min(newest_ns, until_ns) - near_ns), until_ns)
    return latest_ns if latest_ns is not None else _find_last(session, about, 0, until_ns)


def _whole_window(first_ns: int | None, last_ns: int | None, now: datetime) -> Window:
    """Returns the window of all records there are; of the default length where there are none."""
    if first_ns is None or last_ns is None:
        return Window(start=_subtract_length(now, DEFAULT_LENGTH), end=now)
    first, last = moment(first_ns), moment(last_ns) + _BEYOND
    return Window(start=first, end=max(last, now))


def _subtract_length(at: datetime, length: timedelta) -> datetime:
    """Returns the time so much earlier, but not before 1970, where the store's times begin."""
    return max(EPOCH, at - min(length, max(timedelta(0), at - EPOCH)))


def _to_aware(at: datetime | None) -> datetime | None:
    return None if at is None else at if at.tzinfo else at.replace(tzinfo=EPOCH.tzinfo)
