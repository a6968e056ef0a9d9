"""How long the next transaction waits for more, by what the last ones were like."""

from contextlib import suppress

from collector.store.transaction_pace import TransactionPace


class Clock:
    """A clock that goes as it is told to."""

    now = 100.0

    def __call__(self) -> float:
        """Returns the time, in seconds."""
        return self.now


def written(pace: TransactionPace, clock: Clock, seconds: float, requests: int = 1) -> None:
    """One transaction."""
    with pace.measure(requests):
        clock.now += seconds


def rests(pace: TransactionPace) -> float:
    """How long the next one waits, without what summing up numbers leaves."""
    return round(pace.rest_seconds(), 6)


def test_it_waits_twice_as_long_as_the_last_one_took() -> None:
    """From its end on, so that transactions have a third of the time; and not longer than a quarter of a second."""
    pace = TransactionPace(clock := Clock())
    written(pace, clock, 0.05)
    assert rests(pace) == 0.1
    clock.now += 0.03
    assert rests(pace) == 0.07
    clock.now += 1.0
    assert rests(pace) == 0.0
    written(pace, clock, 3.0)
    assert rests(pace) == 0.25


def test_who_waits_for_each_answer_before_sending_more_is_not_held_up() -> None:
    """Nobody else is there to share a transaction with."""
    pace = TransactionPace(clock := Clock())
    assert pace.is_recent_maximum(1)
    written(pace, clock, 0.05)
    assert pace.is_recent_maximum(1)


def test_as_many_as_came_together_of_late_are_everyone() -> None:
    """Each of four connections waits for its answer: who waits for a fifth request holds all of them up."""
    pace = TransactionPace(clock := Clock())
    written(pace, clock, 0.05, requests=4)
    assert [pace.is_recent_maximum(number) for number in (3, 4, 5)] == [False, True, True]


def test_who_sends_no_more_is_forgotten_after_eight_transactions() -> None:
    """Of four senders one is left."""
    pace = TransactionPace(clock := Clock())
    written(pace, clock, 0.05, requests=4)
    for _ in range(7):
        written(pace, clock, 0.05)
        assert not pace.is_recent_maximum(1)
    written(pace, clock, 0.05)
    assert pace.is_recent_maximum(1)


def test_a_transaction_that_fails_counts_as_any_other() -> None:
    """It took its time."""
    pace = TransactionPace(clock := Clock())
    with suppress(OSError), pace.measure(1):
        clock.now += 0.05
        raise OSError
    assert rests(pace) == 0.1
