"""What must still be done in a home that `make_home.py` makes, and nothing else: each attempt that is left.

An attempt is (work, subject, number of the attempt, round).
"""

from collections.abc import Iterator
from typing import Final

Attempt = tuple[str, str, int, int]

#: Steps that are left of shipments, by subject, each with the number of its next attempt.
_STEPS: Final = {
    "crossing": {"transit": 2, "delivery": 1},
    "mid": {"sorting": 2, "transit": 1, "delivery": 1},
    "arrived": {"delivery": 2},
    "retry": {"weighing": 2, "transit": 1, "delivery": 1},
    "begun": {"sorting": 1, "weighing": 1, "transit": 1, "delivery": 1},
    "due": {"pickup": 1, "sorting": 1, "weighing": 1, "transit": 1, "delivery": 1},
}

#: Subjects of events that no group has seen: their run ends later, or nobody has carried or read them.
_UNSEEN: Final = (*_STEPS, "uncarried", "given", "unread", "foreign")

#: Deliveries that were begun, or whose event alone is on its way.
_HALF_DONE: Final[tuple[Attempt, ...]] = (
    ("books", "unbilled", 1, 0),
    ("billing", "held", 2, 0),
    ("books", "held", 1, 0),
    ("send_sms", "held-again", 3, 0),
    ("show", "waits", 2, 0),
    ("books", "waits", 2, 0),
    ("send_sms", "again", 1, 1),
)

#: Events in outboxes that are in no channel yet, by channel.
ON_THEIR_WAY: Final = {"parcel.delivered": 1, "parcel.billed": 1}

#: Entries of channels that nobody has seen and that no group does anything about: copies of what is done.
COPIES: Final = {"parcel.delivered": 1}

#: What waits for the bank: its breaker is open. The last one starts a refund.
BEHIND_BREAKER: Final[tuple[Attempt, ...]] = (
    ("pay", "lost-child", 4, 0),
    ("make_good", "lost-behind", 1, 0),
    ("check", "lost-behind", 1, 0),
    ("pay", "lost-behind", 1, 0),
)

#: What follows when all dead letters are replayed; the others of them can't be read and die again.
REPLAYED: Final[tuple[Attempt, ...]] = (
    ("send_sms", "sms-down", 1, 1),
    ("send_sms", "no-number", 1, 1),
    ("send_sms", "untold", 1, 1),
    ("billing", "hopeless", 1, 2),
    ("books", "hopeless", 1, 0),
    ("billing", "poison", 1, 1),
    ("books", "poison", 1, 0),
    ("make_good", "lost-once", 1, 1),
    ("check", "lost-once", 1, 0),
    ("pay", "lost-once", 1, 0),
)


def at_once() -> Iterator[Attempt]:
    """What is left and waits for no breaker."""
    for subject, steps in _STEPS.items():
        yield from ((step, subject, attempt, 0) for step, attempt in steps.items())
    for subject in _UNSEEN:
        yield from ((handler, subject, 1, 0) for handler in ("send_sms", "billing", "show", "books"))
    yield from _HALF_DONE
