"""Runs as a state store keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from runtime.causality.trace_context import TraceContext
from runtime.frozen import frozen
from runtime.resilience.limits import Limit


@frozen()
class NewRun:
    """A run to accept. `inputs` maps names to JSON; `needs` maps each step to the number of its upstream steps; `key`
    is the caller's own, so that a start which is repeated finds the first one's run; `deadline` is in ms since 1970
    (UTC), or, behind a `+`, from its acceptance on."""

    id: UUID
    workflow: str
    inputs: Mapping[str, str]
    needs: Mapping[str, int]
    correlation_id: UUID
    trace: TraceContext
    causation_id: UUID | None = None
    causation_event: UUID | None = None
    subject: str = ""
    version: str = ""
    key: str = ""
    shape: str = ""
    """That of its workflow, JSON (`runtime.definitions.shape`), and what that is known by."""
    shape_digest: str = ""
    budget: UUID | None = None
    """The innermost that holds over it."""
    deadline: str = ""
    by: Mapping[str, str] = field(default_factory=dict)
    """The values of its keys, by which limits hold for it."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key that is kept of a run: the `result` of a step, or of an item, by the word of its place, or a key of its
    `state`; `size` is bytes as it is stored."""

    kind: Literal["result", "state"]
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class OverdueRuns:
    """Runs whose deadline has passed, and in how many seconds the next one does."""

    runs: Sequence[UUID]
    next_s: float


@frozen()
class AcceptedRun:
    """A run is accepted since `at_ms`, by the store's clock; the first one's id where a key was given twice."""

    id: UUID
    at_ms: int


@frozen()
class RunRecord:
    """A run as it stands. `status` is `running`, `undoing`, `ok`, `failed` or `cancelled`; times are ms since 1970
    (UTC).

    `life` is 1, and one more with each time that it was resumed, or undone, after it had ended; `begun_ms` is when its
    present life began. `ending` is the status that it ends with when its steps are undone; `undo_failed` are the words
    of the places whose undo has failed for good, `undo_error` what the last of them failed of; `is_undone` is whether
    steps of it are undone, or being so. `by` are the values of its keys, by which limits hold for it.
    """

    id: UUID
    workflow: str
    status: str
    inputs: Mapping[str, str]
    correlation_id: UUID
    trace: TraceContext
    accepted_ms: int
    ended_ms: int | None = None
    causation_id: UUID | None = None
    causation_event: UUID | None = None
    subject: str = ""
    error_type: str = ""
    error: str = ""
    failed_step: str = ""
    version: str = ""
    shape_digest: str = ""
    budget: UUID | None = None
    life: int = 1
    resumed_ms: int | None = None
    ending: str = ""
    undo_failed: tuple[str, ...] = ()
    undo_error: str = ""
    is_undone: bool = False
    deadline_ms: int | None = None
    by: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.ended_ms is not None

    @property
    def begun_ms(self) -> int:
        return self.resumed_ms or self.accepted_ms


@frozen()
class Life:
    """One life of a run: its first, or that after so many resumes less one. Each has an end of its own."""

    run: UUID
    number: int = 1


@dataclass(frozen=True, slots=True)
class ResumeResult:
    """What became of a run that was asked to go on: whether it does, and its status before."""

    is_resumed: bool
    status: str


#: How a step stands that waits for the end of a run: it waits now; the run has ended; or the step is another's by now.
Awaiting = Literal["waiting", "ended", "stale"]
#: What became of a run whose steps were to be undone: they are being; there is nothing to undo; or it still goes on.
Undoing = Literal["undoing", "nothing", "running"]


@dataclass(frozen=True, slots=True)
class MovingStep:
    """A step of the shape that a run is given, and whether it is what it was in the shape that the run had."""

    name: str
    waits_for: tuple[str, ...]
    is_same: bool


@dataclass(frozen=True, slots=True)
class MoveResult:
    """What became of a run that was to have another shape.

    Attributes:
        status: moved, with `kept` steps staying done; it has that shape already; busy with, or inside of the loop or
            fan-out of, `step`; nested, as `step` is a run of its own that would have to be done again; undoable, as
            what `step` has done could not be undone any more; over, with the status in `step`; or not there.
        step: as above.
        kept: as above.
    """

    status: Literal["moved", "same", "busy", "inside", "nested", "undoable", "over", "missing"]
    step: str = ""
    kept: int = 0


@dataclass(frozen=True, slots=True)
class ShapeRunCount:
    """How many runs of a workflow go on, or are being undone, that began with one shape of it."""

    workflow: str
    digest: str
    runs: int


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that is due, and for how long, in ms."""

    run: UUID
    workflow: str
    step: str
    for_ms: int


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """Steps that take turns by key: the names and values of the keys (none for runs that have none), how many are due,
    and for how long the first of them, in ms."""

    by: tuple[tuple[str, str], ...]
    due: int
    for_ms: int


@dataclass(frozen=True, slots=True)
class Lane:
    """Steps that are due for an agent and were left to the workers that serve it, or wait for a limit: how many, and
    the oldest; where they take turns by key, the few keys that have waited the longest."""

    agent: str
    due: int
    oldest: DueStep
    keys: tuple[WaitingKey, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitUse:
    """What of an agent's limit is used: attempts that are under way, calls and tokens of the last minute. What the
    limit does not bound is not counted."""

    limit: Limit
    at_once: int
    calls: int
    tokens: int


@dataclass(frozen=True, slots=True)
class RunBacklog:
    """What an app's runs owe: steps that are due, those under way, and those that wait for a cell, or are in
    one.

    `oldest` is the step that has been due the longest, `oldest_suspect` the one that has waited for a cell the longest;
    `lanes` tells, of those that are due, which were left to the workers of their agents.
    """

    app: str
    due: int
    under_way: int
    suspects: int
    oldest: DueStep | None = None
    oldest_suspect: DueStep | None = None
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldUndo:
    """The undo of a `step` that waits, until `until_ms` by the store's clock at the latest, as an attempt at the step
    that was cut off may go on for as long as its lease."""

    step: str
    until_ms: int


@frozen()
class EndedRun:
    """A run that has just ended, by the store's clock; without `ended_ms` it will, once its steps are undone."""

    accepted_ms: int
    ended_ms: int | None
