"""Parameters that routes share."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Path, Query

from collector.errors import BadQueryError, NotFoundError
from collector.models.base import NAME_LIMIT
from collector.questions.windows import Period
from collector.times import EPOCH, MILLISECOND_NS, nanoseconds

#: Entries of a page where nobody says how many.
PAGE: Final = 50
#: Most entries of a page.
PAGE_LIMIT: Final = 1_000

#: Letters of an id at most: those of foreign messages are whatever their senders take.
ID_LIMIT: Final = 8_192

#: Letters of a text at most, which somebody may have pasted whole. In an address each takes up to twelve bytes.
TEXT_LIMIT: Final = 4_096

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_EVERYTHING: Final = "all"


def period(
    start: Annotated[datetime | None, Query(description="Begin of the time range (RFC 3339)")] = None,
    end: Annotated[datetime | None, Query(description="End of the time range (RFC 3339), exclusive")] = None,
    last: Annotated[
        str | None,
        Query(
            description="Length of a time range that ends now: a number and `s`, `m`, `h` or `d`, such as `15m`; or "
            "`all`. In place of start and end",
            pattern=r"^(all|[1-9][0-9]{0,5}[smhd])$",
        ),
    ] = None,
) -> Period:
    """Returns the time range that a request asks for.

    Raises:
        BadQueryError: when it says both ends and a length.
    """
    if last is None:
        return Period(start, end)
    if start is not None or end is not None:
        raise BadQueryError("say either last, or start and end")
    if last == _EVERYTHING:
        return Period(everything=True)
    return Period(length=timedelta(**{_UNITS[last[-1]]: int(last[:-1])}))


Within = Annotated[Period, Depends(period)]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="Entries of a page")]
Cursor = Annotated[str | None, Query(description="`next` of the page before; holds its window too")]
Text = Annotated[
    str | None, Query(max_length=TEXT_LIMIT, description="Free text to look for; its first hundred letters count")
]
OfChannel = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this channel only")]
OfGroup = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this consumer group only")]
OfWorkflow = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this workflow only")]
OfApp = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this app only")]
OfService = Annotated[str | None, Query(max_length=NAME_LIMIT, description="In which this service has a part only")]
OfReason = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this reason only")]
OfRule = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this rule of alerts only")]
Score = Annotated[
    str | None,
    Query(max_length=NAME_LIMIT, description="Name of the score that accuracy is of; default: the most given"),
]
Letter = Annotated[UUID | None, Query(description="Of this dead letter only")]
OfRun = Annotated[UUID | None, Query(description="Of this run only")]
Id = Annotated[str, Path(max_length=ID_LIMIT, description="An id, in any form that a tool prints")]
#: The same as a parameter: paths have no `..`, no space at their ends, and no slash that stays one.
IdSaid = Annotated[
    str, Query(alias="id", max_length=ID_LIMIT, description="An id, in any form that a tool prints; any text at all")
]


def bounds_ms(asked: Period, now: datetime) -> tuple[int, int | None]:
    """Returns the begin and the end of a time range of the live bus, in milliseconds; all time where none is asked for.

    Raises:
        BadQueryError: when it ends before it begins.
    """
    until_ms = None if asked.end is None else nanoseconds(asked.end) // MILLISECOND_NS
    since = now - min(asked.length, now - EPOCH) if asked.length is not None else asked.start
    since_ms = 0 if since is None else nanoseconds(since) // MILLISECOND_NS
    if until_ms is not None and since_ms >= until_ms:
        raise BadQueryError("the time range ends before it begins")
    return since_ms, until_ms


def as_id(what: str, text: str) -> UUID:
    """Returns an id that a path names.

    Args:
        what: the kind of thing it should be the id of, for the error.
        text: as it was asked for; with or without hyphens, in any case.

    Raises:
        NotFoundError: when it is no UUID, because nothing can have it then.
    """
    try:
        return UUID(text.strip())
    except ValueError:
        raise NotFoundError(what, text) from None
