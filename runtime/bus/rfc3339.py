"""Times as CloudEvents writes them, to the nanosecond. Pure."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

#: Seconds whose text is remembered: events come many a second.
_SECONDS: Final = 64
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)?")


def format_rfc3339(time_ns: int) -> str:
    """A time in nanoseconds since 1970 (UTC) as text."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return f"{_format_second(seconds)}.{rest:09d}Z"


@lru_cache(_SECONDS)
def _format_second(seconds: int) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return moment.isoformat()  # unlike strftime, it writes four digits of every year


def parse_rfc3339(text: Any) -> int:
    """The time that a text says, in nanoseconds since 1970 (UTC); 0 where it says none."""
    match = _TIME.fullmatch(str(text))
    if match is None:
        return 0
    # A datetime holds microseconds: the fraction is read beside it.
    whole, fraction, zone = match.groups("")
    seconds = _parse_second(whole + (zone or "Z"))
    return 0 if seconds is None else seconds * 1_000_000_000 + int(fraction.ljust(9, "0"))


@lru_cache(_SECONDS)
def _parse_second(moment: str) -> int | None:
    try:
        return int(datetime.fromisoformat(moment).astimezone(UTC).timestamp())
    except (ValueError, OverflowError):  # no such moment, or one that is in the year 0 or 10000 by then
        return None
