"""The world outside the agents: who sends what where, and what goes wrong. Pure, and the same for the same seed.

Every choice is a hash of the seed, the shipment's number and what is chosen, so that it depends neither on the order
of the work nor on the process that asks.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from runtime.semconv import DeadLetterReason
from sample_agents.parcels import Label, Order

#: First names of customers.
CUSTOMERS: Final = ("Ada", "Grace", "Edsger", "Barbara", "Alan", "Katherine", "Dennis", "Radia", "Donald", "Margaret")

#: The hub of each postal zone; the zone is the first digit of a postcode.
HUBS: Final = (
    "Leipzig",
    "Berlin",
    "Hamburg",
    "Hannover",
    "Essen",
    "Köln",
    "Frankfurt",
    "Stuttgart",
    "München",
    "Bayreuth",
)

#: Carriers of text messages, one a region, by the prefix of the numbers that they serve.
SMS_CARRIERS: Final = {
    "0151": "north",
    "0152": "coast",
    "0157": "river",
    "0160": "hills",
    "0163": "lakes",
    "0171": "forest",
    "0175": "south",
}

#: Prefix of numbers that no carrier serves.
NO_CARRIER: Final = "0199"

#: Numbers in each world that no carrier serves.
UNREACHABLE: Final = 2

#: One label in so many is smudged, and its parcel sorted wrong.
SMUDGED_ONE_IN: Final = 50

#: One booking in so many is refused by the parcel carrier at first.
BUSY_ONE_IN: Final = 10

#: Shortest and longest simulated work, in seconds.
SHORTEST, LONGEST = 0.005, 0.06


def share(seed: int, number: int, what: str) -> float:
    """A number from 0 up to, not including, 1 that is the same whenever it is asked for."""
    digest = hashlib.sha256(f"{seed}/{number}/{what}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56


def pause(seed: int, number: int, what: str) -> float:
    """How long a piece of simulated work takes, in seconds."""
    return SHORTEST + (LONGEST - SHORTEST) * share(seed, number, f"pause {what}") ** 2


def is_busy(seed: int, number: int) -> bool:
    """Whether the parcel carrier refuses the first booking of a shipment: one of each ten in a row, which needs no
    knowledge of how many there are."""
    first = number - (number - 1) % BUSY_ONE_IN
    return number == min(range(first, first + BUSY_ONE_IN), key=lambda other: share(seed, other, "busy"))


@dataclass(frozen=True)
class World:
    """One seeded world of `shipments` shipments, numbered from 1."""

    seed: int
    shipments: int

    @property
    def numbers(self) -> range:
        """The shipments' numbers."""
        return range(1, self.shipments + 1)

    @cached_property
    def outage(self) -> str:
        """The carrier of text messages that is out while the shipments are on their way."""
        carriers = list(SMS_CARRIERS.values())
        return carriers[int(share(self.seed, 0, "outage") * len(carriers))]

    @cached_property
    def unreachable(self) -> frozenset[int]:
        """The shipments whose recipient gave a number that no carrier serves."""
        return frozenset(self._rank_numbers("unreachable")[:UNREACHABLE])

    @cached_property
    def smudged(self) -> frozenset[int]:
        """The shipments whose label can't be read well; at least one."""
        return frozenset(self._rank_numbers("smudged")[: max(1, round(self.shipments / SMUDGED_ONE_IN))])

    @cached_property
    def busy(self) -> frozenset[int]:
        """The shipments whose first booking the parcel carrier refuses."""
        return frozenset(number for number in self.numbers if is_busy(self.seed, number))

    @cached_property
    def carriers(self) -> dict[int, str]:
        """The carrier of each recipient's text messages; empty where none serves the number."""
        names = list(SMS_CARRIERS.values())
        ranked = [number for number in self._rank_numbers("carrier") if number not in self.unreachable]
        # Dealt like cards: a free draw for each would leave too much to chance in a small world.
        dealt = {number: names[place % len(names)] for place, number in enumerate(ranked)}
        return dealt | dict.fromkeys(self.unreachable, "")

    def order(self, number: int) -> Order:
        """The order of one shipment."""
        return Order(
            seed=self.seed,
            number=number,
            sender_postcode=self._postcode(number, "from"),
            recipient=CUSTOMERS[self._pick(number, "name", len(CUSTOMERS))],
            postcode=self._postcode(number, "to"),
            phone=self._phone(number),
            weight_grams=200 + self._pick(number, "weight", 19_800),
            label=Label.SMUDGED if number in self.smudged else Label.CLEAR,
        )

    def dies_of(self, number: int) -> DeadLetterReason | None:
        """Why the text message about a shipment goes dead while the outage lasts; None where it arrives."""
        if number in self.unreachable:
            return DeadLetterReason.NON_RETRYABLE
        return DeadLetterReason.MAX_ATTEMPTS if self.carriers[number] == self.outage else None

    def _rank_numbers(self, what: str) -> list[int]:
        return sorted(self.numbers, key=lambda number: share(self.seed, number, what))

    def _pick(self, number: int, what: str, choices: int) -> int:
        return int(share(self.seed, number, what) * choices)

    def _postcode(self, number: int, end: str) -> str:
        return f"{self._pick(number, f'postcode {end}', 100_000):05d}"

    def _phone(self, number: int) -> str:
        prefixes = {carrier: prefix for prefix, carrier in SMS_CARRIERS.items()}
        prefix = prefixes.get(self.carriers[number], NO_CARRIER)
        return f"{prefix} {self._pick(number, 'phone', 10_000_000):07d}"
