"""Whether a correlation's spans are kept: decided once, when it is born. Pure."""

import hashlib
from typing import Final
from uuid import UUID

_BITS: Final = 64


def is_sampled(correlation: UUID, ratio: float) -> bool:
    """The decision for a correlation that has no parent to inherit one from.

    Args:
        correlation: its id; the same id always decides the same.
        ratio: share of correlations that are kept, 0 to 1.
    """
    # Not the id's own bits: ids minted within a millisecond differ by a counter, and would all share one fate.
    drawn = int.from_bytes(hashlib.sha256(correlation.bytes).digest()[: _BITS // 8])
    return drawn < ratio * (1 << _BITS)
