"""How steps and groups do: accuracy, latency, errors."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.causality import Node
from collector.models.model_calls import ModelFigures
from collector.models.runs import OWN_SOURCE
from runtime.semconv import NodeKind


class Accuracy(Model):
    """Share of right answers among `n` scored nodes, with its 95 % Wilson interval; None where n is 0."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


class ScoreFigures(Model):
    """How often a step was right under one score: what it is called, and the share of right answers."""

    name: str
    accuracy: Accuracy


class Latency(Model):
    """Quantiles of the duration of attempts, in milliseconds."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


class StepFigures(Model):
    """How one step (of a workflow), or one group (of a channel), does. `kind` is `step` or `delivery`; for a delivery
    `workflow` is the channel and `step` the group. Rates are shares of nodes, from 0 to 1: `error_rate` ended badly,
    `retry_rate` took more than one attempt, whatever came of it. `running` of the nodes have not ended.

    `app` is the service that did it last. `source` is what told of it: `causeline`, or of steps of agents of others
    the instrumentation; `workflow` is what their run is called.

    `scores` are those that its nodes were given, told apart by name. `accuracy` is of the one that was asked for, else
    of the one that most nodes were given; `score` is that one's name, None where there is none.
    """

    kind: NodeKind
    workflow: str
    step: str
    agent: str
    app: str = ""
    source: str = OWN_SOURCE
    nodes: int
    attempts: int
    running: int = 0
    error_rate: float
    retry_rate: float
    accuracy: Accuracy
    latency: Latency
    score: str | None = None
    scores: list[ScoreFigures] = Field(default_factory=list)


class LatencyBin(Model):
    """Attempts that took from `low_ms` up to, not including, `high_ms`."""

    low_ms: float
    high_ms: float
    count: int


class StepPoint(Model):
    """A step's figures in one bucket of time. `scores` is the accuracy under each score that was given in it, by name;
    `accuracy` that of the step's `score`."""

    start: datetime
    attempts: int
    errors: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    accuracy: float | None = None
    scores: dict[str, float] = Field(default_factory=dict)


class StepDetail(Model):
    """One step over the window, with recent nodes that failed, were retried, scored badly, or were slower than most."""

    figures: StepFigures
    window: Window
    histogram: list[LatencyBin]
    trend: list[StepPoint]
    worst: list[Node]


class StepList(Model):
    """Steps of the window, in the order of their names, and the models that were called in it, by the metrics of who
    called or served them. `next` is the cursor of the page after it, or None. What is older than `kept_since` is
    kept no longer."""

    window: Window
    kept_since: datetime | None = None
    items: list[StepFigures]
    models: list[ModelFigures] = Field(default_factory=list)
    next: str | None = None
