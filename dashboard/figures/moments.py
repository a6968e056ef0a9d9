"""What a moment of an axis of time is called where a reader points at it. Pure."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from dashboard.figures.scale import Scale

_DAY_S: Final = timedelta(days=1).total_seconds()


def clock(moment: datetime, across: Scale, zone: tzinfo) -> str:
    """Returns a moment in the reader's zone, as exactly as its axis needs it: with the day where that is long, with
    seconds where they tell."""
    local = moment.astimezone(zone)
    if across.high - across.low > _DAY_S:
        return f"{local.day} {local:%b %H:%M}"
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
