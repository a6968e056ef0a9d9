"""What becomes of each order of a seeded world. Pure: the agents see orders alone, the books are kept by fates."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from sample_agents.orders.forms import Card, Order
from sample_agents.world import CUSTOMERS, share


class Fate(StrEnum):
    """What is in store for an order."""

    PLAIN = "goes through"
    UNDELIVERABLE = "paid, can't be shipped, refunded"
    LOST = "answer to the charge lost, asked again"
    UNHEARD = "charged, all answers lost, refunded"
    CRASHED = "step crashed after the charge"
    REFUND_LOST = "answers to charge and refund lost, refunded"
    SHIPPED_TWICE = "step crashed after the parcel was booked"
    DECLINED = "card declined"
    INVALID = "refused before payment"

    @property
    def is_charged(self) -> bool:
        """Whether money is taken."""
        return self not in {Fate.DECLINED, Fate.INVALID}

    @property
    def is_refunded(self) -> bool:
        """Whether it is given back."""
        return self in {Fate.UNDELIVERABLE, Fate.UNHEARD, Fate.REFUND_LOST}

    @property
    def is_shipped(self) -> bool:
        """Whether the order goes through."""
        return self.is_charged and not self.is_refunded

    @property
    def asks(self) -> int:
        """How often the provider is asked for the charge, those declined left out: a call whose answer was recorded is
        not made again."""
        match self:
            case Fate.INVALID | Fate.DECLINED:
                return 0
            case Fate.LOST | Fate.REFUND_LOST:
                return 2
            case Fate.UNHEARD:
                return PAY_ATTEMPTS
            case _:
                return 1


#: Attempts at each step.
PAY_ATTEMPTS: Final = 3

#: Dealt over and over, so that a small world has some of each.
_DECK: Final = (Fate.PLAIN, *(fate for fate in Fate if fate is not Fate.PLAIN), *(Fate.PLAIN,) * 6, Fate.UNDELIVERABLE)

_CARDS: Final[Mapping[Fate, Card]] = {
    Fate.DECLINED: Card.DECLINED,
    Fate.LOST: Card.DROPS_FIRST,
    Fate.REFUND_LOST: Card.DROPS_FIRST,
    Fate.UNHEARD: Card.DROPS_ALL,
}
_CRASHES: Final[Mapping[Fate, str]] = {Fate.CRASHED: "pay", Fate.SHIPPED_TWICE: "ship"}

#: First digit of the postcodes of islands, where no carrier goes.
ISLAND: Final = "0"


@dataclass(frozen=True)
class World:
    """One seeded world of `size` orders, numbered from 1."""

    seed: int
    size: int

    @property
    def numbers(self) -> range:
        """The orders' numbers."""
        return range(1, self.size + 1)

    @cached_property
    def fates(self) -> dict[int, Fate]:
        """The fate of each order, by number."""
        ranked = sorted(self.numbers, key=lambda number: share(self.seed, number, "fate"))
        dealt = {number: _DECK[place % len(_DECK)] for place, number in enumerate(ranked)}
        return {number: dealt[number] for number in self.numbers}

    def order(self, number: int) -> Order:
        """One order, as its customer gives it."""
        return order(self.seed, number, self.fates[number])


def order(seed: int, number: int, fate: Fate = Fate.PLAIN) -> Order:
    """An order that meets a fate.

    Args:
        seed: of the world.
        number: of the order.
        fate: what is in store for it.
    """
    strands = fate in {Fate.UNDELIVERABLE, Fate.REFUND_LOST}
    return Order(
        customer=CUSTOMERS[int(share(seed, number, "customer") * len(CUSTOMERS))],
        cents=0 if fate is Fate.INVALID else 500 + int(share(seed, number, "cents") * 20_000),
        card=_CARDS.get(fate, Card.GOOD),
        postcode=f"{ISLAND if strands else 1 + int(share(seed, number, 'zone') * 9)}{number % 10_000:04}",
        crash_in=_CRASHES.get(fate, ""),
    )
