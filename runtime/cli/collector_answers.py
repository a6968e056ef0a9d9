"""What commands read of the collector's answers: the fields that they use, and of which kind each is.

An answer is held against these before a command sees it (`collector_api.ask_collector`), so that a program that answers
in the collector's place is told from it whatever its JSON holds. What an answer has besides stays as it is."""

from datetime import datetime
from typing import Annotated, NotRequired

from pydantic import AfterValidator
from typing_extensions import TypedDict  # of which Pydantic can read the fields before Python 3.12


def _require_moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("has no offset from UTC")
    return text


#: A time of ISO 8601 with its offset from UTC.
Moment = Annotated[str, AfterValidator(_require_moment)]


class Window(TypedDict):
    """The time range that an answer covers."""

    start: Moment
    end: Moment
    fallback: bool


class Node(TypedDict):
    """A node of a causal graph."""

    id: str
    kind: str
    name: str
    status: str
    start: NotRequired[str | None]
    attempts: NotRequired[int | None]
    run_id: NotRequired[str | None]
    step: NotRequired[str | None]
    place: NotRequired[str | None]
    round: NotRequired[int | None]
    error: NotRequired[str | None]


class Edge(TypedDict):
    """A cause and its effect."""

    cause: str
    effect: str
    coordination: str


class Hole(TypedDict):
    """A node that others name as their cause and that is not recorded."""

    id: str
    reason: NotRequired[str]


class CausalGraph(TypedDict):
    """The causes and effects of a node."""

    focus: str
    nodes: list[Node]
    edges: list[Edge]
    holes: NotRequired[list[Hole]]
    truncated: NotRequired[bool]


class Run(TypedDict):
    """A run in a list."""

    run_id: str
    workflow: str
    status: str
    start: Moment
    duration_ms: float | None
    subject: str | None
    retries: int


class RunPage(TypedDict):
    """One page of runs."""

    items: list[Run]
    next: str | None
    window: Window | None


class RunStep(TypedDict):
    """A step of a run, and the keys of the run's state that it reads and writes."""

    name: str
    keys_read: list[str]
    keys_written: list[str]


class RunDetail(TypedDict):
    """A run whole."""

    steps: list[RunStep]


class WaitingRun(TypedDict):
    """A run that waits for an answer."""

    run_id: str
    workflow: str
    subject: str | None
    name: str
    key: str
    step: str
    since: Moment
    until: Moment | None


class WaitList(TypedDict):
    """What runs wait for."""

    items: list[WaitingRun]
    truncated: bool


class AuditEntry(TypedDict):
    """One thing that an operator did."""

    at: Moment
    operator: str
    action: str
    rule: str
    reason: str


class AuditPage(TypedDict):
    """One page of what operators did."""

    items: list[AuditEntry]


class Accuracy(TypedDict):
    """A share, of how many it is one, and its interval."""

    n: int
    value: float | None


class Interval(TypedDict):
    """A share with the interval of it; all None where nothing was observed."""

    value: float | None
    low: float | None
    high: float | None


class Score(TypedDict):
    """How a step was scored under one name."""

    name: str
    accuracy: Accuracy


class StepFigures(TypedDict):
    """How a step of a workflow did, or the group of a channel."""

    workflow: str
    step: str
    kind: str
    accuracy: Accuracy | None
    scores: list[Score]


class StepList(TypedDict):
    """Figures of all steps."""

    items: list[StepFigures]
    window: Window


class Ground(TypedDict):
    """A row of the decision table, and what was observed of it."""

    question: str
    leans: str
    says: str
    n: int
    share: Interval | None
    runs: list[str]


class StepAdvice(TypedDict):
    """What a step should be."""

    workflow: str
    step: str
    verdict: str
    because: str
    n: int
    runs: int
    grounds: list[Ground]


class Advice(TypedDict):
    """What each step of a window should be."""

    window: Window
    items: list[StepAdvice]
    judged: int
    critical: int
    critical_work: float | None
    least: int


class SystemPart(TypedDict):
    """A part of a system."""

    id: str
    kind: str
    name: str
    of: str


class Backlog(TypedDict):
    """What a group owes."""

    waiting: int
    dead: int


class Flow(TypedDict):
    """What flows from one part of a system to another."""

    cause: str
    effect: str
    coordination: str
    per_minute: float
    errors: int
    p50_ms: float | None
    backlog: Backlog | None
    is_inferred: bool


class Drift(TypedDict):
    """What differs between what is declared and what is done."""

    kind: str
    says: str


class BusState(TypedDict):
    """Whether the collector reaches the bus."""

    connected: bool
    error: str


class Topology(TypedDict):
    """Who talks to whom."""

    window: Window
    parts: list[SystemPart]
    flows: list[Flow]
    drift: list[Drift]
    bus: BusState
    truncated: bool


class FiringAlert(TypedDict):
    """An alert that fires, and the names of what it is about."""

    kind: str
    about: dict[str, str]


class AlertList(TypedDict):
    """How alerts stand."""

    firing: list[FiringAlert]


class Access(TypedDict):
    """Whether a collector asks for tokens; of any shape, because whoever asks looks whether it is one."""

    tokens_needed: NotRequired[object]
