"""What tests of apps need: `from causeline.testing import harness`."""

from runtime.testing import FakeClock, Harness, RecordedAttempt, Recorder, Tried, TurnedClock, harness

__all__ = ["FakeClock", "Harness", "RecordedAttempt", "Recorder", "Tried", "TurnedClock", "harness"]
