"""What a workload notes while it runs."""

from dataclasses import dataclass, field
from uuid import UUID

from sample_agents.parcels import Delivered


@dataclass(slots=True)
class Journal:
    """Subjects, runs and arrivals by shipment number, and what went wrong on the way."""

    subjects: dict[int, str] = field(default_factory=dict)
    runs: dict[int, UUID] = field(default_factory=dict)
    arrived: dict[int, Delivered] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
