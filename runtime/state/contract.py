"""What a state store promises to the engine, whatever carries it. Every backend passes one battery of tests.

Promises that hold for all of it:

- A run that was accepted is never lost; a second acceptance of the same id changes nothing.
- A due task is given to one worker at a time, under a lease with a token of its own. Commit, retry and failure check
  the token and that the run still goes on; to everybody else the call is stale and changes nothing.
- A step's result is committed once, together with the events that it published and the state that it wrote.
- A step is due as soon as its last upstream step is committed, whoever commits it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self
from uuid import UUID

from runtime.bus.contract import OutboxEntry, Outgoing
from runtime.causality.trace_context import TraceContext


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run to accept. `inputs` maps names to JSON; `needs` maps each step to the number of its upstream steps."""

    id: UUID
    workflow: str
    inputs: Mapping[str, str]
    needs: Mapping[str, int]
    correlation_id: UUID
    trace: TraceContext
    causation_id: UUID | None = None
    causation_event: UUID | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it stands. `status` is `running`, `ok`, `failed` or `cancelled`; times are ms since 1970 (UTC)."""

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


@dataclass(frozen=True, slots=True)
class Task:
    """A step of a run that is due."""

    run: UUID
    workflow: str
    step: str

    @property
    def member(self) -> str:
        """The task in one word, as stores keep it."""
        return f"{self.run}|{self.workflow}|{self.step}"

    @classmethod
    def parse(cls, member: str) -> Self:
        """The task that a word stands for."""
        run, workflow, step = member.split("|")
        return cls(UUID(run), workflow, step)


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that is ours for the length of a lease.

    `attempt` is 1-based; `fails` counts the attempts that ended in an error, `deaths` those that killed their worker
    while running alone. `died`: the attempt before this one never ended.
    """

    task: Task
    token: str
    attempt: int
    fails: int
    deaths: int
    died: bool
    now_ms: int
    first_ms: int
    run: RunRecord
    results: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has just ended, by the store's clock."""

    accepted_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Committed:
    """A result is in: the events on their way, and the run's end if this was its last step."""

    entries: Sequence[OutboxEntry] = field(default=())
    ended: Ended | None = None


class StateStore(Protocol):
    """Runs of one app."""

    async def start(self, run: NewRun) -> int:
        """Accepts a run; when, in ms by the store's clock."""
        ...

    async def due(self, limit: int, skip: int = 0) -> list[Task]:
        """Tasks that look due now, oldest first, without the first `skip`. Others may see the same: `claim` decides."""
        ...

    async def claim(self, task: Task, token: str, lease_ms: int, upstream: Sequence[str]) -> Claim | None:
        """Takes a task, with the results of its upstream steps; None when somebody else has it."""
        ...

    async def renew(self, claim: Claim, lease_ms: int, *, solo: bool | None = None) -> bool:
        """Lengthens the lease; False when it is lost. `solo`: from now on nothing else runs in the process."""
        ...

    async def commit(
        self,
        claim: Claim,
        result: str,
        successors: Sequence[str],
        events: Sequence[Outgoing],
        writes: Mapping[str, str],
    ) -> Committed | None:
        """Commits a result (JSON); None when stale."""
        ...

    async def retry(self, claim: Claim, delay_ms: int, error: str) -> bool:
        """Books another attempt after a failed one; False when stale."""
        ...

    async def postpone(self, claim: Claim, delay_ms: int) -> bool:
        """Books the same attempt for later: it never began. False when stale."""
        ...

    async def release(self, claim: Claim) -> bool:
        """Gives an attempt up that was cut off: the next one is due at once, and nobody is blamed. False when stale."""
        ...

    async def fail(self, claim: Claim, error_type: str, error: str) -> Ended | None:
        """Ends the run because the step failed for good; None when stale."""
        ...

    async def cancel(self, run: UUID) -> Ended | None:
        """Ends the run; None when it has ended before."""
        ...

    async def get(self, run: UUID) -> RunRecord | None:
        """The run as it stands."""
        ...

    async def result(self, run: UUID, step: str) -> str | None:
        """A step's committed result as JSON."""
        ...

    async def runs(self, limit: int) -> list[RunRecord]:
        """The runs accepted last, newest first."""
        ...

    async def unconfirmed(self, older_than_ms: int, limit: int) -> list[UUID]:
        """Runs that ended at least so long ago and whose end nobody has confirmed as told."""
        ...

    async def confirm(self, run: UUID) -> None:
        """The run's end has been told."""
        ...

    async def read(self, run: UUID | None, key: str) -> str | None:
        """A key of the run's own state, or of the app's where `run` is None; JSON."""
        ...

    async def write(self, key: str, value: str) -> None:
        """Writes a key of the app's state; JSON."""
        ...

    async def workers(self, live_ms: int) -> int:
        """Workers of the app that have given a sign of life in the last `live_ms` milliseconds."""
        ...

    async def wait(self, timeout: float) -> None:
        """Returns when a task may be due, after `timeout` seconds at the latest."""
        ...
