"""The day book of the outside world: what carriers and the billing office have really done, in a file that the runtime
never reads.

Table `entries` holds what was done, one row for each kind and key: who asks again with a key gets no second one. Table
`requests` holds each time that somebody asked.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

#: Seconds that one process waits for another one's write.
_BUSY: Final = 30.0

_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS entries (
        kind TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (kind, key)
    )""",
    "CREATE TABLE IF NOT EXISTS requests (kind TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL)",
)


class Deed(StrEnum):
    """What was done about a shipment."""

    BOOKED = "booked"
    DELIVERED = "delivered"
    TEXTED = "texted"
    INVOICED = "invoiced"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done about a shipment, such as a `Deed`, and when, in seconds since 1970."""

    deed: str
    subject: str
    at: float


class Daybook:
    """The book in one file, shared by processes.

    Args:
        path: of the file; it is made by the first entry.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def enter(self, deed: str, subject: str, key: str) -> None:
        """Does something about a shipment, unless it was done under this key before; notes that it was asked for."""
        with self._writing() as book:
            book.execute("INSERT INTO requests VALUES (?, ?, ?)", (deed, key, subject))
            book.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (deed, key, subject, time.time())
            )

    def entries(self) -> list[Entry]:
        """All that was done, in its order."""
        with self._writing() as book:
            rows = book.execute("SELECT kind, subject, at FROM entries ORDER BY at, rowid").fetchall()
        return [Entry(*row) for row in rows]

    def requests(self, deed: str) -> dict[str, int]:
        """How often it was asked for, by shipment."""
        with self._writing() as book:
            return dict(book.execute("SELECT subject, count(*) FROM requests WHERE kind = ? GROUP BY subject", (deed,)))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY, isolation_level=None)) as book:
            book.execute("PRAGMA synchronous = OFF")  # processes die here, machines do not
            book.execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                book.execute(statement)
            yield book
            book.execute("COMMIT")
