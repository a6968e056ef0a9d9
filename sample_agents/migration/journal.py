"""What the workload notes while it runs."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done to a step: on which day, with what was known of it then, and how many payments were under
    way. `agreement` is in words."""

    day: int
    step: str
    what: str
    compared: int
    disagreed: int
    agreement: str
    under_way: int


@dataclass(slots=True)
class Journal:
    """Subjects, runs, durations in milliseconds, and the steps that were moved when it began, by payment's number; what
    was done to steps; and what went wrong on the way."""

    subjects: dict[int, str] = field(default_factory=dict)
    runs: dict[int, UUID] = field(default_factory=dict)
    took: dict[int, int] = field(default_factory=dict)
    stages: dict[int, tuple[str, ...]] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def under_way(self) -> int:
        """Payments that have begun and not ended."""
        return len(self.runs) - len(self.took)
