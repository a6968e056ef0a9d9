"""Ids that are known to lie in none of some stretches.

Figures of an hour ask, look by look, when everything was stored that names one of some ten thousand traces: to look for
all of them through all that is older took a third of the collector's work for an Overview at ten million spans, and
grew with the store. A stretch that is full holds the same for ever, so only ids that were not asked for before are
looked for there.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from collector.store.keys import Keys
from collector.store.stretch_ids import SearchKeys, StretchIds

#: Ids of one question from which on they are remembered, and ids that are remembered: of eight bytes each.
_FEWEST: Final = 1_000
_MOST: Final = 250_000

#: Of how many stretches, of those of one side, as many have to be those of the other for both to be known together.
_SHARED: Final = 0.8


@dataclass(frozen=True, slots=True)
class KnownAbsences:
    """Ids of several questions, each of which lies in none of the same stretches.

    Attributes:
        numbers: of the ids, sorted.
        stretches: in which none of them is.
    """

    numbers: Keys = field(default_factory=lambda: np.empty(0, np.uint64))
    stretches: frozenset[StretchIds] = frozenset()

    def leave_out(self, wanted: SearchKeys) -> SearchKeys:
        """Returns what may be in these stretches of what is looked for."""
        if not len(self.numbers):
            return wanted
        places = np.searchsorted(self.numbers, wanted.numbers)
        return wanted.select(self.numbers.take(places, mode="clip") != wanted.numbers)

    def add(self, wanted: SearchKeys, unknown: SearchKeys, stretches: frozenset[StretchIds]) -> Self:
        """Returns these with those of one more question; without these, or as they are, where they share too little.

        Args:
            wanted: what was looked for.
            unknown: of that, what `leave_out` returned.
            stretches: that are full, in which nothing of it is.
        """
        if not stretches or not _FEWEST <= len(wanted.numbers) <= _MOST:
            return self
        new, shared = unknown.numbers, self.stretches & stretches
        if len(shared) >= _SHARED * max(len(self.stretches), len(stretches)) and len(self.numbers) + len(new) <= _MOST:
            is_known = not len(new) and len(shared) == len(self.stretches)
            return self if is_known else type(self)(np.sort(np.concatenate([self.numbers, new])), shared)
        if len(stretches) >= _SHARED * len(self.stretches):
            return type(self)(wanted.numbers, stretches)
        return self

    def keep(self, stretches: Collection[StretchIds]) -> Self:
        """Returns these without stretches that there are no more."""
        return type(self)(self.numbers, self.stretches & frozenset(stretches))
