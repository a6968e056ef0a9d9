"""What was worked out of parts of time, each for as long as nothing was stored that has to do with it.

A part depends on all that was stored of the traces that play a part in it. Whoever asks again looks whether anything
was stored since that names one of them, which costs a thousandth of working it out, and for traces that are new in it,
which is a question to the store. Attempts are worked out anew then, all of a part; of calls, and of runs of others,
those of the traces that were named alone, which the store tells (`questions/remembered_rows.py`). What is changed or
removed in place is told by the version of a snapshot. Where whole traces are removed, parts in which none of them plays
a part stay.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, Self
from uuid import UUID

import numpy as np
import pyarrow as pa

from collector.store import keys
from collector.store.keys import Keys
from collector.store.sightings import Sightings

#: Bytes of all rows together that are remembered.
MOST_BYTES: Final = 160 * 2**20

#: How long parts are that are remembered, and how many a range has: few, unless it is longer than all of them.
_LENGTHS_NS: Final = tuple(seconds * 10**9 for seconds in (900, 3_600, 6 * 3_600, 86_400))
_MOST_PARTS: Final = 400
_FEW_PARTS: Final = 32


class Subject(Enum):
    """What rows of a part are about."""

    ATTEMPTS = auto()
    """Attempts at steps of agents of others."""
    CALLS = auto()
    """Calls of models and tools."""
    TOPS = auto()
    """Runs of others."""


@dataclass(frozen=True, slots=True)
class TimePart:
    """A part of time: `length_ns` nanoseconds from `place` times as many on."""

    subject: Subject
    length_ns: int
    place: int

    @property
    def first_ns(self) -> int:
        """Its begin, in nanoseconds since 1970."""
        return self.place * self.length_ns

    @property
    def end_ns(self) -> int:
        """Its end, exclusive."""
        return self.first_ns + self.length_ns

    @classmethod
    def covering(cls, subject: Subject, first_ns: int, end_ns: int) -> list[Self]:
        """Returns the parts that a range of time lies in, in their order; none where it is too long for that, because
        somebody's clock is years away."""
        for length_ns in _LENGTHS_NS:
            places = range(first_ns // length_ns, -(-end_ns // length_ns))
            if len(places) <= _FEW_PARTS:
                break
        return [cls(subject, length_ns, place) for place in places] if len(places) <= _MOST_PARTS else []


@dataclass(frozen=True, slots=True)
class PartResult:
    """What is remembered of a part.

    Attributes:
        rows: what was found.
        traces: what that depends on, in the column `id`, as bytes.
        numbers: of these.
        made_us: since when that is so, in microseconds as `Session.as_of` has them.
        as_of: until when nothing was stored that has to do with it.
        size: bytes of all of it.
    """

    rows: pa.Table
    traces: pa.Table
    numbers: Keys
    made_us: int
    as_of: int
    size: int

    @classmethod
    def at(cls, as_of: int, rows: pa.Table, traces: pa.Table) -> Self:
        """Returns what was found just now."""
        numbers = keys.hash_ids(traces.column("id"))
        return cls(rows, traces, numbers, as_of, as_of, rows.nbytes + traces.nbytes + numbers.nbytes)


class Recollection:
    """Parts that are remembered; those that were asked for longest ago go first.

    Args:
        sightings: told of all that is stored, before it is committed.
        most: bytes of rows that are remembered.
    """

    def __init__(self, sightings: Sightings, most: int = MOST_BYTES) -> None:
        self._sightings = sightings
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[TimePart, tuple[PartResult, ...]] = OrderedDict()
        self._version = -1

    def get(self, part: TimePart, version: int, as_of: int) -> PartResult | None:
        """Returns what is known of a part, if only of what was stored until a time before; None of others.

        Args:
            part: which.
            version: of the snapshot, and `as_of` as it has it.
        """
        with self._lock:
            every = self._kept.get(part, ()) if version == self._version else ()
            found = next((kept for kept in every if kept.made_us <= as_of), None)
            if found is not None:
                self._kept.move_to_end(part)
        return found

    def get_current_rows(self, part: TimePart, version: int, as_of: int) -> pa.Table | None:
        """Returns the rows of a part; None where they have to be worked out.

        Args:
            part: in which no trace is new since.
            version: of the snapshot, and `as_of` as it has it.
        """
        kept = self.get(part, version, as_of)
        if kept is None or (kept.as_of < as_of and self._sightings.is_named_since(kept.numbers, kept.as_of)):
            return None
        self.keep(part, kept.rows, kept.traces, version, as_of)
        return kept.rows

    def keep(self, part: TimePart, rows: pa.Table, traces: pa.Table, version: int, as_of: int) -> bool:
        """Remembers a part. Beside it, what was known before: for who has opened a snapshot already.

        Args:
            part: which.
            rows: what was found; the same as before where nothing has changed.
            traces: those that play a part in it, in the column `id`, as their bytes.
            version: of the snapshot, and `as_of` as it has it.

        Returns:
            Whether it is remembered now, and was not before.
        """
        with self._lock:
            if version < self._version:
                return False
            if version > self._version:
                self._kept.clear()
                self._version = version
            before = self._kept.get(part, ())
            if before and before[0].rows is rows:
                self._put(part, (replace(before[0], as_of=max(before[0].as_of, as_of)), *before[1:]))
            elif not before or before[0].as_of < as_of:
                self._put(part, (PartResult.at(as_of, rows, traces), *before[:1]))
            return not before

    def carry_over(self, removed: Collection[UUID], before: int, after: int) -> None:
        """Forgets what traces play a part in that are removed; all else is believed on under another version.

        Args:
            removed: the traces, each whole.
            before: the version under which it was remembered.
            after: the next one.
        """
        numbers = keys.hash_uuids(removed)
        with self._lock:
            if before != self._version:
                return
            for part, every in list(self._kept.items()):
                if any(np.isin(kept.numbers, numbers).any() for kept in every):
                    del self._kept[part]
            self._version = after

    def _put(self, part: TimePart, every: tuple[PartResult, ...]) -> None:
        self._kept[part] = every
        self._kept.move_to_end(part)
        total = sum(kept.size for each in self._kept.values() for kept in each)
        while total > self._most:
            _, gone = self._kept.popitem(last=False)
            total -= sum(kept.size for kept in gone)
