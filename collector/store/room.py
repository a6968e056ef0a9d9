"""How much memory the database may take: little, and all that it may while something takes long.

It keeps whatever it has read until it reaches its limit, whether anybody asks for that again or not; so the limit is
what the collector holds after a day. Most questions need a few MiB. What joins or sorts everything that there is puts
what does not fit on the disk, and takes several times as long; some of it can't, and fails. What is done part by part
says so, and has more only where a part takes long.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from collector.errors import RoomError, StoreError

#: MiB that are enough for what is asked and stored from second to second, at ten million spans.
USUAL_MIB: Final = 256

#: Seconds that something may take before there is more, and for how long there is.
_PATIENCE: Final = 5.0
_REST: Final = 10.0


class MemoryRoom:
    """What a database may take at a time.

    Args:
        most_mib: what it may take at most, in MiB.

    Attributes:
        given_mib: what it has now.
    """

    def __init__(self, most_mib: int) -> None:
        self._most_mib = most_mib
        self.usual_mib = self.given_mib = min(USUAL_MIB, most_mib)
        self._begun: dict[object, float] = {}
        self._wide_until = float("-inf")

    @contextmanager
    def mark_use(self) -> Iterator[Callable[[], None]]:
        """Marks the time in which something goes on.

        Yields:
            What says that a part of it is done, and the next one begins: many short parts need little, as one does.
        """
        mark = object()

        def begin() -> None:
            self._begun[mark] = time.monotonic()

        begin()
        try:
            yield begin
        finally:
            del self._begun[mark]

    def allowed_mib(self) -> int:
        """Returns what it may take now, in MiB, by how long what goes on has done so."""
        now = time.monotonic()
        if now - min(list(self._begun.values()), default=now) >= _PATIENCE:
            self._widen()
        return self._most_mib if now < self._wide_until else self.usual_mib

    def make_memory_error(self, had_mib: int) -> StoreError:
        """Returns the error for what did not fit. From now on it wants all that it may take, for a while.

        Args:
            had_mib: what it had when that began, in MiB. It may have been given more, or less, meanwhile, as something
                else did not fit either, or is done.
        """
        least_mib = min(had_mib, self.given_mib)
        if least_mib < self._most_mib:
            self._widen()
            return RoomError(f"the database needs more than the {least_mib:,} MiB that it had; ask again")
        return StoreError(
            f"the database needs more than the {least_mib:,} MiB that CAUSELINE_MEMORY_MIB lets it take; "
            "ask for less, or give it more"
        )

    def _widen(self) -> None:
        self._wide_until = time.monotonic() + _REST
