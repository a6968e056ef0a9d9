"""How far an observed share can be trusted. Pure.

One leaf for all that tell shares: agreement of shadows, accuracy and advice of the collector, figures of the samples.
"""

import math
from typing import Final

#: Standard deviations to either side that hold 95 % of a normal distribution.
_Z: Final = 1.959963984540054


def wilson_interval(hits: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of `hits` of `n`, which stays sensible for few and for extreme observations.

    Args:
        hits: how many of them it was so.
        n: how many were observed; of none, nothing is known but that a share is from 0 to 1.
    """
    if n == 0:
        return 0.0, 1.0
    share, square = hits / n, _Z * _Z
    spread = _Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    middle, scale = share + square / (2 * n), 1 + square / n
    # At the ends the bound is exactly 0 or 1, which rounding would miss by a hair.
    low = 0.0 if hits == 0 else (middle - spread) / scale
    high = 1.0 if hits == n else (middle + spread) / scale
    return low, high
