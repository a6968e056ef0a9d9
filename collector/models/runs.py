"""Runs of workflows."""

from datetime import datetime
from typing import Any, Final

from pydantic import Field

from collector.models.base import Model, NodeStatus, Page, Window
from collector.models.budgets import ParkedWork
from collector.models.calls import Call, Usage
from collector.models.events import Event
from collector.models.items import ItemsLeftOut
from collector.models.search import Searched

#: `Run.source` of what our own runtime ran.
OWN_SOURCE: Final = "causeline"


class Run(Model):
    """One run of a workflow, or of somebody else's agent. `version` is the app's that accepted it.

    `source` is what told of it: `causeline`, or for programs of others the instrumentation, empty where no convention
    explains the spans. `usage` is what calls of models used and cost, those of agents that it started
    with them; of a run of our runtime what was called within its steps. Where it started agents that called models,
    `own_usage` is what its own calls used.

    A run that failed and was resumed has several lives, counted from 1: `status`, `end` and `duration_ms` are of the
    latest, `start` is when it was accepted. `retries` are the attempts at its steps beyond each one's first.
    """

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
    version: str | None = None
    life: int = 1
    steps: int = 0
    failed_steps: int = 0
    retries: int = 0
    source: str = OWN_SOURCE
    agent: str | None = None
    session: str | None = None
    user: str | None = None
    usage: Usage | None = None
    own_usage: Usage | None = None


class RunPage(Page[Run]):
    """One page of runs; `window` is the range that they are of, None for all time. What is older than `kept_since` is
    kept no longer. `searched` says in what was looked where that found nothing."""

    window: Window | None = None
    kept_since: datetime | None = None
    searched: Searched | None = None


class RunStep(Model):
    """A step in a run. `causes` are node ids of upstream steps; empty means that the run itself causes it. `scores` are
    those that it was given, by name; `score` is the lowest. Of a program of others `inferred` are the steps before it
    as we read them, which no sender claims; `tries` are the nodes of attempts before the last one, which is the step's
    own; `round` counts steps of one name, from 0, as rounds of a loop do; `name` tells the nodes of one step apart in
    words, and `place` as it was sent (`[3]`, `#2`), None for the first. A step that was fanned out has a node of its
    own, which is `ok` when the results of its items are gathered; `calls` is what it called, `usage` what those of
    models used and cost. `input` and `result` are the beginning of what its newest attempt was given and returned;
    whole they are told of its node's attempts. Of `duration_ms`, which begins with its first attempt, code of it ran
    for `worked_ms`, and it was left to wait for `answer_ms`, for answers or for the run that it is; both are None of
    programs of others."""

    node_id: str
    step: str
    name: str = Field(default_factory=lambda told: told["step"])
    place: str | None = None
    agent: str
    status: NodeStatus
    depth: int
    attempts: int
    start: datetime
    end: datetime | None = None
    duration_ms: float | None = None
    worked_ms: float | None = None
    answer_ms: float | None = None
    causes: list[str] = Field(default_factory=list)
    keys_read: list[str] = Field(default_factory=list)
    keys_written: list[str] = Field(default_factory=list)
    context_size: int | None = None
    error: str | None = None
    score: float | None = None
    scores: dict[str, float] = Field(default_factory=dict)
    round: int = 0
    inferred: list[str] = Field(default_factory=list)
    tries: list[str] = Field(default_factory=list)
    calls: list[Call] = Field(default_factory=list)
    usage: Usage | None = None
    input: str | None = None
    result: str | None = None


class RunLife(Model):
    """One life of a run: from its acceptance, or its resumption, to its end; and what it failed of."""

    life: int
    status: NodeStatus
    start: datetime
    end: datetime | None = None
    failed_step: str | None = None
    error: str | None = None


