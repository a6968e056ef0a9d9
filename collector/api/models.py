"""The shapes that the collector's API answers with, and what it accepts.

Other programs rely on them: fields may join, none leave or change their meaning. Times are UTC; durations say their
unit in their name. An id is a UUID in text unless it says otherwise.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

# Re-exported: whoever reads these shapes needs the words they are made of, and nothing else of the runtime.
from runtime.semconv import Coordination as Coordination
from runtime.semconv import Evidence as Evidence
from runtime.semconv import NodeKind as NodeKind

Item = TypeVar("Item")


class Model(BaseModel):
    """Base of all answers: immutable, and forgiving towards fields of a newer collector."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Page(Model, Generic[Item]):
    """One page of a list; `next` is the cursor of the page after it, or None."""

    items: list[Item]
    next: str | None = None


class ErrorBody(Model):
    """What went wrong: a stable code, a sentence, and what to do about it."""

    code: str
    message: str
    hint: str = ""


class ErrorAnswer(Model):
    """The body of every answer that is not a success."""

    error: ErrorBody


class NodeStatus(StrEnum):
    """How a node stands; one vocabulary for all kinds, so that one palette colours them."""

    OK = "ok"
    RUNNING = "running"
    RETRYING = "retrying"
    """Its last attempt failed and another is due."""
    FAILED = "failed"
    DEAD = "dead"
    """A delivery that gave up, or a dead letter that still waits for somebody."""
    REPLAYED = "replayed"
    """A dead letter that was sent again."""
    DISCARDED = "discarded"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
    """Named by others, or only partly recorded."""


class Window(Model):
    """The time range that an answer covers. `fallback` is true when the range asked for was empty and the latest range
    of the same length that holds data was taken instead."""

    start: datetime
    end: datetime
    fallback: bool = False


# --- causality -------------------------------------------------------------------------------------------------------


class AttemptBar(Model):
    """One attempt of a node, as much as a picture needs."""

    attempt: int
    outcome: str = ""
    start: datetime
    end: datetime | None = None


class Node(Model):
    """A node of the causal graph. `attempts` counts its attempts; `bars` are those attempts, oldest first."""

    id: str
    kind: NodeKind
    name: str
    agent: str
    status: NodeStatus
    start: datetime | None = None
    end: datetime | None = None
    attempts: int = 0
    trace_id: str | None = None
    correlation_id: str | None = None
    run_id: str | None = None
    workflow: str | None = None
    event_id: str | None = None
    channel: str | None = None
    group: str | None = None
    round: int | None = None
    reason: str | None = None
    error: str | None = None
    subject: str | None = None
    bars: list[AttemptBar] = Field(default_factory=list)


class Edge(Model):
    """A cause and its effect, unique by the pair."""

    cause: str
    effect: str
    evidence: Evidence
    coordination: Coordination


class Hole(Model):
    """A node that others name as their cause and that never arrived."""

    id: str
    named_by: list[str]


class CausalGraph(Model):
    """The causes and effects of a node. `truncated`: the graph was cut at a limit of nodes."""

    focus: str
    nodes: list[Node]
    edges: list[Edge]
    holes: list[Hole] = Field(default_factory=list)
    truncated: bool = False


class Attempt(Model):
    """One attempt of a node, whole."""

    attempt: int
    outcome: str = ""
    start: datetime
    end: datetime | None = None
    trace_id: str
    span_id: str
    worker: str = ""
    error_type: str | None = None
    error_message: str | None = None
    traceback: str | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class Evaluation(Model):
    """One score of a node."""

    name: str
    score: float | None = None
    label: str | None = None
    explanation: str | None = None
    at: datetime


class SpanBrief(Model):
    """A span nested below an attempt, such as a call of a language model."""

    trace_id: str
    span_id: str
    parent_span_id: str | None = None
    name: str
    start: datetime
    end: datetime
    status: str
    attributes: dict[str, Any] = Field(default_factory=dict)


class NodeDetail(Model):
    """Everything that is known of one node. `payload` is JSON text, for events and what deals with one."""

    node: Node
    causation_id: str | None = None
    causes: list[str] = Field(default_factory=list)
    attempts: list[Attempt] = Field(default_factory=list)
    evaluations: list[Evaluation] = Field(default_factory=list)
    nested: list[SpanBrief] = Field(default_factory=list)
    payload: str | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


# --- traces ----------------------------------------------------------------------------------------------------------


class SpanEvent(Model):
    """An event on a span; `time` is RFC 3339 with nanoseconds."""

    name: str
    time: str
    attributes: dict[str, Any] = Field(default_factory=dict)


class SpanLink(Model):
    """A link of a span; ids in hex."""

    trace_id: str
    span_id: str
    attributes: dict[str, Any] = Field(default_factory=dict)


class Span(Model):
    """A span as it was received; ids in hex, times RFC 3339 with nanoseconds."""

    trace_id: str
    span_id: str
    parent_span_id: str | None = None
    name: str
    kind: str
    start: str
    end: str
    status: str
    status_message: str = ""
    attributes: dict[str, Any] = Field(default_factory=dict)
    events: list[SpanEvent] = Field(default_factory=list)
    links: list[SpanLink] = Field(default_factory=list)
    resource: dict[str, Any] = Field(default_factory=dict)
    scope: str = ""


class Trace(Model):
    """All spans of one trace, by start time."""

    spans: list[Span]


# --- events, runs, steps ---------------------------------------------------------------------------------------------


class DeliveryBrief(Model):
    """How one group fared with an event, in its newest round."""

    delivery_id: str
    group: str
    status: NodeStatus
    round: int
    attempts: int


