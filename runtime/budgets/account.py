"""Accounts of budgets, as a backend keeps them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from runtime.budgets.usage import Price


@dataclass(frozen=True, slots=True)
class BudgetLimits:
    """What an account may spend; None for no limit. Money is in millionths of a US dollar."""

    micros: int | None = None
    tokens: int | None = None
    hops: int | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """Work that was not begun, or not gone on with, because a budget over it is spent, or its breaker open.

    Attributes:
        node: the step's or delivery's node.
        what: in words, such as `step 'write' of run ...`.
        since_ms: since when.
        reason: what it needs, and what was left as it asked last.
        app: whose run it is of, with `task`; or `channel`, `group` and `delivery`.
    """

    node: UUID
    what: str
    since_ms: int = 0
    app: str = ""
    task: str = ""
    channel: str = ""
    group: str = ""
    delivery: str = ""
    reason: str = ""

    def text(self) -> str:
        """What it is and where it is, as scripts are told, JSON; since when and why it waits is noted by them."""
        said = {"what": self.what, "app": self.app, "task": self.task, "channel": self.channel, "group": self.group}
        return json.dumps({**said, "delivery": self.delivery})


@dataclass(frozen=True, slots=True)
class Account:
    """A budget, and what is left of it.

    Attributes:
        id: the node that it was declared with: a run's or an event's.
        parent: the account that was over that already; it is charged as well.
        app, what: of the run or event.
        status: open, spent (something of it is parked), or cancelled; `by` whom.
        spent: of each limit so far; what is reserved for calls under way included.
        parked: what waits.
    """

    id: UUID
    parent: UUID | None
    app: str
    what: str
    status: Literal["open", "spent", "cancelled"]
    opened_ms: int
    ends_ms: int | None
    limits: BudgetLimits
    micros: int
    tokens: int
    hops: int
    by: str = ""
    prices: Mapping[str, Price] = field(default_factory=dict)
    parked: tuple[Parked, ...] = ()


@dataclass(frozen=True, slots=True)
class ParkedUnder:
    """Work that waits, and the account that it waits for."""

    account: Account
    work: Parked


@dataclass(frozen=True, slots=True)
class BudgetVerdict:
    """Whether work may begin, or a call be made: it may; it is refused by an account for a reason; or it is not to be
    done at all, as somebody has cancelled the account."""

    status: Literal["may", "spent", "cancelled"]
    account: UUID | None = None
    reason: str = ""
