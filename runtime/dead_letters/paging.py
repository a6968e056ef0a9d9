"""Pages of what several sources list, newest first."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from runtime.bus.records import AuditPage, AuditRecord
from runtime.errors import QueryError

_TEXT: Final = re.compile(r"(\d{1,15})_(.+)", re.ASCII)
#: Rows of one millisecond that a page may begin among.
_SLACK: Final = 500

#: Lists rows until a time in ms (None: until now), at most so many, each under a key of its own.
AuditSource = Callable[[int | None, int], Awaitable[list[tuple[str, AuditRecord]]]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which row a page begins: its time in ms, and its key."""

    ms: int
    id: str

    @property
    def text(self) -> str:
        return f"{self.ms}_{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> "Cursor | None":
        if not text:
            return None
        match = _TEXT.fullmatch(text)
        if match is None:
            raise QueryError(f"{text!r} is not a cursor; take it from `next` of the page before")
        return cls(int(match[1]), match[2])

    def is_followed_by(self, ms: int, id_: str) -> bool:
        return (ms, id_) < (self.ms, self.id)


def check_limit(limit: int) -> None:
    """Raises QueryError where a page would have no row: the next would begin behind none."""
    if limit < 1:
        raise QueryError(f"a page can't have {limit} rows: ask for at least 1")


async def audit_page(sources: Sequence[AuditSource], limit: int, cursor: str | None) -> AuditPage:
    """What operators did, newest first.

    Args:
        sources: where it is noted.
        limit: records at most.
        cursor: a former page's `next`.

    Raises:
        QueryError: when the cursor is none, or the limit is less than 1.
    """
    check_limit(limit)
    before = Cursor.parse(cursor)
    found: list[tuple[str, AuditRecord]] = []
    for source in sources:
        rows = await source(before.ms if before else None, limit + _SLACK)
        found += [row for row in rows if before is None or before.is_followed_by(row[1].at_ms, row[0])]
    found.sort(key=lambda row: (row[1].at_ms, row[0]), reverse=True)
    page = found[:limit]
    more = len(found) > limit
    next_ = Cursor(page[-1][1].at_ms, page[-1][0]).text if more else None
    return AuditPage(tuple(record for _, record in page), next_)
