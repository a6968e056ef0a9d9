"""Whether anything is wrong now."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.channels import BusState, ChannelBacklog
from collector.models.steps import StepFigures
from collector.models.workers import AppBacklog


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Problem(Model):
    """Something that is wrong now, in a sentence, and where to look: a view of the dashboard and its parameters."""

    severity: Severity
    title: str
    detail: str
    view: str
    params: dict[str, str] = Field(default_factory=dict)
    kind: str = ""
    """Stable name of what is wrong, where a rule of alerts looks for the same."""


class Totals(Model):
    """The window in numbers; `dead_now` and `oldest_unprocessed_seconds` are of this moment, from the live bus, None
    where the bus is away."""

    runs: int
    runs_failed: int
    events: int
    deliveries: int
    attempts: int
    errors: int
    dead_now: int | None
    oldest_unprocessed_seconds: float | None


class ActivityPoint(Model):
    """What happened in one bucket of time."""

    start: datetime
    runs: int
    events: int
    deliveries: int
    errors: int
    dead_letters: int


class Overview(Model):
    """Whether anything is wrong now. Spans are counted over all time: stored, refused by the collector, and dropped by
    the processes that should have sent them."""

    window: Window
    problems: list[Problem]
    totals: Totals
    activity: list[ActivityPoint]
    channels: list[ChannelBacklog]
    apps: list[AppBacklog] = Field(default_factory=list)
    worst_steps: list[StepFigures]
    bus: BusState
    spans_stored: int
    spans_rejected: int
    spans_dropped: int = 0
    alerts_firing: int = 0
    """How many alerts fire now and are not silenced."""


class Health(Model):
    """The collector is up; its version, and the version of its store's schema."""

    status: str
    version: str
    schema_version: int
    bus: BusState
