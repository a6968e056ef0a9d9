"""Cursors: where a page ended, as text that only this file understands. Pages by them neither repeat nor skip."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from collector.errors import BadQueryError
from collector.store.database import Row


@dataclass(frozen=True, slots=True)
class Place:
    """Lists run from the newest to the oldest; this is the entry before the next page."""

    before_ns: int
    before_id: UUID

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        """The place that a cursor names; the very beginning without one.

        Raises:
            BadQueryError: when it is no cursor of ours.
        """
        if not cursor:
            return cls(2**63 - 1, UUID(int=2**128 - 1))
        try:
            at, id_ = base64.urlsafe_b64decode(cursor.encode()).decode().split(".")
            return cls(_stored(at), UUID(id_))
        except (ValueError, binascii.Error):
            raise BadQueryError(f"{cursor!r} is no cursor; take it from `next` of the page before") from None


def _stored(text: str) -> int:
    """A time as the store has it.

    Raises:
        ValueError: when it is none.
    """
    at = int(text)
    if not -(2**63) <= at < 2**63:
        raise ValueError(text)
    return at


#: Rows to fetch beyond a page, to know whether there is another.
EXTRA: Final = 1


def split(rows: Sequence[Row], limit: int, id_column: str) -> tuple[Sequence[Row], str | None]:
    """The rows of a page, and the cursor of the next one.

    Args:
        rows: up to `limit + EXTRA`, in the list's order.
        limit: entries of a page.
        id_column: the column that tells rows of one time apart.
    """
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], base64.urlsafe_b64encode(f"{last['start_ns']}.{last[id_column].hex}".encode()).decode()
