"""What is in store for each feature of a seeded demo. Pure: the simulated models act by it, and so do the books."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from sample_agents.codegen.catalog import FUNCTIONS, Flaw
from sample_agents.codegen.forms import Feature
from sample_agents.world import share

#: Functions of a feature, and rounds that there are for them at most.
FILES: Final = 3
MAX_ROUNDS: Final = 3

#: One feature in so many has a call of the coder that finds its endpoint overloaded, at first.
FLAKY_ONE_IN: Final = 2


class Fate(StrEnum):
    """How a feature fares."""

    AT_ONCE = "right at once"
    REVISED = "right in the second round"
    REVISED_TWICE = "right in the third round"
    NEVER = "never right"
    REFUSED = "right at once, not approved"

    @property
    def rounds(self) -> int:
        """How many it takes."""
        return {Fate.REVISED: 2, Fate.REVISED_TWICE: 3, Fate.NEVER: MAX_ROUNDS}.get(self, 1)

    @property
    def is_right(self) -> bool:
        """Whether tests pass in the last one."""
        return self is not Fate.NEVER

    @property
    def is_delivered(self) -> bool:
        """Whether it goes out."""
        return self.is_right and self is not Fate.REFUSED


#: Dealt over and over, so that a small demo has each.
_DECK: Final = (Fate.REVISED, Fate.AT_ONCE, Fate.NEVER, Fate.REVISED_TWICE, Fate.REFUSED, Fate.REVISED, Fate.AT_ONCE)


@dataclass(frozen=True)
class Plan:
    """What is in store for one feature.

    Attributes:
        seed: of the demo.
        number: of the feature, from 1.
    """

    seed: int
    number: int

    @cached_property
    def fate(self) -> Fate:
        """How it fares: any that many in a row hold each fate, in an order of the seed."""
        deal, place = divmod(self.number - 1, len(_DECK))
        ranked = sorted(range(len(_DECK)), key=lambda one: self._share(f"fate {deal}/{one}", 0))
        return _DECK[ranked[place]]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its functions."""
        return tuple(sorted(sorted(FUNCTIONS, key=lambda name: self._share(f"name {name}"))[:FILES]))

    @cached_property
    def overloaded(self) -> str:
        """The function that the coder can't write at the first try of the first round; empty where there is none."""
        return self.names[int(self._share("overloaded") * FILES)] if self.number % FLAKY_ONE_IN else ""

    @property
    def feature(self) -> Feature:
        """The feature, as somebody wishes it."""
        return Feature(seed=self.seed, number=self.number, wish=f"We need {' and '.join(self.names)}.")

    def flaw(self, name: str, draft: int) -> Flaw | None:
        """What is wrong with a draft of a function, the first being 0; None where it is right."""
        if draft >= self._count_wrong_drafts(name):
            return None
        kinds: list[Flaw] = [*Flaw, Flaw.WRONG, Flaw.WRONG]
        return kinds[int(self._share(f"flaw {name} {draft}") * len(kinds))]

    def flaws(self, round_: int) -> dict[str, Flaw]:
        """What is wrong in a round, from 1, by function: whoever fails is written anew, the others are as they were."""
        found = {name: self.flaw(name, round_ - 1) for name in self.names}
        return {name: flaw for name, flaw in found.items() if flaw is not None}

    @cached_property
    def _hard(self) -> str:
        return self.names[int(self._share("hard") * FILES)]

    def _count_wrong_drafts(self, name: str) -> int:
        """How many drafts of a function are wrong."""
        if not self.fate.is_right and name == self._hard:
            return MAX_ROUNDS
        most = self.fate.rounds - 1
        return most if name == self._hard else min(most, int(self._share(f"drafts {name}") * 2))

    def _share(self, what: str, number: int | None = None) -> float:
        return share(self.seed, self.number if number is None else number, what)
