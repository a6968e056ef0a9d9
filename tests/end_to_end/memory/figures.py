"""How much memory processes hold, and whether that grows."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

_MIB: Final = 2**20
_HOUR: Final = 3600.0

#: Growth that is none: allocators and caches breathe by as much. A share of what is held, and MiB where that is little.
SHARE: Final = 0.05
LEAST_MIB: Final = 8.0


@dataclass(frozen=True, slots=True)
class Trend:
    """What a process held over a time.

    Attributes:
        first: MiB at the begin, as the straight line through all samples has it.
        last: MiB at the end, by the same line.
        most: MiB, the most that was seen.
        seconds: from begin to end.
    """

    first: float
    last: float
    most: float
    seconds: float

    @classmethod
    def of(cls, samples: list[tuple[float, float]]) -> "Trend":
        """The trend of samples, each of seconds and MiB: the median of all slopes between two of them (H. Theil, P. K.
        Sen), which a few peaks don't bend."""
        at, held = np.array(samples, float).T
        step = max(1, len(at) // 300)
        rows, columns = np.triu_indices(len(at[::step]), 1)
        few_at, few_held = at[::step], held[::step]
        slope = float(np.median((few_held[columns] - few_held[rows]) / (few_at[columns] - few_at[rows])))
        middle = float(np.median(held - slope * at))
        return cls(middle + slope * at[0], middle + slope * at[-1], float(held.max()), float(at[-1] - at[0]))

    @property
    def growth(self) -> float:
        """MiB from begin to end."""
        return self.last - self.first

    @property
    def is_flat(self) -> bool:
        """Whether it did not grow by more than what is none."""
        return self.growth <= max(LEAST_MIB, SHARE * self.first)

    def __str__(self) -> str:
        verdict = "flat" if self.is_flat else "GROWS"
        pace = self.growth / self.seconds * _HOUR
        return (
            f"{self.first:.1f} -> {self.last:.1f} MiB in {self.seconds / 60:.1f} min ({pace:+.1f} MiB an hour, "
            f"at most {self.most:.1f}): {verdict}"
        )


def held_mib(pid: int) -> float | None:
    """MiB of memory that a process holds of its own; None where it is gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    found = re.search(r"^Rss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 / _MIB if found else None
