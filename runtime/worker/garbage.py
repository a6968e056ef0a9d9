"""Keeps what a process holds when its worker begins, such as its modules, out of collections of garbage, and has these
come seldom."""

import gc
from typing import Final

#: So many more objects have to be there than after the last time before the young ones are looked through: Python's
#: own number before 3.13, and from then on. Spans that wait to be sent are a dozen each; to look through them the more
#: often took a worker 9 us a step. With 10,000 it is hardly less, and what holds itself in circles stays longer.
_FORMER: Final = 700
_OFTEN_ENOUGH: Final = 2_000


class StartupObjects:
    """Objects that were there when a worker began. A full collection of a process that has little more than its imports
    takes tens of milliseconds, and deliveries bring several a second.

    What was garbage by then, or becomes garbage of this kind, is collected when the worker has ended. Where somebody
    else keeps objects out, or says how often is often enough, that is left as it is.
    """

    def __init__(self) -> None:
        self._is_kept_out = False
        self._thresholds: tuple[int, int, int] | None = None

    def freeze(self) -> None:
        """Keeps all objects that there are now out of collections."""
        if not gc.get_freeze_count():
            gc.freeze()
            self._is_kept_out = True
        thresholds = gc.get_threshold()
        if thresholds[0] == _FORMER:
            self._thresholds = thresholds
            gc.set_threshold(_OFTEN_ENOUGH, *thresholds[1:])

    def unfreeze(self) -> None:
        """Has them collected again."""
        if self._is_kept_out:
            self._is_kept_out = False
            gc.unfreeze()
        if self._thresholds is not None:
            thresholds, self._thresholds = self._thresholds, None
            gc.set_threshold(*thresholds)
