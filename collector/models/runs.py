"""Runs of workflows."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model, NodeStatus, Page, Window
from collector.models.events import Event


class Run(Model):
    """One run of a workflow."""

    run_id: str
    workflow: str
    service: str
    status: NodeStatus
    start: datetime
    end: datetime | None = None
    duration_ms: float | None = None
    subject: str | None = None
    correlation_id: str | None = None
    input_keys: list[str] = Field(default_factory=list)
    steps: int = 0
    failed_steps: int = 0
    retries: int = 0


class RunPage(Page[Run]):
    """One page of runs; `window` is the range that they are of, None where a search looked everywhere."""

    window: Window | None = None


class RunStep(Model):
    """A step in a run. `causes` are node ids of upstream steps; empty means that the run itself causes it."""

    node_id: str
    step: str
    agent: str
    status: NodeStatus
    depth: int
    attempts: int
    start: datetime
    end: datetime | None = None
    duration_ms: float | None = None
    causes: list[str] = Field(default_factory=list)
    keys_read: list[str] = Field(default_factory=list)
    keys_written: list[str] = Field(default_factory=list)
    context_size: int | None = None
    error: str | None = None
    score: float | None = None


class RunDetail(Model):
    """A run with its steps and the events that it published."""

    run: Run
    steps: list[RunStep]
    events: list[Event]
