"""For how long things have been as they are."""

from collector.operations.change_tracker import GAP_SECONDS, ChangeTracker


class Time:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_changes_moves_and_what_stays_stands() -> None:
    """Each by itself."""
    clock = Time()
    motion: ChangeTracker[str] = ChangeTracker(clock)
    assert motion.measure_unchanged_seconds({"a": 1, "b": 1}) == {"a": 0.0, "b": 0.0}
    clock.now = 10.0
    assert motion.measure_unchanged_seconds({"a": 1, "b": 2}) == {"a": 10.0, "b": 0.0}
    clock.now = 15.0
    assert motion.measure_unchanged_seconds({"a": 1, "b": 2, "c": 3}) == {"a": 15.0, "b": 5.0, "c": 0.0}


def test_what_was_not_there_is_not_remembered() -> None:
    """A queue that was empty in between has moved."""
    clock = Time()
    motion: ChangeTracker[str] = ChangeTracker(clock)
    motion.measure_unchanged_seconds({"a": 1})
    clock.now = 10.0
    motion.measure_unchanged_seconds({})
    clock.now = 20.0
    assert motion.measure_unchanged_seconds({"a": 1}) == {"a": 0.0}


def test_nothing_is_known_of_a_time_in_which_nobody_looked() -> None:
    """Between two looks that are far apart it may have moved and come back to where it was."""
    clock = Time()
    motion: ChangeTracker[str] = ChangeTracker(clock)
    motion.measure_unchanged_seconds({"a": 1})
    clock.now = GAP_SECONDS
    assert motion.measure_unchanged_seconds({"a": 1}) == {"a": GAP_SECONDS}
    clock.now += GAP_SECONDS + 1
    assert motion.measure_unchanged_seconds({"a": 1}) == {"a": 0.0}
