"""What each step should be, orchestrated or choreographed, with all that says so."""

from enum import StrEnum

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.steps import Accuracy


class Verdict(StrEnum):
    """What a step should be."""

    ORCHESTRATE = "orchestrate"
    CHOREOGRAPH = "choreograph"
    UNCLEAR = "unclear"
    """What was observed speaks for neither."""
    TOO_FEW = "too_few"
    """Too little was observed for any advice."""


class Leaning(StrEnum):
    """What a row of the decision table says of a step."""

    ORCHESTRATE = "orchestrate"
    CHOREOGRAPH = "choreograph"
    NEITHER = "neither"
    UNKNOWN = "unknown"
    """Nothing was observed of it."""


class Ground(Model):
    """A row of the decision table, and what was observed of it: in words, of `n` observations. `share` has the interval
    of a rate, `milliseconds` is a time. `runs` are some of the runs that show it, the newest first."""

    row: str
    question: str
    leans: Leaning
    says: str
    n: int
    share: Accuracy | None = None
    milliseconds: float | None = None
    runs: list[str] = Field(default_factory=list)


class StepAdvice(Model):
    """What a step should be. `n` runs in which it ended were looked at, of `runs` that there are; `because` says the
    reason in a sentence, `grounds` are all rows of the decision table. `is_critical`: others wait for what it
    returns."""

    app: str
    workflow: str
    step: str
    agent: str
    source: str
    verdict: Verdict
    because: str
    n: int
    runs: int
    is_critical: bool = False
    grounds: list[Ground]


class Advice(Model):
    """What each step of a window should be. Of the steps that can be judged `critical` of `judged` are truly critical;
    `critical_work` is their share of all time that steps worked. `asked_ms` is the latency that was asked for; None
    where nobody did."""

    window: Window
    items: list[StepAdvice]
    judged: int
    critical: int
    critical_work: float | None = None
    asked_ms: float | None = None
    least: int
    """Runs below which nothing is advised."""
