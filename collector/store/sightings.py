"""When the spans were stored that name an id, whatever that looks like.

Rows lie in the order in which they were stored, and the database knows of each of its blocks from when to when that
was: who asks for what was stored within a stretch of time reads no other. What it knows of the ids of a block is of use
only where all ids begin with their time. Some random ones, as others give to spans, spoil it, so that a look for any id
reads all rows of a column.

In memory, seven bytes an id of each stretch; read anew at each start. An index of the database's own takes ten times as
much, and half of the rate at which spans are stored; narrow tables of hashes are no quicker to read than the ids are.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow as pa

from collector.store import keys
from collector.store.keys import Keys
from collector.store.known_absences import KnownAbsences
from collector.store.stretch_ids import SearchKeys, StretchIds, drop_repeats

#: The columns whose ids are known: all but those of correlations, which nothing is looked for by that has to be quick.
COLUMNS: Final = ("trace_id", "node_id", "event_id", "causation_id", "run_id", "dead_letter_id")
LISTS: Final = ("causes",)

#: Spans of one stretch, about: as many as lie in a block that the database reads or leaves out (122,880).
SPANS: Final = 120_000

#: Parts of the stretch that still grows, one a transaction, after which they are put together.
_PARTS: Final = 64


class Stretch(NamedTuple):
    """From when to when something was stored, both included, in microseconds, by `spans.stored_us`."""

    since_us: int
    until_us: int

    @property
    def bounds(self) -> dict[str, int]:
        """The values of queries that keep to it."""
        return {"since_us": self.since_us, "until_us": self.until_us}

    def bounds_of(self, what: str) -> dict[str, int]:
        """The same, of queries that keep to several."""
        return {f"{what}_since_us": self.since_us, f"{what}_until_us": self.until_us}


#: All that there is, and nothing.
EVERYTHING: Final = Stretch(-(2**63), 2**63 - 1)
NOTHING: Final = Stretch(1, 0)


class Sightings:
    """Where ids were seen among the spans that are stored. It may name more than there is, and never less.

    Told by the writer, before it commits; asked by everybody. Nothing is known until `learn`, and after `forget`: then
    whoever asks has to read everything.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._is_known = False
        self._closed: list[StretchIds] = []
        self._growing: list[StretchIds] = []
        self._spans = 0
        self._gone_before_us = EVERYTHING.since_us
        self._absences = KnownAbsences()

    @property
    def is_known(self) -> bool:
        """Whether all that is stored is known."""
        return self._is_known

    def find_stretch(self, ids: Iterable[UUID]) -> Stretch:
        """Returns a stretch in which everything was stored that names one of some ids.

        That of several is as long as between the first and the last of them.
        """
        return self._find_stretch(keys.hash_uuids(ids))

    def find_stretch_of_column(self, ids: pa.Table | pa.RecordBatch) -> Stretch:
        """Returns the same for the ids in the column `id`, as their bytes: of many, without a Python value for each."""
        return self._find_stretch(keys.hash_ids(ids.column("id")))

    def is_named_since(self, numbers: Keys, since_us: int) -> bool:
        """Returns whether something may have been stored after a time, or be about to be, that names one of some ids.

        Args:
            numbers: of the ids, as `keys.hash_ids` makes them.
            since_us: the time, in microseconds.
        """
        with self._lock:
            if not self._is_known:
                return True
            later = [seen for seen in (*self._closed, *self._growing) if seen.until_us > since_us]
        wanted = SearchKeys.of(numbers) if later else None
        return wanted is not None and any(seen.has_any(wanted) for seen in later)

    def _find_stretch(self, numbers: Keys) -> Stretch:
        wanted = SearchKeys.of(numbers)
        with self._lock:
            if not self._is_known:
                return EVERYTHING
            closed, growing, absences = tuple(self._closed), tuple(self._growing), self._absences
        # What lies between the first and the last that hold any need not be looked through.
        oldest_first = sorted(closed + growing, key=attrgetter("since_us"))
        unknown = absences.leave_out(wanted)
        found = (seen.has_any(unknown if seen in absences.stretches else wanted) for seen in oldest_first)
        at = next((at for at, is_in in enumerate(found) if is_in), len(oldest_first))
        passed = frozenset(oldest_first[:at]).intersection(closed)
        self._note_absences(absences, absences.add(wanted, unknown, passed))
        if at == len(oldest_first):
            return NOTHING
        first = oldest_first[at]
        latest_first = sorted(oldest_first, key=attrgetter("until_us"), reverse=True)
        last = next(seen for seen in latest_first if seen is first or seen.has_any(wanted))
        return Stretch(first.since_us, last.until_us)

    def _note_absences(self, before: KnownAbsences, after: KnownAbsences) -> None:
        """Remembers what was found out beside others, unless one of them was quicker or gave stretches up."""
        if after is not before:
            with self._lock:
                if self._absences is before:
                    self._absences = after

    def learn(self, parts: Iterable[pa.RecordBatch], version: int) -> None:
        """Takes in what is stored already.

        Args:
            parts: spans as `INGEST_STORED_IDS` has them.
            version: what `forget` returned before they were read.
        """
        closed = list(_split_into_stretches(parts))
        with self._lock:
            if version == self._version:
                self._closed, self._growing, self._spans, self._is_known = closed, [], 0, True
                self._absences = KnownAbsences()

    def forget(self) -> int:
        """Gives up all that is known: something was stored, or got other ids, that nobody has told.

        Returns:
            A number for `learn`.
        """
        with self._lock:
            self._is_known, self._closed, self._growing, self._spans = False, [], [], 0
            self._absences = KnownAbsences()
            self._version += 1
            return self._version

    def add(self, spans: pa.Table, stored_us: int) -> bool:
        """Takes in spans that are about to be stored.

        Args:
            spans: with all columns of ids.
            stored_us: when they are.

        Returns:
            Whether a stretch is full now: time to `drop` what is gone.
        """
        part = StretchIds.of(_collect_ids(spans), stored_us, stored_us)
        with self._lock:
            if not self._is_known:
                return False
            self._growing.append(part)
            self._spans += spans.num_rows
            is_full = self._spans >= SPANS
            if is_full or len(self._growing) > _PARTS:
                self._growing = [StretchIds.merge(self._growing)]
            if is_full:
                self._closed += self._growing
                self._growing, self._spans = [], 0
        return is_full

    def drop(self, before_us: int) -> None:
        """Leaves out stretches of which everything is gone: all that is left was stored since. They go at the next
        call, as somebody may still read a snapshot in which it was there. Where a clock was set back, something was
        stored meanwhile that is older than what was the oldest then."""
        with self._lock:
            gone_before_us = min(self._gone_before_us, before_us)
            self._closed = [seen for seen in self._closed if seen.until_us >= gone_before_us]
            self._gone_before_us = before_us
            self._absences = self._absences.keep(self._closed)


