"""Whether what somebody gave lies within its bounds, though it may be no number at all."""

import math
from collections.abc import Callable


def is_count(given: object, most: float = math.inf) -> bool:
    """Whether it is a whole number from 1 to `most`. `True` is none: who writes that means something else."""
    return isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= most


def is_satisfied(condition: Callable[[], bool]) -> bool:
    """Whether a condition on it holds; what is no number holds none. No comparison holds for NaN, so what must hold is
    asked, not what must not."""
    try:
        return condition()
    except (TypeError, ValueError, OverflowError):
        return False
