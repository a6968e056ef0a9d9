"""How a window went from bucket to bucket, and beside the window before it."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model, Window


class TrendFigures(Model):
    """What happened in a stretch of time. Runs are everybody's; a run of ours that failed counts when it did.

    `p95_ms` is of attempts of ours, `runs_p95_ms` of runs of others; None where none ended. `calls` of models and
    `cost_usd` are None where there are too many to be counted in passing; the cost also where no call has a price.
    """

    runs: int = 0
    runs_failed: int = 0
    events: int = 0
    deliveries: int = 0
    attempts: int = 0
    errors: int = 0
    dead_letters: int = 0
    p95_ms: float | None = None
    runs_p95_ms: float | None = None
    calls: int | None = None
    cost_usd: float | None = None


class TrendPoint(TrendFigures):
    """One bucket of time."""

    start: datetime


class AgentTrouble(Model):
    """An agent of which something failed or was tried again. `attempts` are those of its steps and deliveries, or spans
    of others that it is said to have worked in; `own` where some are ours. `app` is who told of it last."""

    agent: str
    app: str
    own: bool
    attempts: int
    errors: int
    retries: int
    p95_ms: float | None = None


class Trends(Model):
    """The window in buckets and as a whole, and the time before it: as long, or None where nothing is before."""

    window: Window
    points: list[TrendPoint]
    latest: TrendFigures
    before: TrendFigures | None = None
    before_window: Window | None = None
    worst_agents: list[AgentTrouble] = Field(default_factory=list)
    """Those of which the largest share failed first; at most five."""
