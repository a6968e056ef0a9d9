"""Time zones, and where a wall-clock time stands in time. Pure, but for the machine's own table of zones."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runtime.errors import DefinitionError


def find_zone(name: str) -> tzinfo:
    """A time zone by its name, such as `Europe/Berlin`.

    Raises:
        DefinitionError: nobody knows it.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        raise DefinitionError(
            f"no time zone is known as {name!r}: give the name of a place, such as 'Europe/Berlin', or 'UTC'; zones "
            "come from the machine, or from the package tzdata"
        ) from None


def to_instant(wall: datetime, where: tzinfo) -> datetime:
    """When a wall clock shows a time first; where it never does, because the clock is put forward, right after that."""
    first = wall.replace(tzinfo=where, fold=0)
    shown = first.astimezone(UTC)
    if shown.astimezone(where).replace(tzinfo=None) == wall:
        return shown
    # In a gap, one fold is read by the offset after the change and lies before it, the other one the other way round.
    before, after = int(wall.replace(tzinfo=where, fold=1).timestamp()), int(shown.timestamp())
    old = _offset(before, where)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, where) == old else (before, middle)
    return datetime.fromtimestamp(after, UTC)


def _offset(at: int, where: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(at, where).utcoffset()
