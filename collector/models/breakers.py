"""Breakers that work shares, read from the live bus, and outages, as spans tell of them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from collector.models.base import Model
from collector.models.budgets import ParkedWork


class DeferredWork(ParkedWork):
    """A step of a run, or the delivery of an event to a group, that waits for a breaker: deferred so many `times`, for
    the first time at `since`, and now until `until`."""

    times: int
    until: datetime


class BreakerChange(Model):
    """A breaker opened, was held, or closed at `at`: why, and `by` whom, where that was an operator."""

    at: datetime
    state: Literal["open", "held", "closed"]
    why: str
    by: str | None = None


class Outage(Model):
    """A breaker was open from `start` to `end`, as its span tells: `why`, and `by` whom it was closed, if not by a
    probe."""

    name: str
    start: datetime
    end: datetime
    why: str
    by: str | None = None
    trace_id: str


class Breaker(Model):
    """A breaker as it stands.

    It is `closed`, `open`, `half_open` (its cool-down is over, and one probe decides) or `held` (open until somebody
    closes it), since `since`. `why` and `by` say what opened or closed it last, and who, where that was an operator.
    `failures` are those in a row while it is closed, `failed_probes` those since it opened. `next_probe` is when it is
    probed, or the lease of the probe under way (`prober`) ends. `settings` are as declared last, `guards` is what apps
    guard with it, in words. `waiting` is what was deferred, the longest first, at most a hundred of `waiting_total`.
    `changes` are the newest first; in a list of breakers none.
    """

    name: str
    state: Literal["closed", "open", "half_open", "held"]
    since: datetime | None = None
    why: str = ""
    by: str | None = None
    failures: int = 0
    failed_probes: int = 0
    next_probe: datetime | None = None
    prober: str | None = None
    settings: dict[str, float] = Field(default_factory=dict)
    guards: dict[str, list[str]] = Field(default_factory=dict)
    waiting: list[DeferredWork] = Field(default_factory=list)
    waiting_total: int = 0
    changes: list[BreakerChange] = Field(default_factory=list)


class BreakerList(Model):
    """All breakers as of `at`, those first that are not closed. `outages` are those that ended in the time range, the
    newest first, at most two hundred, as spans tell of them."""

    items: list[Breaker]
    outages: list[Outage] = Field(default_factory=list)
    at: datetime


class BreakerRequest(Model):
    """Which breaker is opened, held or closed, and by whom and why, for the audit."""

    name: str = Field(min_length=1, max_length=128)
    operator: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=1000)


class BreakerAnswer(Model):
    """How a breaker is after it was to be opened, held or closed; not `changed` where it was closed before."""

    breaker: Breaker
    changed: bool
