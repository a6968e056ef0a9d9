"""How steps and groups do: accuracy, latency, errors."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.causality import Node
from collector.models.model_calls import ModelFigures
from runtime.semconv import NodeKind


class Accuracy(Model):
    """Share of right answers among `n` scored nodes, with its 95 % Wilson interval; None where n is 0."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Latency(Model):
    """Quantiles of the duration of attempts, in milliseconds."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


class StepFigures(Model):
    """How one step (of a workflow), or one group (of a channel), does. `kind` is `step` or `delivery`; for a delivery
    `workflow` is the channel and `step` the group. Rates are shares of nodes, from 0 to 1: `error_rate` ended badly,
    `retry_rate` took more than one attempt, whatever came of it."""

    kind: NodeKind
    workflow: str
    step: str
    agent: str
    nodes: int
    attempts: int
    error_rate: float
    retry_rate: float
    accuracy: Accuracy
    latency: Latency


class LatencyBin(Model):
    """Attempts that took from `low_ms` up to, not including, `high_ms`."""

    low_ms: float
    high_ms: float
    count: int


class StepPoint(Model):
    """A step's figures in one bucket of time."""

    start: datetime
    attempts: int
    errors: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    accuracy: float | None = None


class StepDetail(Model):
    """One step over the window, with recent nodes that failed, were retried, scored badly, or were slower than most."""

    figures: StepFigures
    window: Window
    histogram: list[LatencyBin]
    trend: list[StepPoint]
    worst: list[Node]


class StepList(Model):
    """All steps of the window, and the models that were called in it, by the metrics of who called or served them."""

    window: Window
    items: list[StepFigures]
    models: list[ModelFigures] = Field(default_factory=list)
    next: str | None = None
