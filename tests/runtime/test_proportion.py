"""One interval for all shares that are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.proportion import wilson_interval


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(9, 10, 0.5958, 0.9821), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (50, 100, 0.4038, 0.5962), (0, 0, 0.0, 1.0)],
)
def test_it_is_as_tables_have_it(hits: int, n: int, low: float, high: float):
    """Wilson's, of 95 %; of nothing nothing is known."""
    assert wilson_interval(hits, n) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_it_holds_the_share_and_reaches_its_ends_exactly(of: tuple[int, int]):
    """However few, many or extreme."""
    hits, n = of
    low, high = wilson_interval(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    assert (low == 0, high == 1) == (hits == 0, hits == n)
