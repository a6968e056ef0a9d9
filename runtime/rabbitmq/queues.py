"""Queues that the bridge declares where it is asked to: none of them may lose anything. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: Deliveries of one message that end without an acknowledgement before it is dead: well above what crashes of workers
#: cost, for one of them costs all messages that it held a delivery.
DELIVERY_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue: its name, and the arguments that it is declared with."""

    name: str
    arguments: Mapping[str, Any]


def main_queue(name: str) -> Queue:
    """A queue whose messages are on several disks where there are several, and go to the queue of its dead once they
    were delivered too often: at least once, for which it must refuse what is too much instead of dropping it."""
    dead = dead_queue(name)
    return Queue(
        name,
        {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def dead_queue(name: str) -> Queue:
    """The queue of the dead of one that is declared here."""
    return Queue(f"{name}.dead", {"x-queue-type": "quorum"})
