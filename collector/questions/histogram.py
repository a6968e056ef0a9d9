"""How long attempts took, as a histogram. Pure."""

import math
from collections.abc import Iterable
from typing import Final

from collector.models import LatencyBin

#: Bins that an answer holds at most.
HISTOGRAM_BINS: Final = 24


def build_histogram(durations_ms: Iterable[float]) -> list[LatencyBin]:
    """Returns durations in bins of equal ratio, because latencies spread over orders of magnitude; empty for none.

    An attempt that ended before it began, by clocks that disagree or because nobody said its end, took no time.
    """
    durations = sorted(max(duration, 0.0) for duration in durations_ms)
    if not durations:
        return []
    low = max(durations[0], 0.001)
    ratio = max((durations[-1] / low) ** (1 / HISTOGRAM_BINS), 1.02) * (1 + 1e-9)
    counts = [0] * HISTOGRAM_BINS
    for duration in durations:
        place = int(math.log(max(duration, low) / low) / math.log(ratio))
        counts[min(place, HISTOGRAM_BINS - 1)] += 1
    filled = max(index for index, count in enumerate(counts) if count) + 1
    bounds = [low * ratio**index for index in range(filled + 1)]
    bounds[0] = min(low, durations[0])
    return [LatencyBin(low_ms=bounds[index], high_ms=bounds[index + 1], count=counts[index]) for index in range(filled)]
