"""Ids of the few things that are so, which takes long to find: of what was stored up to a time, to go on from there.

Only what is stored can make something so, or end it: whoever asks later looks at what was stored since. What is
changed, removed or shown no more is told by the version of a snapshot.
"""

import threading
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

#: How often what was stored was changed or removed in place, and how often one of its records was shown no more.
Version = tuple[int, int]

#: Microseconds for which it is believed that there are too many.
_MANY_US: Final = 60 * 10**6


@dataclass(frozen=True, slots=True)
class ShortlistedIds:
    """What was found.

    Attributes:
        ids: in the column `id`, as their bytes; None where there were too many.
        as_of: of what was stored until then, in microseconds as `Session.as_of` has them.
    """

    ids: pa.Table | None
    as_of: int


class Shortlist:
    """What was found last, and what before that: for who has opened a snapshot already."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[ShortlistedIds, ...] = ()
        self._version: Version = (-1, -1)

    def get(self, version: Version, as_of: int) -> ShortlistedIds | None:
        """Returns what was found of what a snapshot holds, or of a part of it; None where that has to be looked for.

        Args:
            version: of the snapshot, and `as_of` as it has it.
        """
        with self._lock:
            every = self._kept if version == self._version else ()
        found = next((listed for listed in every if listed.as_of <= as_of), None)
        is_over = found is not None and found.ids is None and as_of - found.as_of > _MANY_US
        return None if is_over else found

    def keep(self, ids: pa.Table | None, version: Version, as_of: int) -> None:
        """Takes in what was found in a snapshot.

        Args:
            ids: as `ShortlistedIds` has them.
            version: of the snapshot, and `as_of` as it has it.
        """
        with self._lock:
            if version < self._version:
                return
            before = self._kept[:1] if version == self._version else ()
            if not before or before[0].as_of < as_of:
                self._kept, self._version = (ShortlistedIds(ids, as_of), *before), version

    def carry_over(self, before: Version, after: Version) -> None:
        """Believes what was found under a version under the next one, too: of what was removed since whole, an id finds
        nothing."""
        with self._lock:
            if before == self._version:
                self._version = after
