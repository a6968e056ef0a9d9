"""What tests of apps need: `from causeline.testing import harness`."""

from runtime.facts import (
    AttemptEnded,
    DeadLettered,
    DeliveryBegun,
    Discarded,
    EventPublished,
    Replayed,
    RunEnded,
    RunStarted,
    StepBegun,
)
from runtime.testing import FakeClock, Harness, RecordedAttempt, Recorder, Tried, TurnedClock, harness

__all__ = [
    "AttemptEnded",
    "DeadLettered",
    "DeliveryBegun",
    "Discarded",
    "EventPublished",
    "FakeClock",
    "Harness",
    "RecordedAttempt",
    "Recorder",
    "Replayed",
    "RunEnded",
    "RunStarted",
    "StepBegun",
    "Tried",
    "TurnedClock",
    "harness",
]