class RunWait(Model):
    """What a run waits for: an answer to `name` (`key` tells apart several of one name), of the type that
    `answer_schema` says as JSON Schema. Nobody is waited for after `until`, where there is such a time."""

    name: str
    key: str
    step: str
    since: datetime
    until: datetime | None = None
    answer_schema: dict[str, Any] = Field(default_factory=dict)


class StepToCome(Model):
    """A step of a run that has not begun, and the steps that it waits for."""

    step: str
    waits_for: list[str]


class RunOnServer(Model):
    """A run as the workers' server has it now. `status` is `running`, `ok`, `failed` or `cancelled`;
    one that goes on fails at its `deadline`, where it has one.

    While what its steps have done `is_undoing`, it goes on, and ends as `ending` says. `is_undone` says that steps of
    it are undone, or being so; `undo_failed` names the steps whose undo has failed for good, which is left to a person,
    and `undo_error` what the last of them failed of. `has_undos` says of a run that has ended whether something of it
    is left to undo; None where nobody says. `parked` are steps that wait for a budget to be raised, `to_come` those
    of a run that goes on which have not begun, each after those that it waits for.
    """

    app: str
    workflow: str
    status: NodeStatus
    life: int
    accepted_at: datetime
    subject: str | None = None
    correlation_id: str | None = None
    version: str | None = None
    deadline: datetime | None = None
    resumed_at: datetime | None = None
    ended_at: datetime | None = None
    failed_step: str | None = None
    error: str | None = None
    waits: list[RunWait] = Field(default_factory=list)
    parked: list[ParkedWork] = Field(default_factory=list)
    to_come: list[StepToCome] = Field(default_factory=list)
    is_undoing: bool = False
    ending: NodeStatus | None = None
    is_undone: bool = False
    has_undos: bool | None = None
    undo_failed: list[str] = Field(default_factory=list)
    undo_error: str | None = None


class UndoFailure(Model):
    """A run that has steps whose undo has failed for good: a person has to see to what they did, or have it tried
    again. `error` is what the last of them failed of; `ended_at` is None while others are being undone."""

    run_id: str
    app: str
    workflow: str
    subject: str | None = None
    steps: list[str]
    error: str | None = None
    ended_at: datetime | None = None


class RunDetail(Model):
    """A run with its lives, its steps and the events that they published.

    `server` is what the live bus says of it, None where that is away or has forgotten the run. It knows earlier than
    spans that a run was cancelled or resumed, and it knows runs that are not sampled, of which there are no steps.
    `calls` are those that were made outside of all steps, `children` the runs of others that it started, `parent_run`
    the one that started it. `truncated`: some were left out, for the answer would be too long. Of a fan-out of many
    items the first are among the steps, with all that did not end well, to a limit, and the one that ended last;
    `items_left_out` counts the others, which no step of the answer names as its cause.
    """

    run: Run
    steps: list[RunStep]
    events: list[Event]
    lives: list[RunLife] = Field(default_factory=list)
    server: RunOnServer | None = None
    calls: list[Call] = Field(default_factory=list)
    children: list[Run] = Field(default_factory=list)
    parent_run: str | None = None
    items_left_out: list[ItemsLeftOut] = Field(default_factory=list)
    truncated: bool = False


class RunRequest(Model):
    """Who cancels, resumes or undoes a run, for the audit."""

    operator: str = Field(default="", max_length=200)


class WaitAnswer(Model):
    """Who answers what a run waits for, and what: `value` is plain JSON. What no step waits for yet is kept where it is
    `early`, and else refused. `way` says in the audit by which way it came."""

    operator: str = Field(default="", max_length=200)
    name: str = Field(max_length=128)
    key: str = Field(default="", max_length=1_000)
    value: Any = None
    early: bool = False
    way: str = Field(default="", max_length=100)


class RunAnswer(Model):
    """What became of a run that was to be cancelled, resumed, undone or answered; `changed` is false where that had
    been done before, or there is nothing to undo."""

    run_id: str
    status: NodeStatus
    changed: bool
