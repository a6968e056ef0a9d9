"""The end of the process, in time, whatever goes on in it."""

import os
import sys
import threading
from typing import Final

#: Seconds from the order to end until it is over; ten are promised.
LONGEST: Final = 9.0

#: Seconds for which what has been joined may still be alive.
_MOMENT: Final = 0.2


class ShutdownGuard:
    """Leaves at once when an orderly end takes too long: a query or a checkpoint may not be interruptible. All that was
    acknowledged is on the disk, so nothing is lost by that, and the exit status is 0 as well.

    Args:
        longest: seconds that an orderly end may take.
    """

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._over = threading.Event()
        self._guard = threading.Thread(target=self._wait, name="ending", daemon=True)

    def begin(self) -> None:
        """Notes that the end has begun."""
        self._guard.start()

    def finish(self) -> None:
        """Notes that all is closed. Threads that are still busy are not waited for."""
        self._over.set()
        if self._guard.ident is not None:
            self._guard.join()
        others = (thread for thread in threading.enumerate() if thread is not threading.current_thread())
        for thread in others:
            thread.join(0.0 if thread.daemon else _MOMENT)
            if thread.is_alive() and not thread.daemon:
                self._exit_process()

    def _wait(self) -> None:
        if not self._over.wait(self._longest):
            self._exit_process()

    def _exit_process(self) -> None:
        sys.stdout.flush()
        os._exit(0)
