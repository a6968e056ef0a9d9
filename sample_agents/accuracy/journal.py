"""What the workload notes while it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sample_agents.accuracy.chain import check_answers
from sample_agents.accuracy.conversation import Shape
from sample_agents.accuracy.dossier import CALLS, Dossier


@dataclass(slots=True)
class Journal:
    """Subjects, runs of the shape `keys` and answers by dossier's number, and what went wrong on the way."""

    subjects: dict[int, str] = field(default_factory=dict)
    runs: dict[int, UUID] = field(default_factory=dict)
    answers: dict[Shape, dict[int, tuple[str, ...]]] = field(default_factory=lambda: {shape: {} for shape in Shape})
    failures: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Dossiers that are answered in both shapes."""
        return len(self.answers[Shape.EVERYTHING].keys() & self.answers[Shape.KEYS].keys())

    def counts(self, shape: Shape, seed: int) -> tuple[Sequence[int], int]:
        """How many dossiers were right after each call, and of how many."""
        judged = [check_answers(Dossier(seed, number), said) for number, said in self.answers[shape].items()]
        return [sum(one[place] for one in judged) for place in range(CALLS)], len(judged)
