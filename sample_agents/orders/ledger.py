"""The books of the outside world: what provider and carrier have really done, in a file that the runtime never reads.

Table `entries` holds what was done, one row for each key: a request that is repeated with its key adds none. Table
`requests` holds each request, repeated ones too.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from runtime.home import find_home
from runtime.settings import load

#: The file, in the home that workers and workload share.
FILE: Final = "orders.sqlite"

#: Seconds that one process waits for another one's write.
_BUSY: Final = 30.0

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS entries (
    kind TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (kind, key)
);
CREATE TABLE IF NOT EXISTS requests (kind TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL);
"""


class Kind(StrEnum):
    """What an entry is."""

    CHARGE = "charge"
    REFUND = "refund"
    PARCEL = "parcel"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done, once. `key` is what it was asked for with, `subject` the order."""

    kind: Kind
    key: str
    subject: str
    cents: int


class Ledger:
    """The books in one file, shared by processes.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of_home(cls) -> Self:
        """The one of this process's home.

        Raises:
            SettingsError: a variable does not parse, or the home can't be used.
        """
        return cls(find_home(load().home) / FILE)

    def enter(self, entry: Entry) -> tuple[Entry, int]:
        """Notes a request, and does what it asks for unless that was done before.

        Returns:
            What was done, now or then, and how many requests there were with this key, this one included.
        """
        with self._writing() as books:
            books.execute("INSERT INTO requests VALUES (?, ?, ?)", (entry.kind, entry.key, entry.subject))
            books.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (entry.kind, entry.key, entry.subject, entry.cents),
            )
            (count,) = books.execute(
                "SELECT count(*) FROM requests WHERE kind = ? AND key = ?", (entry.kind, entry.key)
            ).fetchone()
            done = self._find(books, entry.kind, entry.key)
        if done is None:
            raise AssertionError("an entry is there once it was made")
        return done, count

    def find(self, kind: Kind, key: str) -> Entry | None:
        """What was done under a key, if anything was."""
        with self._writing() as books:
            return self._find(books, kind, key)

    def entries(self) -> list[Entry]:
        """All that was done, in its order."""
        with self._writing() as books:
            rows = books.execute("SELECT kind, key, subject, cents FROM entries ORDER BY rowid").fetchall()
        return [Entry(Kind(kind), key, subject, cents) for kind, key, subject, cents in rows]

    def requests(self, kind: Kind) -> dict[str, int]:
        """How many requests of a kind there were about each order."""
        with self._writing() as books:
            return dict(
                books.execute("SELECT subject, count(*) FROM requests WHERE kind = ? GROUP BY subject", (kind,))
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_BUSY, isolation_level=None)) as books:
            books.execute("BEGIN IMMEDIATE")
            for statement in _TABLES.split(";"):
                books.execute(statement)
            yield books
            books.execute("COMMIT")

    @staticmethod
    def _find(books: sqlite3.Connection, kind: Kind, key: str) -> Entry | None:
        row = books.execute(
            "SELECT kind, key, subject, cents FROM entries WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return Entry(Kind(row[0]), *row[1:]) if row else None
