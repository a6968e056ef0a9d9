"""Which spans may be stored already: a filter in memory, so that a new span is known for new without a look into the
store.

A blocked Bloom filter: each key sets a few bits of one word. It may say "seen" of what is new, and never "new" of what
was seen. (F. Putze, P. Sanders, J. Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007.)
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
"""Numbers that are as good as random, one a span."""

#: Bits that a key sets in its word, taken from six bits of the key each.
_BITS: Final = 4

#: Words of the filter at first and at most (8 and 64 MiB), and keys that a word takes before it is grown. Beyond the
#: most, more and more of what is new is looked up in vain.
_FEWEST_WORDS: Final = 2**20
_MOST_WORDS: Final = 2**23
_KEYS_PER_WORD: Final = 2

_ONE: Final = np.uint64(1)


class SeenSpans:
    """Remembers spans by their keys.

    Args:
        expected: how many there will be, for a start.
    """

    def __init__(self, expected: int = 0) -> None:
        words = _FEWEST_WORDS
        while words < _MOST_WORDS and expected > words * _KEYS_PER_WORD:
            words *= 2
        self._words = np.zeros(words, np.uint64)
        self._count = 0

    @property
    def is_crowded(self) -> bool:
        """Whether a larger filter, filled anew, would tell better."""
        return len(self._words) < _MOST_WORDS and self._count > len(self._words) * _KEYS_PER_WORD

    def holds(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Returns which of some keys may have been remembered."""
        marks = _make_marks(keys)
        return np.asarray((self._words[keys % np.uint64(len(self._words))] & marks) == marks, np.bool_)

    def add(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Remembers keys, as `fill` does.

        Returns:
            Which of them may have been there before, or are there more than once: one each key.
        """
        words, marks = keys % np.uint64(len(self._words)), _make_marks(keys)
        suspects = (self._words[words] & marks) == marks
        ordered = np.sort(keys)
        repeated = ordered[1:][ordered[1:] == ordered[:-1]]
        if repeated.size:
            suspects |= np.isin(keys, repeated)
        self._mark(words, marks)
        return np.asarray(suspects, np.bool_)

    def fill(self, keys: Keys) -> None:
        """Remembers keys of which nobody asks whether they were there before."""
        self._mark(keys % np.uint64(len(self._words)), _make_marks(keys))

    def _mark(self, words: Keys, marks: Keys) -> None:
        np.bitwise_or.at(self._words, words, marks)
        self._count += len(marks)


def _make_marks(keys: Keys) -> Keys:
    """Returns the bits of each key, from its upper bits; the lower ones choose its word."""
    marks = np.zeros(len(keys), np.uint64)
    for place in range(_BITS):
        marks |= _ONE << (keys >> np.uint64(64 - 6 * (place + 1)) & np.uint64(63))
    return marks
