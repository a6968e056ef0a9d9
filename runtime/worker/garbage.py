"""Keeps what a process holds when its worker begins, such as its modules, out of collections of garbage."""

import gc


class Standing:
    """Objects that were there when a worker began. A full collection of a process that has little more than its imports
    takes tens of milliseconds, and deliveries bring several a second.

    What was garbage by then, or becomes garbage of this kind, is collected when the worker has ended. Where somebody
    else keeps objects out, that is left as it is.
    """

    def __init__(self) -> None:
        self._is_kept_out = False

    def keep_out(self) -> None:
        """Keeps all objects that there are now out of collections."""
        if not gc.get_freeze_count():
            gc.freeze()
            self._is_kept_out = True

    def give_back(self) -> None:
        """Has them collected again."""
        if self._is_kept_out:
            self._is_kept_out = False
            gc.unfreeze()
