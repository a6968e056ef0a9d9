"""By when a run has to have ended, as its author or starter says it."""

from datetime import datetime, timedelta
from typing import Any, Final

from runtime.errors import DefinitionError
from runtime.resilience.retry import holds

#: So long after its start, in seconds or as a timedelta; or a moment, with its zone.
Within = float | timedelta
By = Within | datetime

#: The longest time that a run may be given, in days.
_LONGEST: Final = 3650


def within(what: str, given: object) -> str:
    """How long a run may take, as a store is told: `+` and milliseconds; empty for as long as it takes.

    Raises:
        DefinitionError: it is no time from a millisecond to ten years.
    """
    if given is None:
        return ""
    seconds: Any = given.total_seconds() if isinstance(given, timedelta) else given
    if not isinstance(seconds, bool) and holds(lambda: 0.001 <= seconds <= _LONGEST * 86_400):
        return f"+{int(seconds * 1000)}"
    raise DefinitionError(
        f"the deadline of {what} can't be {given!r}: give seconds, or a timedelta, from 0.001 s to {_LONGEST} days"
    )


def by(what: str, given: object) -> str:
    """By when a run has to have ended, as a store is told: as `within`, or milliseconds since 1970 (UTC) alone.

    Raises:
        DefinitionError: it is no such time, or a moment without a zone.
    """
    if not isinstance(given, datetime):
        return within(what, given)
    if given.tzinfo is None:
        raise DefinitionError(
            f"the deadline of {what} can't be {given!r}: nobody knows in which time zone; write "
            "datetime(..., tzinfo=UTC), or give seconds from the start"
        )
    return str(int(given.timestamp() * 1000))
