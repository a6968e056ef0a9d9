"""The ids that the spans of one stretch name: seven bytes each, and a bit of a mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from collector.store.keys import Keys

#: Bits of a key that are kept: among ten million ids one look in twenty million finds a stretch in vain. By 40 bits it
#: was one in a hundred thousand: of the events of an hour, which are about as many, one nearly always seemed to be old.
_BITS: Final = 48
_LOWER: Final = 16

#: Numbers that are so few are looked through as they are.
_FEW: Final = 65_536

#: Bits of a key that a mark is known by. Of what is not among the ids of a stretch, one in eight has a mark:
#: to look for all that is asked for takes four times as long.
_MARK: Final = 20


@dataclass(frozen=True, slots=True)
class SearchKeys:
    """Sorted numbers that are looked for, with where their marks lie."""

    numbers: Keys
    places: npt.NDArray[np.intp]
    bits: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, ids: Keys) -> Self:
        numbers = _sort_unique(_shorten_keys(ids))
        marks = numbers >> np.uint64(_BITS - _MARK)
        bits = np.uint8(1) << (marks & np.uint64(7)).astype(np.uint8)
        return cls(numbers, (marks >> np.uint64(3)).astype(np.intp), bits)

    def select(self, is_kept: npt.NDArray[np.bool_]) -> Self:
        """Returns those for which something holds."""
        return type(self)(self.numbers[is_kept], self.places[is_kept], self.bits[is_kept])

    def select_marked(self, marks: npt.NDArray[np.uint8]) -> Keys:
        """Returns those that have a mark."""
        return self.numbers[(marks[self.places] & self.bits).astype(np.bool_)]


@dataclass(frozen=True, slots=True, eq=False)
class StretchIds:
    """The ids of a stretch, as sorted numbers whose lowest bytes lie apart. Each is equal to itself alone."""

    since_us: int
    until_us: int
    upper: npt.NDArray[np.uint32]
    lower: npt.NDArray[np.uint16]
    marks: npt.NDArray[np.uint8] | None
    """A bit for each beginning of a number that there is; None where numbers are few."""

    @classmethod
    def of(cls, numbers: Keys, since_us: int, until_us: int) -> Self:
        kept = _sort_unique(_shorten_keys(numbers))
        marks = _make_marks(kept) if len(kept) > _FEW else None
        return cls(since_us, until_us, (kept >> np.uint64(_LOWER)).astype(np.uint32), kept.astype(np.uint16), marks)

    @classmethod
    def merge(cls, parts: Sequence[Self]) -> Self:
        numbers = np.concatenate([part.numbers for part in parts])
        return cls.of(
            numbers << np.uint64(64 - _BITS), min(part.since_us for part in parts), max(part.until_us for part in parts)
        )

    @property
    def numbers(self) -> Keys:
        return np.asarray(self.upper.astype(np.uint64) << np.uint64(_LOWER) | self.lower, np.uint64)

    def has_any(self, asked: SearchKeys) -> bool:
        """Returns whether one of some numbers is among them."""
        if not len(self.upper) or not len(asked.numbers):
            return False
        wanted = asked.numbers if self.marks is None else asked.select_marked(self.marks)
        upper = (wanted >> np.uint64(_LOWER)).astype(np.uint32)
        places = np.searchsorted(self.upper, upper)
        alike = np.flatnonzero(self.upper.take(places, mode="clip") == upper)
        if not alike.size:
            return False
        ends = np.searchsorted(self.upper, upper[alike], "right")
        lower = wanted.astype(np.uint16)
        return any(lower[one] in self.lower[places[one] : end] for one, end in zip(alike, ends, strict=True))


def _make_marks(kept: Keys) -> npt.NDArray[np.uint8]:
    marks = np.zeros(1 << _MARK, np.bool_)
    marks[(kept >> np.uint64(_BITS - _MARK)).astype(np.intp)] = True
    return np.packbits(marks, bitorder="little")


def _sort_unique(numbers: Keys) -> Keys:
    """Returns numbers in their order, each once; `numpy.unique` takes eighty times as long."""
    return drop_repeats(np.sort(numbers))


def _shorten_keys(numbers: Keys) -> Keys:
    return np.asarray(numbers >> np.uint64(64 - _BITS), np.uint64)


def drop_repeats(numbers: Keys) -> Keys:
    """Returns numbers without those that repeat the one before: spans of a trace come together."""
    return numbers[np.concatenate([[True], numbers[1:] != numbers[:-1]])] if len(numbers) else numbers
