"""What tests of apps need; documented as `causeline.testing`."""

from runtime.testing.doubles import FakeClock, RecordedAttempt, Recorder, TurnedClock
from runtime.testing.harness import Harness, Tried, harness

__all__ = ["FakeClock", "Harness", "RecordedAttempt", "Recorder", "Tried", "TurnedClock", "harness"]
