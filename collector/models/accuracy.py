"""Accuracy by how far down the chain, and by how much context."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.steps import Accuracy
from runtime.semconv import NodeKind


class AccuracyMeasure(StrEnum):
    """By what nodes are told apart."""

    DEPTH = "depth"
    """Steps and deliveries from the first cause to this one, itself included; across runs that start runs."""
    CONTEXT = "context"
    """Bytes of JSON that it was given: a step's inputs, a delivery's event."""
    TOKENS = "tokens"
    """Input tokens of the largest call of a model within it."""


class AccuracyBand(Model):
    """The share of right answers among nodes that are alike: of one `kind` (`step` is orchestrated, `delivery`
    choreographed), in chains that begin with `workflow` (a channel, where no run began it), whose measure is from
    `first` to `last`, both included."""

    workflow: str
    kind: NodeKind
    measure: AccuracyMeasure
    first: int
    last: int
    accuracy: Accuracy


class AccuracyList(Model):
    """Bands of the window, in the order of workflow, kind, measure and size, under the score named `score`: the one
    that was asked for, else the one that most nodes were given; None where there is none. `scores` are the names of
    all. Where chains are too many for an answer, those with most scored nodes are in it: `chains_total` counts all."""

    window: Window
    kept_since: datetime | None = None
    score: str | None = None
    scores: list[str] = Field(default_factory=list)
    chains_total: int = 0
    items: list[AccuracyBand]
