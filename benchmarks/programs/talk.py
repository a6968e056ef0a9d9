"""What every program under measurement does: say that it is ready, wait for the order, tell its figures.

The standard library alone: peers import it in environments of their own.
"""

import asyncio
import json
import math
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

#: What publishers have under way at once.
AT_ONCE = 100

#: A payload of 300 bytes, as JSON.
PAYLOAD = {"order": "o-0000001", "weight": 3.5, "route": ["AMS", "FRA", "MUC"], "note": "x" * 215}


def announce_ready() -> None:
    """Says that the program can begin, and waits for the order."""
    print("ready", flush=True)
    sys.stdin.readline()


async def announce_ready_async() -> None:
    """The same, while an event loop goes on."""
    await asyncio.to_thread(announce_ready)


def print_figures(**figures: float) -> None:
    """Tells figures, and stays until it is ended."""
    print(json.dumps(figures), flush=True)


def cpu_s() -> float:
    """Seconds of a core that this process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def publish_all(count: int, publish: Callable[[int], Awaitable[object]]) -> None:
    """Publishes as fast as it goes, `AT_ONCE` at a time."""
    numbers = iter(range(count))

    async def lane() -> None:
        for number in numbers:
            await publish(number)

    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))


async def publish_at(count: int, rate: float, publish: Callable[[int], Awaitable[object]]) -> None:
    """Publishes at a steady rate a second."""
    began = time.monotonic()
    for number in range(count):
        wait = began + number / rate - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        await publish(number)


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of all lies."""
    return sorted_values[min(len(sorted_values) - 1, math.ceil(share * len(sorted_values)) - 1)]


class Arrivals:
    """Counts what arrives, and tells when all has.

    Args:
        count: how many there will be.
    """

    def __init__(self, count: int) -> None:
        self._left = count
        self._cpu = cpu_s()
        self._delays: list[float] = []
        self.done = asyncio.Event()
        self.last = 0.0

    def begin(self) -> None:
        """CPU is counted from now on."""
        self._cpu = cpu_s()

    def record_arrival(self, sent: float) -> None:
        """One has arrived that was sent at a time (seconds since 1970)."""
        now = time.time()
        self._delays.append(now - sent)
        self._left -= 1
        if self._left == 0:
            self.last = now
            self.done.set()

    def print_figures(self) -> None:
        """Tells when the last came, what all cost, and how long they took."""
        delays = sorted(self._delays)
        print_figures(
            last=self.last,
            cpu=cpu_s() - self._cpu,
            p50=percentile(delays, 0.5) * 1000,
            p99=percentile(delays, 0.99) * 1000,
        )
