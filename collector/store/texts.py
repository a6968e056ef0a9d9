"""When the spans were stored that say a text, in the columns that lists are searched in.

Names and subjects are few: sixty thousand spans have some hundred different ones, and those of ten million are
held against what is searched for within a millisecond or two. Who knows in which columns it was said, and when, reads
no other; to look through all of these columns took 20 ms of CPU for each million spans.

It names all that may say it, and more: text that is not ASCII, or has escapes, is read where it lies. In memory, at
most 64 KiB a column of each stretch, and read anew after each start. An index of whole words was refused: half of a
subject is searched for as well.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store.sightings import EVERYTHING, NOTHING, Stretch

#: The columns whose texts are known, and the parts of `work`; each is named by `in_` and its name in queries.
COLUMNS: Final = (
    "subject",
    "workflow",
    "channel",
    "step",
    "consumer_group",
    "agent",
    "error_type",
    "reason",
    "operator",
    "event_source",
    "message_id",
    "run_version",
    "name",
    "service",
    "status_message",
    "session_id",
    "user_id",
)
WORK: Final = ("model", "tool")

#: Spans of one stretch, about: half as many as lie in a block that the database reads or leaves out, so that the two in
#: which one ends and another begins are two or three blocks.
SPANS: Final = 60_000

#: Characters of a column within a stretch; where there are more, it may say anything.
_MOST: Final = 65_536

#: Parts of the stretch that still grows, one a transaction, after which they are put together.
_PARTS: Final = 64

#: Times that a query keeps to at most: a text that is said in more of them is looked for between these, too.
_TIMES: Final = 4

#: What is said, by column: in lower case, a line each, and None where it may be anything.
Said = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Where a text may be said: in these columns, of spans that were stored within one of these stretches."""

    columns: frozenset[str]
    stretches: tuple[Stretch, ...]

    @property
    def values(self) -> dict[str, Any]:
        """The values of queries that look for it."""
        times = [*self.stretches, *[NOTHING] * (_TIMES - len(self.stretches))]
        return {
            **{f"in_{name}": name in self.columns for name in (*COLUMNS, *WORK)},
            "since_us": [each.since_us for each in times],
            "until_us": [each.until_us for each in times],
        }


#: Where it is not known.
ANYWHERE: Final = Mentions(frozenset((*COLUMNS, *WORK)), (EVERYTHING,))


