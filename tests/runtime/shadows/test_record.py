"""How far a step and its successor agree."""

import pytest

from runtime.shadows.record import build_agreement


def test_agreement_comes_with_its_interval():
    """Which stays sensible for few comparisons and where all agreed; Wilson's, as tables have it."""
    found = build_agreement(9, 10)
    assert found is not None
    assert (found.share, found.low, found.high) == pytest.approx((0.9, 0.5958, 0.9821), abs=1e-4)
    all_agreed = build_agreement(10, 10)
    assert all_agreed is not None
    assert (all_agreed.low, all_agreed.high) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert build_agreement(0, 0) is None