def _split_into_stretches(parts: Iterable[pa.RecordBatch]) -> Iterator[StretchIds]:
    """Yields what is stored, as it lies there, cut into stretches: between two transactions, so that none begins in the
    block in which another ends."""
    gathered: list[pa.RecordBatch] = []
    for part in parts:
        gathered.append(part)
        if sum(each.num_rows for each in gathered) >= SPANS:
            times = part.column("stored_us").to_numpy()
            others = np.flatnonzero(times != times[-1])
            if others.size:
                end = int(others[-1]) + 1
                yield _index_parts([*gathered[:-1], part.slice(0, end)])
                gathered = [part.slice(end)]
    if gathered:
        yield _index_parts(gathered)


def _index_parts(parts: Sequence[pa.RecordBatch]) -> StretchIds:
    times = np.concatenate([part.column("stored_us").to_numpy() for part in parts])
    return StretchIds.of(np.concatenate([_collect_ids(part) for part in parts]), int(times.min()), int(times.max()))


def _collect_ids(spans: pa.Table | pa.RecordBatch) -> Keys:
    """Returns the numbers of all ids that spans name."""
    columns: list[Any] = [spans.column(name) for name in COLUMNS]
    columns += [_flatten_lists(spans.column(name)) for name in LISTS]
    return np.concatenate([drop_repeats(keys.hash_ids(column)) for column in columns])


def _flatten_lists(lists: Any) -> Any:
    whole = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    return whole.flatten()
