"""What the workload notes while it runs."""

from dataclasses import dataclass, field
from uuid import UUID

from sample_agents.orders.fates import Fate


@dataclass(slots=True)
class Journal:
    """Subjects, fates, runs and ends by order's number, and what went wrong on the way. An end is `ok`, or the step in
    which the run failed."""

    subjects: dict[int, str] = field(default_factory=dict)
    fates: dict[int, Fate] = field(default_factory=dict)
    runs: dict[int, UUID] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
