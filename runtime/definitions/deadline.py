"""By when a run has to have ended, as its author or starter says it."""

from datetime import datetime

from runtime.definitions.durations import Duration, to_milliseconds
from runtime.errors import DefinitionError

#: So long after its start; or a moment, with its zone.
Within = Duration
By = Within | datetime


def encode_time_limit(what: str, given: object) -> str:
    """How long a run may take, as a store is told: `+` and milliseconds; empty for as long as it takes.

    Raises:
        DefinitionError: it is no time from a millisecond to ten years.
    """
    return "" if given is None else f"+{to_milliseconds(f'the deadline of {what}', given)}"


def encode_deadline(what: str, given: object) -> str:
    """By when a run has to have ended, as a store is told: a time limit as above, or milliseconds since 1970 (UTC).

    Raises:
        DefinitionError: it is no such time, or a moment without a zone.
    """
    if not isinstance(given, datetime):
        return encode_time_limit(what, given)
    if given.tzinfo is None:
        raise DefinitionError(
            f"the deadline of {what} can't be {given!r}: nobody knows in which time zone; write "
            "datetime(..., tzinfo=UTC), or give seconds from the start"
        )
    return str(int(given.timestamp() * 1000))
