"""How long the next transaction waits for more, by what the last ones were like."""

from collector.store.pace import Pace


class Clock:
    """A clock that goes as it is told to."""

    now = 100.0

    def __call__(self) -> float:
        """Returns the time, in seconds."""
        return self.now


def written(pace: Pace, clock: Clock, seconds: float, *, is_joined: bool) -> None:
    """One transaction, during which another request comes, or none."""
    with pace.writing():
        if is_joined:
            pace.note_arrival()
        clock.now += seconds


def rests(pace: Pace) -> float:
    """How long the next one waits, without what summing up numbers leaves."""
    return round(pace.rest_seconds(), 6)


def test_it_waits_twice_as_long_as_the_last_one_took() -> None:
    """From its end on, so that transactions have a third of the time; and not longer than a quarter of a second."""
    pace = Pace(clock := Clock())
    written(pace, clock, 0.05, is_joined=True)
    assert rests(pace) == 0.1
    clock.now += 0.03
    assert rests(pace) == 0.07
    clock.now += 1.0
    assert rests(pace) == 0.0
    written(pace, clock, 3.0, is_joined=True)
    assert rests(pace) == 0.25


def test_who_waits_for_each_answer_before_sending_more_is_not_held_up() -> None:
    """Nobody else is there to share a transaction with: what comes, comes between two of them."""
    pace = Pace(clock := Clock())
    for _ in range(20):
        pace.note_arrival()
        assert rests(pace) == 0.0
        written(pace, clock, 0.05, is_joined=False)


def test_it_waits_until_nothing_came_during_eight_in_a_row() -> None:
    """Requests that are far apart seldom come during one."""
    pace = Pace(clock := Clock())
    written(pace, clock, 0.05, is_joined=True)
    for _ in range(7):
        written(pace, clock, 0.05, is_joined=False)
        assert rests(pace) == 0.1
    written(pace, clock, 0.05, is_joined=False)
    assert rests(pace) == 0.0
    written(pace, clock, 0.05, is_joined=True)
    assert rests(pace) == 0.1


def test_a_transaction_that_fails_counts_as_any_other() -> None:
    """It took its time."""
    pace = Pace(clock := Clock())
    try:
        with pace.writing():
            pace.note_arrival()
            clock.now += 0.05
            raise OSError
    except OSError:
        assert rests(pace) == 0.1
