"""What is asked and written within one snapshot of the database, or one transaction on it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from collector.store import arrow_rows, optional_parts
from collector.store.knowledge import Knowledge
from collector.store.queries import Query
from collector.store.queries.statement import Statement
from collector.store.question import Question
from collector.store.recollection import PartResult, TimePart
from collector.store.shortlist import ShortlistedIds
from collector.store.sightings import EVERYTHING, NOTHING, Stretch
from collector.store.texts import Mentions

#: Rows that are fetched at once, as Python's values and as Arrow's.
_PART: Final = 10_000
_PORTION: Final = 100_000

Row = dict[str, Any]


class Session:
    """One snapshot of the database, or one transaction on it.

    Attributes:
        as_of: of a snapshot: what `spans.stored_us` is at most in what had been committed when it was opened.
        stored_us: of a transaction: what `spans.stored_us` is of what it stores.
        has_amended: of a transaction: whether it changes or removes spans that are stored.
        has_withdrawn: of a transaction: whether records of ours are shown no more, or get other ids, as others come in.
        removed: of a transaction: the traces that it removes whole; None where it removes none.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        knowledge: Knowledge,
        as_of: int = 0,
        question: Question | None = None,
        *,
        stored_us: int = 0,
        version: int = -1,
        begin: Callable[[], None] | None = None,
    ) -> None:
        self._cursor = cursor
        self._knowledge = knowledge
        self._sightings = knowledge.sightings
        self._version = version
        self._begin = begin
        self.has_amended, self.has_withdrawn = False, False
        self.removed: Collection[UUID] | None = None
        self._withdrawals = knowledge.withdrawals  # a snapshot begins with its first question
        self.as_of = as_of
        self.stored_us = stored_us
        self._question = question or Question()
        self._known: dict[Statement, Row] = {}

    @property
    def room(self) -> int:
        """Characters of each text that whoever asks has room for."""
        return self._question.room

    def stretch(self, ids: Iterable[UUID]) -> Stretch:
        """Returns from when to when everything was stored that names one of some ids: as its trace, its node, its
        event, its run, its dead letter, or as a cause."""
        return self._sightings.find_stretch(ids)

    def stretch_of(self, query: Statement, most: int, **values: object) -> Stretch:
        """Returns the same for the ids that a query finds.

        Args:
            query: of one column `id`, the bytes of ids; it takes `most`.
            most: ids up to which it is worth to ask for them; of more, all that is stored is meant.
            values: what else the query takes.
        """
        found = self.table(query, most=most + 1, **values)
        return self.stretch_of_ids(found) if found.num_rows <= most else EVERYTHING

    def stretch_of_ids(self, ids: pa.Table) -> Stretch:
        """Returns the same for the ids in the column `id`, as their bytes: of many, without a Python value for each."""
        return self._sightings.find_stretch_of_column(ids)

    def find_edge_sources(self) -> Mapping[str, bool]:
        """Returns what there is that edges may come of, as `chain/present.sql` has it."""
        known = self._knowledge.present.get(self._version)
        if known is None:
            known = self.one(Query.CHAIN_PRESENT)
            self._knowledge.present.learn(known, self._version)
        return known

    def get_remembered(self, part: TimePart) -> PartResult | None:
        """Returns what is remembered of a part of time, by what was stored until some time before; None where nothing
        is."""
        return self._knowledge.recollection.get(part, self._version, self.as_of)

    def recall_rows(self, part: TimePart) -> pa.Table | None:
        """Returns what was worked out of a part of time, in which no trace is new since it was known; None where
        anything was stored since that names one of its traces."""
        return self._knowledge.recollection.get_current_rows(part, self._version, self.as_of)

    def remember(self, part: TimePart, rows: pa.Table, traces: pa.Table) -> None:
        """Remembers what was worked out of a part of time.

        Args:
            part: which.
            rows: what was found; it depends on nothing but all spans of some traces.
            traces: these, in the column `id`, as their bytes.
        """
        is_new = self._knowledge.recollection.keep(part, rows, traces, self._version, self.as_of)
        self._question.parts_kept += is_new

    def get_unreceived(self) -> ShortlistedIds | None:
        """Returns the events that nobody received, as far as that is known; None where it is not."""
        return self._knowledge.unreceived.get((self._version, self._withdrawals), self.as_of)

    def note_unreceived(self, ids: pa.Table | None) -> None:
        """Remembers them.

        Args:
            ids: as `ShortlistedIds` has them, of what was stored until `as_of`.
        """
        self._knowledge.unreceived.keep(ids, (self._version, self._withdrawals), self.as_of)

    def mentions(self, literal: str) -> Mentions:
        """Returns in which columns of lists a text may be said, and when that was stored.

        Args:
            literal: as for `TextIndex.find_mentions`.
        """
        return self._knowledge.texts.find_mentions(literal)

    def stretch_saying(self, text: str, column: str) -> Stretch:
        """Returns a stretch in which everything was stored of which a column is a text.

        Args:
            text: the whole of it.
            column: one of `texts.COLUMNS`.
        """
        if "\n" in text:  # what is said is known by its lines
            return EVERYTHING
        mentions = self.mentions(text.lower())
        if column not in mentions.columns:
            return NOTHING
        return Stretch(
            min(each.since_us for each in mentions.stretches), max(each.until_us for each in mentions.stretches)
        )

    def note_part_done(self) -> None:
        """Says that a part is done of what takes long as a whole, and needs little memory at a time: `room.py`."""
        if self._begin is not None:
            self._begin()

    def note_amended(self) -> None:
        """Says that the transaction changes spans that are stored, or removes some: what was found of them before is
        believed no longer."""
        self.has_amended = True

    def note_removed(self, traces: Collection[UUID]) -> None:
        """Says that the transaction removes traces with all that hangs on them, and with whatever else belongs to them:
        what was found of others is believed on."""
        self.removed = traces

    def note_withdrawn(self) -> None:
        """Says that a transaction that stores spans has records of ours shown no more, or gives them other ids."""
        self.has_withdrawn = True

    def amend(self, spans: pa.Table, stored: Stretch) -> None:
        """Notes what spans say that are read anew, before they are written.

        Args:
            spans: as for `TextIndex.amend`.
            stored: when they were.
        """
        self.note_amended()
        self._knowledge.texts.amend(spans, stored)

    def rows(self, query: Statement, **values: object) -> list[Row]:
        """Runs a query with bound values, without the parts that nobody asks for: those of values that are None.

        Returns:
            Its rows, each as a dictionary by column name.

        Raises:
            TooMuchError: when they are more, or larger, than one question may yield.
            CollectorError: the reason, when the question was ended or has to give way.
            duckdb.Error: it failed. That it was cut off, or lacked memory, is told where the snapshot ends.
        """
        result = self._execute(query, values)
        names = [column[0] for column in result.description or ()]
        rows: list[Row] = []
        while part := result.fetchmany(_PART):
            self._question.count_rows(part)
            rows += [dict(zip(names, row, strict=True)) for row in part]
        return rows

    def one(self, query: Statement, **values: object) -> Row:
        """Returns the only row of a query that always has one."""
        return self.rows(query, **values)[0]

    def one_cached(self, query: Statement) -> Row:
        """Returns the only row of a query without values; of a snapshot it is always the same, and asked for once."""
        if query not in self._known:
            self._known[query] = self.one(query)
        return self._known[query]

    def numbers(self, query: Statement, **values: object) -> npt.NDArray[np.uint64]:
        """Runs a query whose rows are one number each, without NULL.

        Raises:
            CollectorError, duckdb.Error: as `table` does.
        """
        (column,) = self._execute(query, values).fetchnumpy().values()
        return np.asarray(column, np.uint64)

    def table(self, query: Statement, **values: object) -> pa.Table:
        """Runs a query; returns its rows as an Arrow table.

        They don't count as what the question yields: they are ids and parts that others are asked by, of which all of
        a long time may be needed, in a few bytes each. What is answered with comes from `rows`.

        Raises:
            CollectorError: the reason, when the question was ended or has to give way.
            duckdb.Error: as `rows` does.
        """
        self._question.check()
        return arrow_rows.fetch_table(self._cursor, *optional_parts.strip_unused_parts(query.sql, values))

    def tables(self, query: Statement, portion: int = _PORTION) -> Iterator[pa.RecordBatch]:
        """Runs a query without values; returns its rows in parts of so many, as Arrow has them, while it runs.

        Raises:
            CollectorError, duckdb.Error: as `table` does, also while the parts are read.
        """
        self._question.check()
        return arrow_rows.iterate_batches(self._cursor.sql(query.sql).to_arrow_reader(portion))

    def run(self, query: Statement, **values: object) -> None:
        """Runs a statement whose answer nobody needs, without the parts that nobody asks for.

        Raises:
            CollectorError, duckdb.Error: as `table` does.
        """
        self._execute(query, values)

    def insert(self, query: Statement, incoming_rows: pa.Table) -> None:
        """Runs a statement of a transaction that reads `incoming_rows`. No question is asked there that could end.

        DuckDB finds the table as a variable of this function, which takes half as long as a view of it: see `register`.

        Raises:
            duckdb.Error: it failed.
        """
        self._cursor.execute(query.sql)

    def count(self, statement: str, values: Mapping[str, object]) -> int:
        """Runs a statement that is put together of names of our own; returns how many rows it changed."""
        row = self._cursor.execute(statement, values).fetchone()
        return int(row[0]) if row else 0

    def save(self, rows: str, path: Path, group: int, values: Mapping[str, object]) -> int:
        """Writes rows into a Parquet file.

        Args:
            rows: a SELECT that is put together of names of our own.
            path: the file.
            group: rows of one group of the file.
            values: what is bound in the SELECT.

        Returns:
            How many there are.
        """
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group:d}"
        return self.count(f"COPY ({rows}) TO $path ({options})", {"path": str(path), **values})

    def interrupt(self) -> None:
        """Cuts off the statement that runs now, from another thread; it raises `duckdb.InterruptException`."""
        self._cursor.interrupt()

    def register(self, name: str, table: object) -> None:
        """Lets the next statements read an Arrow table under a name."""
        self._cursor.register(name, table)

    def _execute(self, query: Statement, values: Mapping[str, object]) -> duckdb.DuckDBPyConnection:
        """Runs a statement, unless its question was ended: an interruption between two is noticed by neither."""
        self._question.check()
        return self._cursor.execute(*optional_parts.strip_unused_parts(query.sql, values))
