"""What a process is told by signals: to end in order, and to hurry."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from runtime.supervisor.ending import SIGNALS

#: Seconds in which a second signal is the same order: a terminal and a supervisor tell one process both.
SAME_ORDER: Final = 0.5


class EndSignals:
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
    def handle(self) -> Iterator[None]:
        """Heeds signals until the block ends; from then on one ends the process, whatever is still going on in it."""
        loop = asyncio.get_running_loop()
        heeded = []
        for number in SIGNALS:
            try:
                loop.add_signal_handler(number, self.receive)
            except NotImplementedError:  # on Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.receive))
            else:
                heeded.append(number)
        try:
            yield
        finally:
            for number in heeded:
                loop.remove_signal_handler(number)

    def receive(self) -> None:
        """Takes one signal, or what has the same meaning."""
        now = asyncio.get_running_loop().time()
        if not self.end.is_set():
            self._ended_at = now
            self.end.set()
        elif now - self._ended_at >= SAME_ORDER:
            self.hurry.set()
