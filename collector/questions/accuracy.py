"""The share of right answers, and how far it can be trusted. Pure."""

import math
from typing import Final

from collector.models import Accuracy

#: Standard deviations to either side that hold 95 % of a normal distribution.
_Z: Final = 1.959963984540054


def wilson(correct: int, n: int) -> Accuracy:
    """Returns a share with its 95 % Wilson score interval, which stays sensible for few and for extreme observations.

    Args:
        correct: how many were right.
        n: how many were judged.
    """
    if n == 0:
        return Accuracy(n=0)
    share = correct / n
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    middle, scale = share + _Z**2 / (2 * n), 1 + _Z**2 / n
    # At the ends the bound is exactly 0 or 1, which rounding would miss by a hair.
    low = 0.0 if correct == 0 else (middle - spread) / scale
    high = 1.0 if correct == n else (middle + spread) / scale
    return Accuracy(n=n, value=share, low=low, high=high)
