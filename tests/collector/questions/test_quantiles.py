"""Quantiles of histograms."""

import pytest

from collector.questions.quantiles import BucketDistribution

Histogram = tuple[list[int], list[float], float | None, float | None]


def spread(*histograms: Histogram) -> BucketDistribution:
    """Histograms, added up."""
    made = BucketDistribution()
    for histogram in histograms:
        made.add_buckets(*histogram)
    return made


@pytest.mark.parametrize(
    ("histogram", "share", "value"),
    [
        (([0, 10, 0], [1, 3], None, None), 0.5, 2.0),
        (([0, 10, 0], [1, 3], None, None), 1.0, 3.0),
        (([10, 0], [4], None, None), 0.5, 2.0),
        (([0, 10], [4], None, 8.0), 0.5, 6.0),
        (([0, 10], [4], None, None), 0.95, 4.0),
        (([5], [], 2.0, 4.0), 0.5, 3.0),
        (([5], [], 2.0, 2.0), 0.5, 2.0),
        (([2, 2], [-1.0], -3.0, 1.0), 0.5, -1.0),
        (([0, 0], [1], None, None), 0.5, None),
        (([], [], None, None), 0.5, None),
        (([3, -1, 0], [1, 2], None, None), 1.0, 1.0),
    ],
)
def test_a_quantile_is_estimated_within_its_bucket(histogram: Histogram, share: float, value: float | None) -> None:
    """The least and the greatest are the ends of open buckets, where they are known."""
    assert spread(histogram).estimate_quantile(share) == pytest.approx(value)


def test_histograms_of_different_bounds_are_added_up() -> None:
    """Two processes may be configured differently."""
    both = spread(([0, 4, 0], [0, 2], None, None), ([0, 4, 0], [1, 3], None, None))
    assert both.estimate_quantile(0.5) == pytest.approx(1.5)
    assert both.estimate_quantile(1) == 3
