"""What a row of the table is made of: contestants that do the same work, and the figures that each run of it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from benchmarks.testbed import Testbed

#: What one run gives: figures by name, the unit in it, such as `events/s` or `CPU us/event`.
Figures: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way of doing a row's work.

    Attributes:
        name: such as `ours`, `before`, a peer's, or `limit`.
        run: does the work once. Its second argument is how many items it takes: the row's `size`, or `quick_size`.
        environment: name of the peer's own virtual environment (`peers/<name>.txt`); empty for one that needs none.
    """

    name: str
    run: Callable[[Testbed, int], Figures]
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        name: a word that `ROWS=` selects it by.
        title: what is measured, for people.
        goal: what it should reach, for people.
        contestants: take turns in each round.
        size: how many items one run takes.
        quick_size: the same of a run that only shows that the row works.
    """

    name: str
    title: str
    goal: str
    contestants: tuple[Contestant, ...]
    size: int
    quick_size: int


@dataclass(slots=True)
class Results:
    """What the runs of one row gave: figures of each round, by contestant, and who was left out, and why."""

    row: Row
    rounds: dict[str, list[Figures]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
