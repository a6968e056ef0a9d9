"""Parameters that routes share."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Path, Query

from collector.errors import NotFoundError

#: Entries of a page where nobody says how many.
PAGE: Final = 50
#: Most entries of a page.
PAGE_LIMIT: Final = 1_000

Start = Annotated[datetime | None, Query(description="Begin of the window (RFC 3339); default: an hour before its end")]
End = Annotated[datetime | None, Query(description="End of the window (RFC 3339), exclusive; default: now")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="Entries of a page")]
Cursor = Annotated[str | None, Query(description="`next` of the page before; holds its window too")]
Text = Annotated[str | None, Query(max_length=500, description="Free text to look for")]
Name = Annotated[str | None, Query(max_length=500)]
Letter = Annotated[UUID | None, Query(description="Of this dead letter only")]
OfRun = Annotated[UUID | None, Query(description="Of this run only")]
Id = Annotated[str, Path(max_length=200, description="A UUID")]


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
