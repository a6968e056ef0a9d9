"""Entries of a list of the bus that is kept by time, newest first: it is read back until a time, and what is not looked
for is left out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

#: Entries that are read at once, and how often for one answer.
READ: Final = 1_000
READS: Final = 10

Entry = TypeVar("Entry")
Read = TypeVar("Read", covariant=True)


class Page(Protocol[Read]):
    """One page of a list, newest first, and the cursor of the next one."""

    @property
    def items(self) -> Sequence[Read]:
        """Its entries."""
        ...

    @property
    def next(self) -> str | None:
        """The cursor; None where the list ends."""
        ...


@dataclass(frozen=True, slots=True)
class EntryFilter(Generic[Entry]):
    """What is looked for.

    Attributes:
        at: returns the milliseconds by which the list is kept.
        is_wanted: says whether an entry is.
        since_ms: from when on.
        until_ms: until when, not included; None for all that is newer.
    """

    at: Callable[[Entry], int]
    is_wanted: Callable[[Entry], bool] = lambda _: True
    since_ms: int = 0
    until_ms: int | None = None

    def is_match(self, entry: Entry) -> bool:
        """Returns whether an entry is looked for."""
        at = self.at(entry)
        return at >= self.since_ms and (self.until_ms is None or at < self.until_ms) and self.is_wanted(entry)


async def read_matching_entries(
    ask: Callable[[int, str | None], Awaitable[Page[Entry]]], sought: EntryFilter[Entry], limit: int, cursor: str | None
) -> tuple[tuple[Entry, ...], str | None]:
    """Returns entries that are looked for, newest first, and the cursor of the next page.

    A page may hold fewer than `limit`, or none, and still have a next one: it ends after `READ * READS` entries of all
    kinds too.

    Args:
        ask: returns the page of so many entries that begins at a cursor.
        sought: what is looked for.
        limit: entries of a page.
        cursor: where it begins; None for the newest.
    """
    found: list[Entry] = []
    for _ in range(READS):
        page = await ask(READ, cursor)
        ours = [place for place, entry in enumerate(page.items) if sought.is_match(entry)][: limit - len(found)]
        found += [page.items[place] for place in ours]
        if len(found) == limit:
            # The rest of what was read belongs to the next page: ask where that begins.
            page = await ask(ours[-1] + 1, cursor)
        cursor = page.next
        if cursor is None or sought.at(page.items[-1]) < sought.since_ms:
            return tuple(found), None
        if len(found) == limit:
            break
    return tuple(found), cursor
