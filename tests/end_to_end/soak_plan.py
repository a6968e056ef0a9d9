"""What a soak does, drawn from its seed alone: the same seed plans the same rounds in the same order."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

TROUBLES: Final = (
    "worker killed",
    "parent killed",
    "group killed",
    "worker stopped",
    "fleet rolled",
    "server killed",
    "memory full",
    "worker cut off",
    "scripts flushed",
    "connections closed",
)
KINDS: Final = ("plain", "slow", "twice")
"""Of shipments; one that is asked for twice is started once."""

LEASE: Final = 2.0
"""Seconds, of all workers."""
PAST_LEASE: Final = (1.2 * LEASE, 2 * LEASE)
"""Between so many seconds somebody is stopped or cut off."""
SHORT: Final = (0.05, 1.5)
"""Seconds before a trouble comes; and for how long one lasts that is not about leases."""

_TWO_AT_ONCE: Final = 0.3
_PACE: Final = (0.1, 0.4)
_ABOUT_LEASES: Final = frozenset({"worker stopped", "worker cut off"})


@dataclass(frozen=True)
class Trouble:
    """One trouble of a round.

    Attributes:
        name: one of `TROUBLES`.
        after: seconds from the round's start.
        lasts: seconds, where it is one that lasts.
        place: between 0 and 1: which of all that it may strike.
    """

    name: str
    after: float
    lasts: float
    place: float

    def __str__(self) -> str:
        return f"{self.name} after {self.after:.2f} s"


@dataclass(frozen=True)
class Round:
    """What goes wrong while shipments go on: one trouble, or two at once.

    Attributes:
        paces: seconds between two shipments of a kind.
    """

    number: int
    paces: dict[str, float]
    troubles: tuple[Trouble, ...]

    def __str__(self) -> str:
        return f"round {self.number}: " + ", and ".join(str(one) for one in self.troubles)


def keeps_history(seed: int) -> bool:
    """Whether a soak keeps all events, and looks at each of them; or its channels are trimmed as it goes on."""
    return Random(f"history {seed}").random() < 0.5


def rounds(seed: int) -> Iterator[Round]:
    """The rounds of a soak, without end. No trouble comes a second time before all others have come."""
    chance = Random(seed)
    number, left = 0, list[str]()
    while True:
        number += 1
        left = left or chance.sample(TROUBLES, len(TROUBLES))
        names = [left.pop() for _ in range(min(len(left), 2 if chance.random() < _TWO_AT_ONCE else 1))]
        paces = {kind: chance.uniform(*_PACE) for kind in KINDS}
        yield Round(number, paces, tuple(_trouble(name, chance) for name in names))


def _trouble(name: str, chance: Random) -> Trouble:
    lasts = PAST_LEASE if name in _ABOUT_LEASES else SHORT
    return Trouble(name, chance.uniform(*SHORT), chance.uniform(*lasts), chance.random())
