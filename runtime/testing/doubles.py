"""Test doubles: an observer that remembers facts, and clocks that a test turns."""

import threading
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

from runtime.facts import (
    Ambient,
    AttemptEnded,
    CallBegun,
    CallEnded,
    DeliveryBegun,
    Fact,
    Occurrence,
    StepBegun,
)
from runtime.outages import Outage
from runtime.transfers import Transfer

AnyFact = TypeVar("AnyFact", bound=Fact | Outage | Transfer)


@dataclass(slots=True, eq=False)
class RecordedCall:
    """A recorded call as it was told: how it began, and how it ended."""

    begun: CallBegun
    ended: CallEnded | None = None

    def activate(self) -> AbstractContextManager[None]:
        return nullcontext()

    def end(self, ended: CallEnded) -> None:
        if self.ended is not None:
            raise AssertionError(f"this call has ended before: {self.begun}")
        self.ended = ended


@dataclass(slots=True, eq=False)
class RecordedAttempt:
    """An attempt as it was told: how it began, how often it was said to go on, its calls, and how it ended."""

    begun: StepBegun | DeliveryBegun
    pendings: int = 0
    calls: list[RecordedCall] = field(default_factory=list)
    ended: AttemptEnded | None = None

    def activate(self) -> AbstractContextManager[None]:
        return nullcontext()

    def pending(self) -> None:
        self.pendings += 1

    def call(self, begun: CallBegun) -> RecordedCall:
        self.calls.append(call := RecordedCall(begun))
        return call

    def end(self, ended: AttemptEnded) -> None:
        if self.ended is not None:
            raise AssertionError(f"this attempt has ended before: {self.begun}")
        self.ended = ended


@dataclass(eq=False)
class Recorder:
    """An `Observer` that keeps all facts in order, for tests. May be told from any thread.

    Attributes:
        surroundings: what `ambient` answers.
        closed: whether it was closed.
        losses: what `losses` answers.
    """

    surroundings: Ambient = field(default_factory=Ambient)
    closed: bool = False
    losses: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._facts: list[Fact | Outage | Transfer] = []
        self._attempts: list[RecordedAttempt] = []

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts about nodes in the order told, beginnings of attempts among them."""
        with self._lock:
            return tuple(fact for fact in self._facts if isinstance(fact, Fact))

    @property
    def attempts(self) -> tuple[RecordedAttempt, ...]:
        """All attempts in the order begun."""
        with self._lock:
            return tuple(self._attempts)

    def of(self, kind: type[AnyFact]) -> list[AnyFact]:
        """The facts of one kind, in the order told."""
        with self._lock:
            return [fact for fact in self._facts if isinstance(fact, kind)]

    def clear(self) -> None:
        """Forgets everything so far."""
        with self._lock:
            self._facts.clear()
            self._attempts.clear()

    def ambient(self) -> Ambient:
        return self.surroundings

    def open(self, begun: StepBegun | DeliveryBegun) -> RecordedAttempt:
        attempt = RecordedAttempt(begun)
        with self._lock:
            self._facts.append(begun)
            self._attempts.append(attempt)
        return attempt

    def emit(self, fact: Occurrence) -> None:
        with self._lock:
            self._facts.append(fact)

    def flush(self, timeout: float) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


class FakeClock:
    """A `Clock` that stands still until it is turned.

    Args:
        seconds: where it stands, since 1970-01-01 UTC.
    """

    def __init__(self, seconds: float = 1_000_000_000.0) -> None:
        self._lock = threading.Lock()
        self._ns = round(seconds * 1e9)

    def turn(self, seconds: float) -> None:
        """Moves both its times forward."""
        with self._lock:
            self._ns += round(seconds * 1e9)

    def now_ns(self) -> int:
        return self._ns

    def monotonic(self) -> float:
        return self._ns / 1e9


class TurnedClock:
    """A `Clock` that runs as the machine's does, ahead of it by what a test has turned it."""

    def __init__(self) -> None:
        self._ahead_ns = 0

    def turn(self, seconds: float) -> None:
        """Moves both its times forward."""
        self._ahead_ns += round(seconds * 1e9)

    def now_ns(self) -> int:
        return time.time_ns() + self._ahead_ns

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead_ns / 1e9
