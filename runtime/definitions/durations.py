"""How long something may take, or waits, as its author says it."""

from datetime import timedelta
from typing import Any, Final

from runtime.bounds import is_satisfied
from runtime.errors import DefinitionError

#: In seconds, or as a timedelta.
Duration = float | timedelta

#: The longest that can be said, in days.
LONGEST_DAYS: Final = 3650


def to_milliseconds(what: str, given: object) -> int:
    """So long, in whole milliseconds.

    Args:
        what: it is, for messages, such as `the deadline of workflow w`.
        given: seconds, or a timedelta.

    Raises:
        DefinitionError: it is no time from a millisecond to ten years.
    """
    seconds: Any = given.total_seconds() if isinstance(given, timedelta) else given
    if not isinstance(seconds, bool) and is_satisfied(lambda: 0.001 <= seconds <= LONGEST_DAYS * 86_400):
        return int(seconds * 1000)
    raise DefinitionError(
        f"{what} can't be {given!r}: give seconds, or a timedelta, from 0.001 s to {LONGEST_DAYS} days"
    )
