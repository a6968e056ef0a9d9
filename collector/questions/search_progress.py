"""How far a search has come: it looks at what is newest first, one stretch of time after another, and stops when it has
taken its time. Where it stopped is said, and is where the next look begins."""

import base64
import binascii
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from collector.questions.paging import make_cursor_error
from collector.questions.windows import END_OF_TIME_NS

#: Seconds that one look should take at most, so that a search ends in time.
_LOOK_SECONDS: Final = 0.5

#: Marks that the first look goes back, and that any does at most. To ask at all costs as much as to read 10,000 spans.
_FIRST: Final = 4
_MOST: Final = 64

_NO_ID: Final = UUID(int=0)
_LAST_ID: Final = UUID(int=2**128 - 1)
_IDS, _TEXTS = "ids", "texts"


@dataclass(frozen=True, slots=True)
class SearchPosition:
    """Where a search goes on: behind this node, by time and id; among what an id leads to, or among texts."""

    before_ns: int = END_OF_TIME_NS
    before_id: UUID = _LAST_ID
    in_texts: bool = False

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        """Returns the place that a cursor names; the beginning without one.

        Raises:
            BadQueryError: when it is no cursor of ours.
        """
        if not cursor:
            return cls()
        try:
            kind, at, id_ = base64.urlsafe_b64decode(cursor.encode()).decode().split(".")
            if kind not in (_IDS, _TEXTS) or not 0 <= int(at) <= END_OF_TIME_NS:
                raise ValueError(cursor)
            return cls(int(at), UUID(id_), kind == _TEXTS)
        except (ValueError, binascii.Error):
            raise make_cursor_error(cursor) from None

    @property
    def cursor(self) -> str:
        """The place as text."""
        kind = _TEXTS if self.in_texts else _IDS
        return base64.urlsafe_b64encode(f"{kind}.{self.before_ns}.{self.before_id.hex}".encode()).decode()

    @property
    def is_begin(self) -> bool:
        """Whether nothing was answered before."""
        return self == type(self)()

    @property
    def back_to_ns(self) -> int | None:
        """How far back texts were looked through; None where none were."""
        return self.before_ns if self.in_texts and self.before_ns != END_OF_TIME_NS else None

    def move_behind(self, at_ns: int, id_: UUID | None = None) -> Self:
        """Returns the place behind a node; without one, before a time."""
        return type(self)(at_ns, id_ or _NO_ID, self.in_texts)


@dataclass(frozen=True, slots=True)
class SearchPace:
    """How long a search may look, and in what steps.

    Attributes:
        seconds: after which no further look begins.
        every: records between two marks, where time is cut into stretches.
        clock: seconds, of which differences count.
    """

    seconds: float = 2.0
    every: int = 2_000
    clock: Callable[[], float] = time.monotonic


class TimeSlicer:
    """Cuts time before a place into stretches, the newest first. Each holds twice as many records as the one before
    while looks are quick, and half as many where one was slow: nobody knows beforehand how long texts are.

    Args:
        marks: when every so many-th record began, the latest first.
    """

    def __init__(self, marks: Sequence[int]) -> None:
        self._marks = marks
        self._size = _FIRST

    def cut_before(self, end_ns: int) -> Iterator[tuple[int, int]]:
        """Yields begin and end of each, the end not included; the last one begins with time."""
        at = 0
        while end_ns > 0:
            at += self._size
            begin = self._marks[at - 1] if at <= len(self._marks) else 0
            if begin < end_ns:
                yield begin, end_ns
                end_ns = begin

    def note_duration(self, seconds: float) -> None:
        """Notes how long the look at the last one took."""
        self._size = max(1, self._size // 2) if seconds > _LOOK_SECONDS else min(_MOST, self._size * 2)
