"""Whether a correlation's spans are kept: decided once, when it is born. Pure."""

from typing import Final
from uuid import UUID

_BITS: Final = 62


def keeps(correlation: UUID, ratio: float) -> bool:
    """The decision for a correlation that has no parent to inherit one from.

    Args:
        correlation: its id; the same id always decides the same.
        ratio: share of correlations that are kept, 0 to 1.
    """
    return (correlation.int & ((1 << _BITS) - 1)) < ratio * (1 << _BITS)
