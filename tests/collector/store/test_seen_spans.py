"""What was seen is never called new; what is new is nearly always."""

import numpy as np

from collector.store.seen_spans import SeenSpans


def keys(first: int, count: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Numbers as good as random, the same in every run."""
    return np.random.default_rng(first).integers(0, 2**64, count, np.uint64)


def test_a_key_is_known_again() -> None:
    """Among others, and in whatever company."""
    seen, first = SeenSpans(), keys(1, 10_000)
    assert not seen.add(first).any()
    assert seen.add(np.concatenate([keys(2, 500), first[::7]]))[500:].all()


def test_what_nobody_asked_of_is_known_again() -> None:
    """As what is stored already is told."""
    seen = SeenSpans()
    seen.fill(np.concatenate([keys(1, 10_000), keys(1, 10)]))
    assert not seen.add(keys(2, 10_000)).any()
    assert seen.add(keys(1, 10_000)).all()


def test_a_key_that_is_there_twice_is_told_twice() -> None:
    """Both may be the one to keep."""
    again = np.array([5, 9, 5, 7], np.uint64)
    assert SeenSpans().add(again).tolist() == [True, False, True, False]


def test_little_that_is_new_is_suspected() -> None:
    """As many as the filter is meant to hold; it says so when there are more."""
    seen = SeenSpans()
    seen.add(keys(1, 2_000_000))
    assert not seen.is_crowded
    assert seen.add(keys(2, 100_000)).mean() < 0.03
    assert seen.is_crowded
    assert not SeenSpans(2 * 2_100_000).is_crowded