class Event(Model):
    """One event and how its groups fared. `payload` is JSON text, cut short in lists."""

    event_id: str
    channel: str
    time: datetime
    source: str | None = None
    subject: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    payload: str | None = None
    deliveries: list[DeliveryBrief] = Field(default_factory=list)


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
    `workflow` is the channel and `step` the group. Rates are shares from 0 to 1: `error_rate` of nodes that ended
    badly, `retry_rate` of attempts that had to be made again."""

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
    """One step over the window, with recent nodes that failed, were retried or scored badly."""

    figures: StepFigures
    window: Window
    histogram: list[LatencyBin]
    trend: list[StepPoint]
    worst: list[Node]


class StepList(Model):
    """All steps of the window."""

    window: Window
    items: list[StepFigures]
    next: str | None = None


# --- the live bus ----------------------------------------------------------------------------------------------------


class GroupBacklog(Model):
    """What a group owes, read from the live bus. `owed` = done + pending + retrying + dead + discarded."""

    group: str
    owed: int
    done: int
    pending: int
    """Not yet read, or being worked on, or a replay that waits."""
    retrying: int
    dead: int
    discarded: int
    consumers: int
    """Live consumers now."""
    oldest_unprocessed_seconds: float | None = None


class ChannelBacklog(Model):
    """A channel and its groups, read from the live bus."""

    channel: str
    published: int
    groups: list[GroupBacklog]


class ChannelList(Model):
    """All channels."""

    items: list[ChannelBacklog]
    next: str | None = None


class DeadLetterState(StrEnum):
    """What became of a dead letter."""

    DEAD = "dead"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class AttemptError(Model):
    """What one attempt of a dead delivery said."""

    attempt: int
    round: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    worker: str = ""
    error_type: str = ""
    message: str = ""
    traceback: str = ""
    trace_id: str | None = None
    span_id: str | None = None


class DeadLetter(Model):
    """A delivery that gave up, read from the live bus. `attempts` counts those of its round; `error` is the last one's
    type and message. Once replayed: who, when, and how the replay ended (`pending`, `ok` or `dead`)."""

    id: str
    channel: str
    group: str
    event_id: str
    round: int
    reason: str
    error: str
    attempts: int
    dead_at: datetime
    state: DeadLetterState
    subject: str | None = None
    delivery_id: str | None = None
    correlation_id: str | None = None
    replay_id: str | None = None
    settled_at: datetime | None = None
    operator: str | None = None
    replay_outcome: str | None = None


class DeadLetterDetail(DeadLetter):
    """A dead letter whole: the envelope as JSON text, and every attempt's error, earlier rounds first."""

    envelope: str
    payload: str | None = None
    history: list[AttemptError] = Field(default_factory=list)


class DeadLetterGroup(Model):
    """How many letters of one reason a group has."""

    channel: str
    group: str
    reason: str
    count: int
    oldest: datetime | None = None


class DeadLetterSummary(Model):
    """The backlog of dead letters by channel, group and reason."""

    items: list[DeadLetterGroup]
    total: int


class ReplayRequest(Model):
    """Dead letters to send again, and who says so. Only the group that failed receives them."""

    ids: list[str] = Field(min_length=1, max_length=1000)
    operator: str = Field(min_length=1, max_length=200)


class DiscardRequest(ReplayRequest):
    """Dead letters to give up on, who says so, and why."""

    reason: str = Field(min_length=1, max_length=1000)


class Settlement(Model):
    """What became of one letter of a request. `status` is `replayed`, `discarded`, `already_settled` (a second click
    does nothing) or `not_found`."""

    dead_letter_id: str
    status: str
    replay_id: str | None = None
    delivery_id: str | None = None


class SettlementAnswer(Model):
    """What became of each letter, in the order asked."""

    items: list[Settlement]


class AuditEntry(Model):
    """One thing that an operator did."""

    at: datetime
    action: str
    channel: str
    group: str
    dead_letter_id: str
    event_id: str
    operator: str
    reason: str = ""


class LedgerRow(Model):
    """What the bus says against what the spans say, for one group."""

    channel: str
    group: str
    bus: GroupBacklog
    spans_done: int
    spans_dead: int
    difference: int
    """Done by the bus less done by the spans; not zero means that spans were lost or not sampled."""


class Ledger(Model):
    """All groups."""

    items: list[LedgerRow]
    next: str | None = None


# --- overview --------------------------------------------------------------------------------------------------------


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


class BusState(Model):
    """Whether the collector reaches the bus, and what it says if not."""

    connected: bool
    error: str = ""


class Overview(Model):
    """Whether anything is wrong now."""

    window: Window
    problems: list[Problem]
    totals: Totals
    activity: list[ActivityPoint]
    channels: list[ChannelBacklog]
    worst_steps: list[StepFigures]
    bus: BusState
    spans_stored: int
    spans_rejected: int


class Health(Model):
    """The collector is up; its version, and the version of its store's schema."""

    status: str
    version: str
    schema_version: int
    bus: BusState


# --- pages -----------------------------------------------------------------------------------------------------------


class RunPage(Page[Run]):
    """One page of runs; `window` is the range that they are of, None where a search looked everywhere."""

    window: Window | None = None


class EventPage(Page[Event]):
    """One page of events; `window` is the range that they are of, None where a search looked everywhere."""

    window: Window | None = None


class EventDetail(Event):
    """One event whole: its payload uncut, and every round of every delivery as a node."""

    rounds: list[Node] = Field(default_factory=list)
