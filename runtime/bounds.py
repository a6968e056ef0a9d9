"""Whether what somebody gave lies within its bounds, though it may be no number at all."""

from collections.abc import Callable


def holds(condition: Callable[[], bool]) -> bool:
    """Whether a condition on it holds; what is no number holds none. No comparison holds for NaN, so what must hold is
    asked, not what must not."""
    try:
        return condition()
    except (TypeError, ValueError, OverflowError):
        return False
