"""Senders that go on whatever becomes of the collector: what is not acknowledged is sent again, as OTLP says."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from collector.otlp.signals import SIGNALS, Signal
from tests.collector import marked
from tests.collector.ways import ENCODINGS, Way
from tests.waiting import until_sync

#: Records of one request.
RECORDS: Final = 25

#: One request in so many is given up when it fails.
_GIVEN_UP: Final = 5

#: Seconds until a request that failed is sent again: about as long as a collector takes to come back.
_AGAIN: Final = 0.2

#: Seconds in which each sender has its last answer.
_PATIENCE: Final = 60


@dataclass
class Books:
    """What became of the requests of one sender, by the mark of their records.

    Attributes:
        acknowledged: those that were answered well, for each signal.
        given_up: those that failed once and were not sent again.
        repeated: how often a request was sent again.
    """

    acknowledged: dict[Signal, set[str]] = field(default_factory=lambda: {signal: set() for signal in SIGNALS})
    given_up: dict[Signal, set[str]] = field(default_factory=lambda: {signal: set() for signal in SIGNALS})
    repeated: int = 0

    @property
    def failures(self) -> int:
        """How many answers were none, or bad."""
        return self.repeated + sum(map(len, self.given_up.values()))


class Sender(threading.Thread):
    """Sends requests of every signal in turn over one way.

    Args:
        encoding: of `ENCODINGS`.
        compressed: whether with gzip.
        ports: of the collector, HTTP's and gRPC's.
        rest: while it is not set nothing new is sent.
        ending: set when it is to end.
    """

    def __init__(
        self, encoding: str, ports: tuple[int, int], rest: threading.Event, ending: threading.Event, *, compressed: bool
    ) -> None:
        super().__init__(name=f"{encoding}{' gzip' if compressed else ''}", daemon=True)
        self.books = Books()
        self._way = Way(encoding, f"http://127.0.0.1:{ports[0]}", ports[1], compressed=compressed)
        self._rest = rest
        self._ending = ending

    def run(self) -> None:
        """Sends until it is told to end; what is under way then is sent until it is acknowledged."""
        for number in count():
            for signal in SIGNALS:
                self._rest.wait()
                if self._ending.is_set():
                    self._way.close()
                    return
                self._send(signal, f"{self.name} {number}", is_given_up=number % _GIVEN_UP == 0)

    def _send(self, signal: Signal, mark: str, *, is_given_up: bool) -> None:
        request = marked.request(signal, mark, RECORDS)
        while not self._way.send(signal, request):
            if is_given_up:
                self.books.given_up[signal].add(mark)
                return
            self.books.repeated += 1
            self._ending.wait(_AGAIN)
        self.books.acknowledged[signal].add(mark)


class Senders:
    """One for each encoding, with gzip and without.

    Args:
        ports: of the collector, HTTP's and gRPC's.
    """

    def __init__(self, ports: tuple[int, int]) -> None:
        self.rest = threading.Event()
        self.rest.set()
        self._ending = threading.Event()
        self.all = [
            Sender(encoding, ports, self.rest, self._ending, compressed=compressed)
            for encoding in ENCODINGS
            for compressed in (False, True)
        ]
        for sender in self.all:
            sender.start()

    @property
    def acknowledged(self) -> int:
        """How many requests were, by now."""
        return sum(len(marks) for sender in self.all for marks in sender.books.acknowledged.values())

    def acknowledged_by_sender(self) -> Counter[str]:
        """The same, by encoding."""
        return Counter({sender.name: sum(map(len, sender.books.acknowledged.values())) for sender in self.all})

    def end(self) -> None:
        """Tells all to end, and waits until they have."""
        self._ending.set()
        self.rest.set()
        for sender in self.all:
            sender.join(_PATIENCE)
        until_sync(lambda: not any(sender.is_alive() for sender in self.all), "all senders have ended")


def marks(senders: Sequence[Sender], signal: Signal) -> tuple[set[str], set[str]]:
    """The marks of one signal of all senders: those that were acknowledged, and those that were given up."""
    acknowledged = set().union(*(sender.books.acknowledged[signal] for sender in senders))
    given_up = set().union(*(sender.books.given_up[signal] for sender in senders))
    return acknowledged, given_up