class TextIndex:
    """Where texts are said among the spans that are stored. It may name more than there is, and never less.

    Told by the writer, before it commits; asked by everybody. Nothing is known until `learn`, and after `forget`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._is_known = False
        self._closed: list[_StretchTexts] = []
        self._growing: list[_StretchTexts] = []
        self._spans = 0
        self._gone_before_us = EVERYTHING.since_us

    @property
    def is_known(self) -> bool:
        """Whether all that is stored is known."""
        return self._is_known

    @property
    def version(self) -> int:
        """A number for `learn`: one more after each `forget`."""
        return self._version

    def find_mentions(self, literal: str) -> Mentions:
        """Returns where a text may be said.

        Args:
            literal: what texts hold that are ASCII and say it, in lower case; of one line.
        """
        with self._lock:
            if not self._is_known:
                return ANYWHERE
            parts = [*self._closed, *self._growing]
        found = [(part, columns) for part in parts if (columns := part.find_columns(literal))]
        return Mentions(
            frozenset().union(*(columns for _, columns in found)), _merge_times([part for part, _ in found])
        )

    def learn(self, stored: Iterable[pa.RecordBatch], version: int) -> None:
        """Takes in what was stored before.

        Args:
            stored: spans as `INGEST_STORED_TEXTS` has them; of a snapshot in which all is that was stored when the
                version was, and that nobody has told.
            version: `version` at that time.
        """
        parts = list(_split_into_stretches(stored))
        with self._lock:
            if version == self._version:
                self._closed, self._is_known = [*parts, *self._closed], True

    def forget(self) -> None:
        """Gives up all that is known: something is stored that nobody tells."""
        with self._lock:
            self._is_known, self._closed, self._growing, self._spans = False, [], [], 0
            self._version += 1

    def add(self, spans: pa.Table, stored_us: int) -> None:
        """Takes in spans that are about to be stored; also while nothing else is known.

        Args:
            spans: with all columns of texts.
            stored_us: when they are.
        """
        part = _StretchTexts.of(spans, stored_us, stored_us)
        with self._lock:
            self._growing.append(part)
            self._spans += spans.num_rows
            is_full = self._spans >= SPANS
            if is_full or len(self._growing) > _PARTS:
                self._growing = [_StretchTexts.merge(self._growing)]
            if is_full:
                self._closed += self._growing
                self._growing, self._spans = [], 0

    def amend(self, spans: pa.Table, stored: Stretch) -> None:
        """Takes in what spans say that are stored already, and are read anew.

        Args:
            spans: with all columns of texts.
            stored: when they were.
        """
        told = _StretchTexts.of(spans, *stored)
        with self._lock:
            for part in (*self._closed, *self._growing):
                if part.since_us <= stored.until_us and part.until_us >= stored.since_us:
                    part.said = _merge_texts([part.said, told.said])
            if not self._is_known:
                self._closed.append(told)

    def drop(self, before_us: int) -> None:
        """Leaves out stretches of which everything is gone: all that is left was stored since. They go at the next
        call, as somebody may still read a snapshot in which it was there. Where a clock was set back, something was
        stored meanwhile that is older than what was the oldest then."""
        with self._lock:
            gone_before_us = min(self._gone_before_us, before_us)
            self._closed = [part for part in self._closed if part.until_us >= gone_before_us]
            self._gone_before_us = before_us


@dataclass(slots=True)
class _StretchTexts:
    """What spans say that were stored from one time to another; of a column of which nothing is said, there is none."""

    since_us: int
    until_us: int
    said: Said

    @classmethod
    def of(cls, spans: pa.Table | pa.RecordBatch, since_us: int, until_us: int) -> "_StretchTexts":
        said = {
            name: _join_lines(pc.unique(column).to_pylist())
            for name, column in _text_columns(spans)
            if column.null_count < len(column)
        }
        return cls(since_us, until_us, said)

    @classmethod
    def merge(cls, parts: "Sequence[_StretchTexts]") -> "_StretchTexts":
        since_us, until_us = min(part.since_us for part in parts), max(part.until_us for part in parts)
        return cls(since_us, until_us, _merge_texts([part.said for part in parts]))

    def find_columns(self, literal: str) -> list[str]:
        """Returns the columns that may say it."""
        return [name for name, said in self.said.items() if said is None or literal in said]


def _text_columns(spans: pa.Table | pa.RecordBatch) -> Iterator[tuple[str, Any]]:
    yield from ((name, spans.column(name)) for name in COLUMNS)
    work = spans.column("work")
    if work.null_count < len(work):
        yield from ((name, pc.struct_field(work, name)) for name in WORK)


def _join_lines(texts: Iterable[str | None]) -> str | None:
    said = "\n".join(dict.fromkeys(text.lower() for text in texts if text))
    return said if said.isascii() and "\\u" not in said and len(said) <= _MOST else None


def _merge_texts(several: Sequence[Said]) -> Said:
    """Returns what is said in one of several."""
    names = dict.fromkeys(name for said in several for name in said)
    return {name: _merge_lines([said[name] for said in several if name in said]) for name in names}


def _merge_lines(parts: Sequence[str | None]) -> str | None:
    lines: dict[str, None] = {}
    for part in parts:
        if part is None:
            return None
        lines |= dict.fromkeys(part.split("\n"))
    return _join_lines(lines)


def _split_into_stretches(stored: Iterable[pa.RecordBatch]) -> "Iterator[_StretchTexts]":
    gathered: list[_StretchTexts] = []
    spans = 0
    for batch in (each for each in stored if each.num_rows):
        gathered.append(_StretchTexts.of(batch, *_find_bounds(batch)))
        spans += batch.num_rows
        if spans >= SPANS:
            yield _StretchTexts.merge(gathered)
            gathered, spans = [], 0
    if gathered:
        yield _StretchTexts.merge(gathered)


def _find_bounds(spans: pa.RecordBatch) -> Stretch:
    bounds = pc.min_max(spans.column("stored_us")).as_py()
    return Stretch(bounds["min"], bounds["max"])


def _merge_times(parts: Sequence[_StretchTexts]) -> tuple[Stretch, ...]:
    """Returns the times of some parts, as few as a query keeps to: of more, the shortest gaps belong to them."""
    times: list[Stretch] = []
    for part in sorted(parts, key=lambda part: part.since_us):
        if times and part.since_us <= times[-1].until_us:
            times[-1] = Stretch(times[-1].since_us, max(times[-1].until_us, part.until_us))
        else:
            times.append(Stretch(part.since_us, part.until_us))
    while len(times) > _TIMES:
        gaps = [after.since_us - before.until_us for before, after in pairwise(times)]
        at = gaps.index(min(gaps))
        times[at : at + 2] = [Stretch(times[at].since_us, times[at + 1].until_us)]
    return tuple(times)
