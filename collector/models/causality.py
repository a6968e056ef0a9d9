"""The causal graph, and everything that is known of one node of it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from collector.models.base import Model, NodeStatus
from collector.models.dead_letters import DeadLetter
from collector.models.items import ItemsLeftOut
from collector.models.logs import LogExcerpt
from runtime.semconv import Coordination, Evidence, NodeKind


class AttemptBar(Model):
    """One attempt of a node, or one life of a run that was resumed, as much as a picture needs. `outcome` is empty
    while that goes on, and `unknown` where it ended and nothing says how."""

    attempt: int
    outcome: str = ""
    start: datetime
    end: datetime | None = None


class Node(Model):
    """A node of the causal graph. `attempts` counts its attempts; `bars` are those attempts, oldest first.

    Only the list of a step's worst nodes tells `score`, the lowest that it was given, from 0 to 1, `score_name`, which
    one that is, and `slow`: whether an attempt took longer than those of 95 % of its like. Only a causal graph tells
    `role`, what part a span of others plays in an agent's work, such as `step`, `model` or `tool`, and the `agent` that
    it works for where only spans above it name one.

    A step has several nodes in a run where it is done for items, or in rounds: `name` tells them apart in words, such
    as `weigh [3]` or `review, round 2`; `step` is the step's own name, and `place` what tells them apart as it was
    sent, such as `[3]` or `#2`, None for the first.
    """

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
    step: str | None = None
    place: str | None = None
    event_id: str | None = None
    channel: str | None = None
    group: str | None = None
    round: int | None = None
    reason: str | None = None
    error: str | None = None
    subject: str | None = None
    score: float | None = None
    score_name: str | None = None
    slow: bool = False
    role: str | None = None
    bars: list[AttemptBar] = Field(default_factory=list)


class Edge(Model):
    """A cause and its effect, unique by the pair."""

    cause: str
    effect: str
    evidence: Evidence
    coordination: Coordination


class Hole(Model):
    """A node that others name as their cause and that is not recorded. `missing`: lost, or late. `not_sampled`: never
    exported; of a correlation that is not sampled, only dead letters, replays and discards are."""

    id: str
    named_by: list[str]
    reason: Literal["missing", "not_sampled"] = "missing"


class CausalGraph(Model):
    """The causes and effects of a node. `truncated`: the graph was cut at a limit of nodes; `left_out` says how many
    were found and left out, and there may be more that nobody looked at. Where there are more nodes than the limit,
    items of large fan-outs that ended well are counted first, in `items_left_out`, without their edges."""

    focus: str
    nodes: list[Node]
    edges: list[Edge]
    holes: list[Hole] = Field(default_factory=list)
    truncated: bool = False
    left_out: int = 0
    items_left_out: list[ItemsLeftOut] = Field(default_factory=list)


class Deferral(Model):
    """An attempt was deferred before it began, because its breaker was open: how many times, since when, and until when
    the last time; it begins before `until` where somebody closed the breaker."""

    breaker: str
    times: int
    since: datetime
    until: datetime


class Attempt(Model):
    """One attempt of a node, or one life of a run that was resumed, whole. `outcome` is as in `AttemptBar`; `version`
    is the app's, as the process that made it says. `input` and `result` are what it was given and returned, as it was
    recorded: JSON text of a step (its inputs by key) or of what a handler returned, any text of others; None where
    that was not recorded. What a handler was given is the event's payload."""

    attempt: int
    outcome: str = ""
    start: datetime
    end: datetime | None = None
    trace_id: str
    span_id: str
    worker: str = ""
    version: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    traceback: str | None = None
    input: str | None = None
    result: str | None = None
    deferred: Deferral | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class Evaluation(Model):
    """One score of a node."""

    name: str
    score: float | None = None
    label: str | None = None
    explanation: str | None = None
    at: datetime


class EndedWait(Model):
    """What a step waited for, and how that ended: who answered `at` that time, and from which node where code of a step
    or handler did; both are None where nobody answered in time."""

    name: str
    key: str = ""
    by: str | None = None
    node_id: str | None = None
    at: datetime


class SpanBrief(Model):
    """A span nested below an attempt. `model` and tokens are of a call of a language model, None where it says none."""

    trace_id: str
    span_id: str
    parent_span_id: str | None = None
    name: str
    start: datetime
    end: datetime | None
    status: str
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)


class NodeDetail(Model):
    """Everything that is known of one node. `payload` is JSON text, for events and what deals with one.

    The newest record that says so tells `keys_read`, `keys_written`, `context_size` (bytes of JSON that an attempt was
    given) and the `operator` of a replay or a discard; the newest of all, which `attributes` are those of as they were
    sent, tells `keys_unused` (asked for and never used) and `inbox` (what a handler wrote to a database of its own was
    `applied`, or `already_applied` before). `key_sizes` are the bytes of each key read, in that order;
    empty where nobody says. `letter` is a dead letter as the live bus has it now, which then says how the node stands;
    None where that is away. `truncated`: more spans are nested below it. `notes` say which of its attributes were not
    understood.
    """

    node: Node
    causation_id: str | None = None
    causes: list[str] = Field(default_factory=list)
    attempts: list[Attempt] = Field(default_factory=list)
    evaluations: list[Evaluation] = Field(default_factory=list)
    waits: list[EndedWait] = Field(default_factory=list)
    nested: list[SpanBrief] = Field(default_factory=list)
    logs: LogExcerpt = Field(default_factory=LogExcerpt)
    payload: str | None = None
    keys_read: list[str] = Field(default_factory=list)
    key_sizes: list[int] = Field(default_factory=list)
    keys_unused: list[str] = Field(default_factory=list)
    keys_written: list[str] = Field(default_factory=list)
    context_size: int | None = None
    inbox: str | None = None
    operator: str | None = None
    letter: DeadLetter | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)
    truncated: bool = False
    notes: list[str] = Field(default_factory=list)
