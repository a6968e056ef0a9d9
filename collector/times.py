"""Times: nanoseconds since 1970 (UTC) in the store, `datetime` in answers, RFC 3339 in text."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_NS: Final = 1_000_000_000
MILLISECOND_NS: Final = 1_000_000


def moment(ns: int) -> datetime:
    """Returns the time, to the microsecond below; the first or the last that there is, of what lies beyond."""
    try:
        return EPOCH + timedelta(microseconds=ns // 1_000)
    except OverflowError:
        return (datetime.min if ns < 0 else datetime.max).replace(tzinfo=UTC)


def moment_or_none(ns: int | None) -> datetime | None:
    """Returns the time, or None where there is none."""
    return None if ns is None else moment(ns)


def clamp_end(start_ns: int, end_ns: int | None) -> int | None:
    """Returns an end that is not before its begin, which a clock that was set back would make it."""
    return None if end_ns is None else max(start_ns, end_ns)


def duration_ms(start_ns: int, end_ns: int | None) -> float | None:
    """Returns how long something took, in milliseconds; None where its end, or the clock of either, is not known."""
    return None if end_ns is None or end_ns < start_ns else (end_ns - start_ns) / MILLISECOND_NS


def nanoseconds(at: datetime) -> int:
    """Returns nanoseconds since 1970; a time without a zone is taken as UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1) * 1_000


def rfc3339(ns: int) -> str:
    """Returns the time as text, to the nanosecond."""
    seconds, rest = divmod(ns, SECOND_NS)
    return f"{moment(seconds * SECOND_NS):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
