"""When the collector is tried again."""

from runtime.telemetry.pause import Gate
from tests.runtime.telemetry.clocks import TurnedClock


def test_each_failure_shuts_the_gate_for_longer_up_to_five_seconds():
    """1, 2, 4, 5, 5 seconds."""
    clock = TurnedClock()
    gate = Gate(clock)
    assert gate.is_open
    for pause in (1, 2, 4, 5, 5):
        gate.failed()
        clock.turn(pause - 0.01)
        assert not gate.is_open
        clock.turn(0.01)
        assert gate.is_open


def test_success_opens_the_gate_and_forgets_the_failures():
    """The next failure is a first one."""
    clock = TurnedClock()
    gate = Gate(clock)
    gate.failed()
    gate.failed()
    gate.succeeded()
    assert gate.is_open
    gate.failed()
    clock.turn(1)
    assert gate.is_open


def test_the_collector_may_ask_for_a_longer_pause():
    """Within reason."""
    clock = TurnedClock()
    gate = Gate(clock)
    gate.failed(asked=8)
    clock.turn(7.9)
    assert not gate.is_open
    clock.turn(0.2)
    assert gate.is_open
    gate.failed(asked=1e9)
    clock.turn(30)
    assert gate.is_open
