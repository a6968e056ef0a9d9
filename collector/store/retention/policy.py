"""How long what is kept: the settings in nanoseconds and bytes."""

from dataclasses import dataclass
from typing import Final

from collector.times import SECOND_NS

#: How many times the age a chain is kept at most, of which a part is young or work is not done.
STRETCH: Final = 3

#: Nanoseconds that nothing is removed within, however full the file is: what is under way would lose its beginning.
YOUNG_NS: Final = 600 * SECOND_NS

#: Of the largest size, what is left when it was exceeded; then it is quiet for a while.
ROOM: Final = 0.9

#: Of the largest size, what is in use when more comes in than goes.
CROWDED: Final = 1.1

_DAY_NS: Final = 86_400 * SECOND_NS
_GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept; 0 is without a limit.

    Args:
        days: age in days after which chains and log records go.
        gib: GiB of the file that may be in use.
        metrics_days: age in days after which data points of metrics go.
    """

    days: float = 0
    gib: float = 0
    metrics_days: float = 0

    @property
    def is_endless(self) -> bool:
        """Whether all is kept for ever."""
        return not (self.days or self.gib or self.metrics_days)

    @property
    def most_bytes(self) -> int | None:
        """Bytes that may be in use, or None."""
        return int(self.gib * _GIB) or None

    def is_exceeded(self, used_bytes: int, times: float = 1.0) -> bool:
        """Whether more than so many times what may be is in use."""
        return self.most_bytes is not None and used_bytes > times * self.most_bytes

    def old_ns(self, now_ns: int) -> int | None:
        """Returns the time before which a chain is old, or None."""
        return now_ns - int(self.days * _DAY_NS) if self.days else None

    def too_old_ns(self, now_ns: int) -> int | None:
        """Returns the time before which nothing is kept, whatever it belongs to, or None."""
        return now_ns - int(STRETCH * self.days * _DAY_NS) if self.days else None

    def old_points_ns(self, now_ns: int) -> int | None:
        """Returns the time before which data points go, or None."""
        return now_ns - int(self.metrics_days * _DAY_NS) if self.metrics_days else None
