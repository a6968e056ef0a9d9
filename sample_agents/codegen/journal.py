"""What the workload notes while it runs."""

from dataclasses import dataclass, field
from uuid import UUID

from sample_agents.codegen.forms import TestRun
from sample_agents.codegen.plan import Fate, Plan


@dataclass(slots=True)
class Journal:
    """Subjects, plans, runs, ends and what the tests said, by feature's number, and what went wrong on the way. An end
    is `delivered`, `refused`, `waiting` (for a person), or the step and the error that a run failed in."""

    subjects: dict[int, str] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)
    runs: dict[int, UUID] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)
    tested: dict[int, TestRun] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def of(self, fate: Fate) -> list[int]:
        """The features of a fate that have come to their end."""
        return [number for number, plan in self.plans.items() if plan.fate is fate and number in self.ends]
