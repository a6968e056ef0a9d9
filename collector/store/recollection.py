"""What was worked out of parts of time, each for as long as nothing was stored that has to do with it.

A part depends on all that was stored of the traces that play a part in it. Whoever asks again looks whether anything
was stored since that names one of them, which costs a thousandth of working it out, and for traces that are new in it,
which is a question to the store. What is changed or removed in place is told by the version of a snapshot.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from collector.store import keys
from collector.store.keys import Keys
from collector.store.sightings import Sightings

#: Rows of all parts together that are remembered, at some hundred bytes each.
MOST_ROWS: Final = 400_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of time: `length_ns` nanoseconds from `place` times as many on."""

    length_ns: int
    place: int


@dataclass(frozen=True, slots=True)
class _Kept:
    rows: pa.Table
    traces: Keys
    as_of: int
    """Until when nothing was stored that has to do with it, in microseconds."""


class Recollection:
    """Parts that are remembered; those that were asked for longest ago go first.

    Args:
        sightings: told of all that is stored, before it is committed.
        most: rows that are remembered.
    """

    def __init__(self, sightings: Sightings, most: int = MOST_ROWS) -> None:
        self._sightings = sightings
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Part, _Kept] = OrderedDict()
        self._version = -1

    def since(self, part: Part, version: int) -> int | None:
        """Returns since when what was stored may have to do with a part that is remembered; None of others."""
        with self._lock:
            kept = self._kept.get(part) if version == self._version else None
            return None if kept is None else kept.as_of

    def of(self, part: Part, version: int, as_of: int) -> pa.Table | None:
        """Returns the rows of a part; None where they have to be worked out.

        Args:
            part: in which no trace is new since.
            version: of the snapshot, and `as_of` as it has it.
        """
        with self._lock:
            kept = self._kept.get(part) if version == self._version else None
        if kept is None or kept.as_of > as_of or self._sightings.is_named_since(kept.traces, kept.as_of):
            return None
        with self._lock:
            if self._kept.get(part) is kept:
                self._kept[part] = replace(kept, as_of=as_of)
                self._kept.move_to_end(part)
        return kept.rows

    def keep(self, part: Part, rows: pa.Table, traces: pa.Table, version: int, as_of: int) -> None:
        """Remembers a part.

        Args:
            part: which.
            rows: what was found.
            traces: those that play a part in it, in the column `id`, as their bytes.
            version: of the snapshot, and `as_of` as it has it.
        """
        kept = _Kept(rows, keys.of_ids(traces.column("id")), as_of)
        with self._lock:
            if version < self._version:
                return
            if version > self._version:
                self._kept.clear()
                self._version = version
            self._kept[part] = kept
            self._kept.move_to_end(part)
            total = sum(each.rows.num_rows for each in self._kept.values())
            while total > self._most:
                _, gone = self._kept.popitem(last=False)
                total -= gone.rows.num_rows
