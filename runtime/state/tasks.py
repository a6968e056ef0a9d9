"""Steps that are due, attempts at them, and what an attempt commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self
from uuid import UUID

from runtime.bus.deliveries import OutboxEntry, OutgoingEvent
from runtime.causality.chance import random_bytes
from runtime.causality.identity import text_of
from runtime.causality.step_place import StepPlace
from runtime.frozen import frozen
from runtime.state.runs import EndedRun, RunRecord


@frozen()
class Task:
    """A step of a run that is due. `step` is the word of its place in the run: the step's name, with the round and the
    item where there are any."""

    run: UUID
    workflow: str
    step: str

    @property
    def place(self) -> StepPlace:
        """Where in the run it stands."""
        return StepPlace.parse(self.step)

    @property
    def member(self) -> str:
        """The task in one word, as stores keep it."""
        return f"{text_of(self.run)}|{self.workflow}|{self.step}"

    @classmethod
    def parse(cls, member: str) -> Self:
        """The task that a word stands for."""
        run, workflow, step = member.split("|")
        return cls(UUID(run), workflow, step)


@dataclass(frozen=True, slots=True)
class SuspectTask:
    """A task whose worker is gone; it waits for a cell. `vanished` counts how often its cell was lost unseen."""

    task: Task
    vanished: int


@dataclass(frozen=True, slots=True)
class LimitRoom:
    """How many more attempts an agent's limit lets begin now (None: any number), and tasks of its lane, the oldest
    first; none where there is no room."""

    free: int | None
    tasks: Sequence[Task] = ()


@dataclass(frozen=True, slots=True)
class LostStepAttempt:
    """An attempt that never ended, because its worker is gone: its number, and when it began (0 where unknown)."""

    attempt: int
    began_ms: int


@frozen()
class Claim:
    """A task that is ours for the length of a lease.

    `attempt` is 1-based; `fails` counts the attempts that ended in an error, `kills` those whose cell died while its
    parent looked on, `vanished` those whose cell was lost together with its parent. `results` and `parts` are what was
    asked for that is there.
    """

    task: Task
    token: str
    attempt: int
    fails: int
    kills: int
    vanished: int
    now_ms: int
    first_ms: int
    run: RunRecord
    results: Mapping[str, str]
    lost: LostStepAttempt | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def holder(self) -> tuple[str, str, str]:
        """What scripts know the attempt by: the task, its step, and the token of its lease."""
        return self.task.member, self.task.step, self.token


@dataclass(frozen=True, slots=True)
class OtherShape:
    """A task was not taken: its run began with a shape of its workflow that is none of those that would do."""

    digest: str


@frozen()
class NextClaim:
    """What whoever commits takes next, if the commit makes it due: one of the steps in `upstream`, which maps each to
    the steps whose results it reads; `any_item` stands for the item that is next. `token` and `lease_ms` are those of a
    claim."""

    token: str
    lease_ms: int
    upstream: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What is committed is the result of an item.

    Attributes:
        fan_out: the word of the place that it is an item of, which is due when all items are committed.
        tolerated: how many items may fail where this one has; None where it has not.
    """

    fan_out: str
    tolerated: int | None = None


@frozen()
class Commit:
    """What a step's attempt commits: its result (JSON), the steps that wait for it, the events that it publishes, and
    keys (to JSON) that it writes to its run's state and to the app's shared state; and what its worker takes next.

    Attributes:
        name: what readers find the result under; by default the word of the step's place.
        item: set where it is an item: nobody else waits for it.
        gathered: how many items it is made of, whose results go.
        again: the places of a loop's next round, with how many of them each waits for; they are steps that are open
            again.
        noted: parts that others read with their claims.
        undo: what it means for the step's undo, if it has one: the step is done, or not done after all; or that it is
            the undo, which is done.
    """

    result: str
    successors: Sequence[str] = ()
    events: Sequence[OutgoingEvent] = ()
    writes: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    next: NextClaim | None = None
    name: str = ""
    item: ItemResult | None = None
    gathered: int = 0
    again: Mapping[str, int] = field(default_factory=dict)
    noted: Mapping[str, str] = field(default_factory=dict)
    undo: Literal["", "done", "not done", "undo"] = ""


@frozen()
class CommitResult:
    """A result is in: the events on their way, the run's end if this was its last step, and the step that was taken
    with it. `is_refused`: it is that of one more failed item than is tolerated, and nothing was changed."""

    entries: Sequence[OutboxEntry] = field(default=())
    ended: EndedRun | None = None
    taken: Claim | None = None
    is_refused: bool = False


def any_item(task: Task) -> str:
    """What stands in a `NextClaim` for whichever item of a task's fan-out comes next."""
    return f"{task.step.rpartition('[')[0]}[*]"


def token_of(consumer: str, nonce: str) -> str:
    """The token of an attempt: it names the worker, so that its work is found when that is gone."""
    return f"{consumer}|{nonce}"


def new_token(consumer: str) -> str:
    """The token of an attempt that nobody has begun yet."""
    return token_of(consumer, random_bytes(8).hex())


def consumer_of(token: str) -> str:
    """The worker that a token names."""
    return token.partition("|")[0]
