"""Whether anything is wrong now."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.budgets import Budget
from collector.models.calls import Usage
from collector.models.channels import BusState, ChannelBacklog
from collector.models.runs import UndoFailure
from collector.models.steps import StepFigures
from collector.models.storage import Storage
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
    """The window in numbers; `runs` are those of our runtime, `runs_of_others` those of other frameworks' agents.
    `dead_now` and `oldest_unprocessed_seconds` are of this moment, from the live bus, None where the bus is away."""

    runs: int
    runs_failed: int
    runs_of_others: int = 0
    failed_of_others: int = 0
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


class ServiceFigures(Model):
    """A service that sent spans in the window. Those are foreign that are no record of a node of ours: of libraries and
    of other programs; `foreign_failed_runs` are runs of agents of others."""

    service: str
    spans: int
    errors: int
    foreign_spans: int
    foreign_errors: int
    foreign_failed_runs: int = 0
    last_seen: datetime


class Overview(Model):
    """Whether anything is wrong now. Spans are counted over all that is kept: stored, refused by the collector, and
    dropped by the processes that should have sent them."""

    window: Window
    problems: list[Problem]
    totals: Totals
    activity: list[ActivityPoint]
    channels: list[ChannelBacklog]
    """With the groups that owe most, at most two hundred in all; `/api/channels` has every one."""
    groups_total: int = 0
    """All groups."""
    apps: list[AppBacklog] = Field(default_factory=list)
    """Those first of which most steps are due; at most two hundred. `/api/workers` has every one."""
    apps_total: int = 0
    """All apps."""
    worst_steps: list[StepFigures]
    bus: BusState
    spans_stored: int
    spans_rejected: int
    spans_dropped: int = 0
    spans_replaced: int = 0
    """Records of the window that came beside another of the same span, such as the end of one that was sent open."""
    storage: Storage | None = None
    problems_total: int = 0
    """All problems; `problems` are the worst of them, at most two hundred."""
    services: list[ServiceFigures] = Field(default_factory=list)
    """Those first of which foreign spans failed, then by how many they sent; at most a hundred."""
    usage: Usage | None = None
    """What calls of models in the window used and cost; None where there were none, or more than 50,000."""
    alerts_firing: int = 0
    """How many alerts fire now and are not silenced."""
    spent_budgets: list[Budget] = Field(default_factory=list)
    """Budgets under which something is parked until somebody raises or cancels them, those first that are so the
    longest, at most twenty, each with what waits the longest; `/api/budgets?spent=true` has more."""
    undo_failures: list[UndoFailure] = Field(default_factory=list)
    """Runs of which an undo has failed for good, those first that ended first; at most twenty."""


class Health(Model):
    """The collector is up; its version, the version of its store's schema, and that of the API, which counts what it
    promises. `home` is the folder that it serves; None where a token is needed and was not given."""

    status: str
    version: str
    schema_version: int
    api_version: str = "1"
    bus: BusState
    home: str | None = None
