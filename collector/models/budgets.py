"""Budgets over what causes set off, read from the live bus."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from collector.models.base import Model

#: More than anybody may add to a limit at once.
_USD_LIMIT: Final = 1e9
_COUNT_LIMIT: Final = 10**12
_MINUTES_LIMIT: Final = 1e7


class ParkedWork(Model):
    """A step of a run, or the delivery of an event to a group, that waits for a budget to be raised: `what` in words.
    A step has `run_id`, `workflow` and `step`, a delivery `channel` and `group`. `reason` says what it needs and what
    was left as it asked last; on a run's page `budget_id` and `budget` say of what."""

    node_id: str
    what: str
    since: datetime
    app: str | None = None
    run_id: str | None = None
    workflow: str | None = None
    step: str | None = None
    channel: str | None = None
    group: str | None = None
    reason: str | None = None
    budget_id: str | None = None
    budget: str | None = None


class Budget(Model):
    """A budget as it stands: what all that a cause sets off may spend.

    `id` is the run's or event's that it was declared with, of an `app`, `what` in words; `parent` is the budget over
    it, to which all is charged as well. It is `open`, `spent` where something is parked under it, or `cancelled`, by
    `by`. `usd`, `tokens` and `hops` are spent, what is reserved for calls under way included, each of its limit, None
    where there is none. Nothing begins after `ends_at`. `parked` is what waits, the longest first, at most a hundred
    of `parked_total`. `is_over`: the run that it was declared with has ended, and nothing of it is parked; only lists
    say so.
    """

    id: str
    parent: str | None = None
    app: str
    what: str
    status: Literal["open", "spent", "cancelled"]
    by: str | None = None
    opened_at: datetime
    ends_at: datetime | None = None
    usd: float
    usd_limit: float | None = None
    tokens: int
    tokens_limit: int | None = None
    hops: int
    hops_limit: int | None = None
    parked: list[ParkedWork] = Field(default_factory=list)
    parked_total: int = 0
    is_over: bool = False


class BudgetList(Model):
    """Budgets as of `at`. `truncated`: there are, or may be, more."""

    items: list[Budget]
    truncated: bool = False
    at: datetime


class BudgetRequest(Model):
    """Who cancels a budget, for the audit."""

    operator: str = Field(default="", max_length=200)


class RaiseRequest(BudgetRequest):
    """Who raises a budget, and what is added to which of its limits. `minutes` count from now where they are over."""

    usd: Annotated[float | None, Field(gt=0, le=_USD_LIMIT, allow_inf_nan=False)] = None
    tokens: Annotated[int | None, Field(gt=0, le=_COUNT_LIMIT)] = None
    hops: Annotated[int | None, Field(gt=0, le=_COUNT_LIMIT)] = None
    minutes: Annotated[float | None, Field(gt=0, le=_MINUTES_LIMIT, allow_inf_nan=False)] = None

    @model_validator(mode="after")
    def _adds_something(self) -> Self:
        if self.usd is self.tokens is self.hops is self.minutes is None:
            raise ValueError("say what is added: usd, tokens, hops or minutes")
        return self


class BudgetAnswer(Model):
    """What became of a budget that was to be raised or cancelled: how it is now, and how many steps and deliveries were
    parked under it, which ask again, or end."""

    budget: Budget
    parked: int
