"""What a process is told by signals: to end in order, and to hurry."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: Signals that tell a process to end; Windows has no HUP.
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
#: Seconds in which a second signal is the same order: a terminal and a supervisor tell one process both.
SAME_ORDER: Final = 0.5


class Orders:
    """The first signal says to end in order, the second to end at once.

    Attributes:
        end: set by the first.
        hurry: set by the second.
    """

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.hurry = asyncio.Event()
        self._ended_at = 0.0

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Heeds signals until the block ends; from then on one ends the process, whatever is still going on in it."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._tell)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self.end.is_set():
            self._ended_at = now
            self.end.set()
        elif now - self._ended_at >= SAME_ORDER:
            self.hurry.set()
