"""An open page looks less often, the longer a look takes."""

import pytest

from dashboard.parts.look_pace import LONGEST, REST, LookPace


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def look_for(clock: Clock, seconds: float) -> str:
    """A look that takes so long."""
    clock.now += seconds
    return "so"


def test_a_page_rests_in_proportion_to_its_look() -> None:
    """So that the looks of a tab take a twentieth of the time."""
    clock = Clock()
    pace = LookPace(clock)
    assert not pace.is_resting
    assert pace.look(lambda: look_for(clock, 2)) == "so"
    clock.now += 2 * REST - 0.1
    assert pace.is_resting
    clock.now += 0.2
    assert not pace.is_resting


def test_a_look_that_takes_no_time_may_be_repeated_at_once() -> None:
    """Nothing has changed, says the collector, and has not looked itself."""
    clock = Clock()
    pace = LookPace(clock)
    pace.look(lambda: look_for(clock, 0))
    assert not pace.is_resting


def test_an_answer_that_is_remembered_does_not_end_a_rest() -> None:
    """A page that has changed is drawn with what its look has found, and looks once more."""
    clock = Clock()
    pace = LookPace(clock)
    pace.look(lambda: look_for(clock, 1))
    pace.look(lambda: look_for(clock, 0))
    assert pace.is_resting


def test_no_rest_is_longer_than_a_minute() -> None:
    """A reader of a page whose one look ran out of time sees what is so soon after."""
    clock = Clock()
    pace = LookPace(clock)
    pace.look(lambda: look_for(clock, 22))
    clock.now += LONGEST - 0.1
    assert pace.is_resting
    clock.now += 0.2
    assert not pace.is_resting


def test_a_look_that_fails_rests_as_well() -> None:
    """A collector that is overloaded is not asked more often for that."""
    clock = Clock()
    pace = LookPace(clock)

    def fail() -> str:
        clock.now += 20
        raise TimeoutError

    with pytest.raises(TimeoutError):
        pace.look(fail)
    assert pace.is_resting
