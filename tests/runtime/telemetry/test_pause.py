"""When the collector is tried again."""

from runtime.telemetry.pause import Pause
from tests.runtime.telemetry.clocks import TurnedClock


def test_each_failure_pauses_for_longer_up_to_five_seconds():
    """1, 2, 4, 5, 5 seconds."""
    clock = TurnedClock()
    pause = Pause(clock)
    assert pause.is_over
    for seconds in (1, 2, 4, 5, 5):
        pause.record_failure()
        clock.turn(seconds - 0.01)
        assert not pause.is_over
        clock.turn(0.01)
        assert pause.is_over


def test_success_ends_the_pause_and_forgets_the_failures():
    """The next failure is a first one."""
    clock = TurnedClock()
    pause = Pause(clock)
    pause.record_failure()
    pause.record_failure()
    pause.record_success()
    assert pause.is_over
    pause.record_failure()
    clock.turn(1)
    assert pause.is_over


def test_the_collector_may_ask_for_a_longer_pause():
    """Within reason."""
    clock = TurnedClock()
    pause = Pause(clock)
    pause.record_failure(asked=8)
    clock.turn(7.9)
    assert not pause.is_over
    clock.turn(0.2)
    assert pause.is_over
    pause.record_failure(asked=1e9)
    clock.turn(30)
    assert pause.is_over
