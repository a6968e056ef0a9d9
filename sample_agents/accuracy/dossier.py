"""The task: a shipment's dossier, in which each question is about the answer to the one before. Pure and seeded.

Each document is one office's register: a fact for each of several shipments' trails, and remarks that answer nothing.
One trail is ours. Whoever takes a neighbour's line for it goes on along the neighbour's trail, and is wrong from there.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: What is asked of the answer before, call by call; the first is asked of the shipment.
RELATIONS: Final = (
    "pickup hub",
    "night line",
    "trailer",
    "driver",
    "relief depot",
    "customs office",
    "clerk",
    "permit",
    "carrier",
    "invoice account",
)

#: Dependent calls in a chain.
CALLS: Final = len(RELATIONS)

#: Trails that each document has a fact of, and remarks in it.
TRAILS: Final = 4
REMARKS: Final = 3

#: The answer where nothing that was given says any.
UNKNOWN: Final = "unknown"

_REMARKS: Final = (
    "Opening hours were changed last week and nobody has told the night shift.",
    "Two pallets wait at gate seven for a signature from the morning crew.",
    "The scale was calibrated in spring and drifts when it rains.",
    "A forklift is out of order and the spare one is lent to the neighbours.",
    "Visitors park behind the silo and leave their keys at the counter.",
    "Inventory is taken on the last Friday and the canteen stays closed.",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a register."""

    relation: str
    of: str
    value: str

    def __str__(self) -> str:
        return f"The {self.relation} of {self.of} is {self.value}."


@dataclass(frozen=True, slots=True)
class Dossier:
    """One seeded task.

    Attributes:
        seed: of the world that it lies in.
        number: its own, from 1.
    """

    seed: int
    number: int

    @property
    def shipment(self) -> str:
        """What the first question is about."""
        return self._name(0, 0)

    @property
    def truth(self) -> tuple[str, ...]:
        """The right answer to each call's question, if all before were right."""
        return tuple(self._name(call, 0) for call in range(1, CALLS + 1))

    def facts(self, call: int) -> tuple[Fact, ...]:
        """The facts of the document that a call is given, by trail.

        Args:
            call: from 1.
        """
        return tuple(
            Fact(RELATIONS[call - 1], self._name(call - 1, trail), self._name(call, trail)) for trail in range(TRAILS)
        )

    def document(self, call: int) -> str:
        """The text that a call is given, a sentence a line."""
        draw = random.Random(f"{self.seed}/{self.number}/document {call}")
        lines = [*map(str, self.facts(call)), *draw.sample(_REMARKS, REMARKS)]
        draw.shuffle(lines)
        return "\n".join(lines)

    def look_up(self, call: int, of: str) -> str:
        """What a call's document says of something; `UNKNOWN` where it says nothing."""
        return next((fact.value for fact in self.facts(call) if fact.of == of), UNKNOWN)

    def _name(self, call: int, trail: int) -> str:
        """What stands at one place of one trail; all of a dossier are different."""
        return _names(self.seed, self.number, call)[trail]


@lru_cache(maxsize=4096)
def _names(seed: int, number: int, call: int) -> tuple[str, ...]:
    kind = "shipment" if call == 0 else RELATIONS[call - 1].rpartition(" ")[2]
    drawn = random.Random(f"{seed}/{number}/names {call}").sample(range(100, 1000), TRAILS)
    return tuple(f"{kind}-{each}" for each in drawn)


def question(call: int, of: str) -> str:
    """What a call asks.

    Args:
        call: from 1.
        of: the answer before, or the shipment.
    """
    return f"What is the {RELATIONS[call - 1]} of {of}?"
