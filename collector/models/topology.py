"""Who talks to whom: agents' steps, workflows, channels, groups and services of others, and what flows between them."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.channels import BusState
from collector.models.runs import OWN_SOURCE
from runtime.semconv import Coordination


class SystemPartKind(StrEnum):
    """What a part of a system is."""

    SERVICE = "service"
    """A program: whoever calls, publishes or starts runs outside of any step, or is called."""
    WORKFLOW = "workflow"
    STEP = "step"
    CHANNEL = "channel"
    GROUP = "group"


class DriftKind(StrEnum):
    """What differs between what is declared and what is done."""

    LOOP = "loop"
    """Channels by which work can come back to where it began; that is not always a fault."""
    UNREAD_CHANNEL = "unread_channel"
    """Published to, and read by nobody."""
    UNUSED_GROUP = "unused_group"
    """Subscribed, and owed nothing in the time range."""
    UNUSED_AGENT = "unused_agent"
    """Served by workers, and without any work in the time range."""
    UNUSED_WORKFLOW = "unused_workflow"
    """Declared by the code of live workers, and without any run in the time range."""
    UNUSED_STEP = "unused_step"
    """Declared of a workflow that had runs, of which none has done it."""


class Backlog(Model):
    """What a group owes now, as the live bus says: `waiting` are pending or between attempts, the oldest unprocessed
    for `oldest_seconds`."""

    waiting: int
    dead: int
    consumers: int
    oldest_seconds: float | None = None


class SystemPart(Model):
    """A part of a system, and how it did in the time range.

    `name` is what it is called, `of` the workflow of a step or the channel of a group. `count` is how many runs it
    began, steps or deliveries it did, or events it took; of a service how many calls it was asked for. `errors` are
    those of them that failed for good, `p50_ms` is how long half of them worked at most: of a step or a group an
    attempt, of a workflow a run. `source` is what told of it, as `Run.source` has it.
    """

    id: str
    kind: SystemPartKind
    name: str
    of: str = ""
    agent: str = ""
    app: str = ""
    source: str = OWN_SOURCE
    count: int = 0
    per_minute: float = 0.0
    errors: int = 0
    p50_ms: float | None = None


class Flow(Model):
    """What flows from one part to another: `count` times, of which `errors` failed for good. Half of it took `p50_ms`
    at most: a call until it was answered, anything else from the end of its cause to its beginning. `backlog` is what
    the group that it flows to owes now; None where the bus does not say, or nothing waits on the way. `is_inferred`:
    our reading, which no sender claims."""

    cause: str
    effect: str
    coordination: Coordination
    count: int
    per_minute: float
    errors: int = 0
    p50_ms: float | None = None
    backlog: Backlog | None = None
    is_inferred: bool = False


class Drift(Model):
    """What differs between what is declared and what is done: of which parts, in words. The parts of a loop stand in
    the order in which it runs."""

    kind: DriftKind
    parts: list[str]
    says: str


class Topology(Model):
    """Who talks to whom in a window. `bus` says whether the live bus was there to tell what is declared and owed. Of a
    window that holds more than is read at once only what began `since` then was looked at, and rates are of that time.

    What agents of others do is of their newest traces, of each service as many as are read: of the services in
    `others_since` only of what began since then, and their counts and rates are of that time. Where there are more
    parts or flows than an answer holds, those that matter least are left out, and it is `truncated`.
    """

    window: Window
    parts: list[SystemPart]
    flows: list[Flow]
    drift: list[Drift] = Field(default_factory=list)
    bus: BusState
    since: datetime | None = None
    others_since: dict[str, datetime] = Field(default_factory=dict)
    truncated: bool = False
