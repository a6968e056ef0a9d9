"""Facts that must not get lost with the process that emits them: ends of runs, and changes of dead letters.

The server notes each as unconfirmed in the script that makes it. It is confirmed once its span is sent or safe on disk;
what nobody confirms is adopted: emitted again, by any worker. Emitted twice, it is the same span.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from runtime.facts import Observer, Occurrence
from runtime.supervisor.threads import run_in_thread

#: Age in ms from which on an unconfirmed fact is emitted again: its worker is presumed dead.
ORPHAN_MS: Final = 10_000
#: Seconds that flushing may take at most.
FLUSH_LIMIT: Final = 5.0
#: Facts adopted in one go.
BATCH: Final = 100

Item = TypeVar("Item")


class Reports(Protocol):
    """Facts of one kind that a process has emitted and not yet confirmed."""

    async def confirm(self) -> int:
        """Confirms what is exported; how many."""
        ...

    async def adopt(self) -> int:
        """Emits again what others did not live to confirm; how many."""
        ...


class UnconfirmedFacts(Generic[Item]):
    """Emits facts and remembers which are not confirmed.

    Args:
        observer: takes the facts.
        confirm: notes on the server that these are exported.
    """

    def __init__(self, observer: Observer, confirm: Callable[[Sequence[Item]], Awaitable[None]]) -> None:
        self._observer = observer
        self._confirm = confirm
        self._items: list[Item] = []
        self._losses = 0

    def __contains__(self, item: Item) -> bool:
        return item in self._items

    def emit(self, fact: Occurrence | None, item: Item) -> None:
        """Emits a fact; None where nothing is left to be emitted, and the item is only to be confirmed."""
        if not self._items:
            self._losses = self._observer.losses
        if fact is not None:
            self._observer.emit(fact)
        self._items.append(item)

    async def confirm(self) -> int:
        """Confirms what is exported; how many. What waits in the observer is asked for again. Where spans were lost
        meanwhile, nothing is confirmed, and whoever adopts emits all of it again."""
        items = tuple(self._items)
        if not items:
            return 0
        is_flushed = await run_in_thread(lambda: self._observer.flush(FLUSH_LIMIT))
        if self._observer.losses != self._losses:
            self._items.clear()  # nobody knows whose spans they were
            return 0
        if not is_flushed:
            return 0
        await self._confirm(items)
        del self._items[: len(items)]
        return len(items)
