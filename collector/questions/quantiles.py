"""Quantiles estimated from histograms. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class BucketDistribution:
    """Measurements in buckets, of any bounds: histograms of several processes may be added up."""

    count: int = 0
    total: float = 0.0
    _mass: dict[tuple[float, float], int] = field(default_factory=dict)

    def add_buckets(
        self, counts: Iterable[int], bounds: Iterable[float], low: float | None, high: float | None
    ) -> None:
        """Adds a histogram.

        Args:
            counts: measurements of each bucket; one more than there are bounds. Negative ones count as none.
            bounds: upper ends of all buckets but the last.
            low: the least measurement, where it is known.
            high: the greatest.
        """
        ends = list(bounds)
        first = min(low if low is not None else 0.0, ends[0]) if ends else low or 0.0
        last = max(high, ends[-1]) if ends and high is not None else high if high is not None else (ends or [first])[-1]
        edges = [first, *ends, last]
        for place, count in enumerate(counts):
            if count > 0 and place + 1 < len(edges):
                bucket = (edges[place], max(edges[place], edges[place + 1]))
                self._mass[bucket] = self._mass.get(bucket, 0) + count

    def estimate_quantile(self, share: float) -> float | None:
        """Returns the value that a share of all measurements does not exceed, if those of a bucket are spread evenly in
        it; None for no measurements.

        Args:
            share: from 0 to 1.
        """
        whole = sum(self._mass.values())
        if not whole:
            return None
        edges = sorted({edge for bucket in self._mass for edge in bucket})
        below, before = 0.0, edges[0]
        for edge in edges:
            reached = sum(count * _share_below(bucket, edge) for bucket, count in self._mass.items())
            if reached >= share * whole - 1e-9:
                step = reached - below
                return edge if not step else before + (edge - before) * min(1.0, (share * whole - below) / step)
            below, before = reached, edge
        return edges[-1]


def _share_below(bucket: tuple[float, float], edge: float) -> float:
    """Returns which part of a bucket is not above an edge."""
    low, high = bucket
    if edge >= high:
        return 1.0
    return 0.0 if edge <= low else (edge - low) / (high - low)
