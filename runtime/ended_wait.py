"""How what a step waited for ended: part of the facts about its attempts."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WaitEnded:
    """What a step waited for is over, before this attempt or within it.

    Attributes:
        name: of the wait; `key` tells apart several of one name.
        by: who answered; empty where nobody did in time.
        node: the step or delivery whose code sent the answer; None where it came from outside.
        at_ns: when it was answered, or its time was up; by the store's clock.
    """

    name: str
    key: str
    by: str
    node: UUID | None
    at_ns: int
