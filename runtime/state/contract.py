"""What a state store promises to the engine, whatever carries it. Every backend passes one battery of tests.

Promises that hold for all of it:

- A run that was accepted is never lost; a second acceptance of the same id changes nothing.
- A due task is given to one worker at a time, under a lease with a token of its own. Commit, retry and failure check
  the token and that the run still goes on; to everybody else the call is stale and changes nothing.
- A task whose worker is gone, or has not renewed its lease, is given to cells alone.
- Settlements are idempotent: whoever repeats one, because its answer was lost, is told again that it holds, until the
  task's next attempt has ended. A different one after it is stale.
- A step's result is committed once, together with the events that it published and the state that it wrote.
- A step is due as soon as its last upstream step is committed, whoever commits it.
- A fan-out is due again once, when the last of its items is committed, whoever commits it; no more items are under way
  at once than it says.
- What an attempt records of its calls is found by later attempts at the step, for as long as the run is kept. Only who
  holds the lease records.
- What has an undo and has begun is undone when its run fails or is cancelled: one after the other, the last first, and
  no sooner than its last attempt can't be under way any more. Then the run ends, once.
- What was set aside for an agent is due all the same: it can be claimed, and is told to whoever does not leave that
  agent's work to others.
- Under a limit no more attempts are under way at once, whoever claims them, and an attempt counts until its lease is
  given back or taken away, and no longer. By a key that is so for each value by itself.
- Steps that limits by key hold for are told in turn: each time that one of a value has begun, those of all others come
  first that wait and may begin.
- A step that waits for a run is due when that ends, also where it ended before.
- A wait is answered once, by whoever is first, or its time is up: one of both, and for good. An answer may come before
  its wait.
- What an attempt streams is added to its run's stream in order, each chunk once, by who holds the lease alone. The
  oldest entries are dropped beyond a bound, and nobody waits for readers. Offsets count from 1, and never go back.
- A backend whose memory is full refuses new runs and what is streamed, and goes on to settle what is under way.

Every method raises `ServerUnavailableError` when the server can't answer now, and `CommandRefusedError` when it refuses
what it was asked.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

from runtime.bus.deliveries import Loss
from runtime.bus.outbox_contract import Outbox
from runtime.bus.records import AuditRecord
from runtime.resilience.limits import Limit
from runtime.server.news import NewsWaiter
from runtime.state.chunks import ChunkBatch, StreamStretch
from runtime.state.flows_contract import FlowStore
from runtime.state.lanes import LaneStore
from runtime.state.runs import (
    AcceptedRun,
    EndedRun,
    KeptKey,
    Life,
    NewRun,
    OverdueRuns,
    ResumeResult,
    RunBacklog,
    RunRecord,
)
from runtime.state.tasks import Claim, Commit, CommitResult, OtherShape, SuspectTask, Task
from runtime.state.waits import AnswerResult, AnswerSender, OpenWait, Wait, WaitState


class StateStore(FlowStore, LaneStore, Protocol):
    """Runs of one app."""

    @property
    def outbox(self) -> Outbox:
        """Where the app's steps put what they publish."""
        ...

    async def start(self, run: NewRun) -> AcceptedRun:
        """Accepts a run.

        Raises:
            DefinitionError: its deadline has passed.
            KeyConflictError: its key stands for a run with other inputs.
        """
        ...

    async def suspects(self, limit: int) -> list[SuspectTask]:
        """Tasks that wait for a cell and are due, oldest first."""
        ...

    async def claim(
        self,
        task: Task,
        token: str,
        lease_ms: int,
        upstream: Sequence[str],
        *,
        parts: Sequence[str] = (),
        has_undo: bool = False,
        shapes: Sequence[str] = (),
        isolated: bool = False,
        limits: Sequence[Limit] = (),
    ) -> Claim | OtherShape | None:
        """Takes a task, with the results of its upstream steps; None when somebody else has it, or a limit does not
        let it begin.

        Args:
            task: a due one.
            token: the attempt's own (`token_of`); a call that is repeated with it finds the task taken by itself.
            lease_ms: how long the task is its own, unless it is renewed.
            upstream: steps whose results it reads.
            parts: of the run that it reads: how many items a fan-out has (by the word of its place), an item as it was
                given (by that of its own), and what commits have noted.
            has_undo: from now on it may have happened: it is undone when its run fails or is cancelled.
            shapes: digests of shapes of its workflow, with one of which its run has to have begun; none for any.
            isolated: the task waits for a cell, and this is one.
            limits: that hold for it. The claim counts for each as long as it holds its lease, and as a call of this
                minute.
        """
        ...

    async def renew(self, claims: Sequence[Claim], lease_ms: int) -> list[Claim]:
        """Lengthens leases; those that are lost."""
        ...

    async def commit(self, claim: Claim, commit: Commit) -> CommitResult | None:
        """Commits a result; None when stale. With it goes a claim of one of the steps that it makes due, where the
        commit asks for that; repeated, it finds the same claim.

        Raises:
            OutboxFullError: so many events wait to be carried that these are not taken; nothing was changed.
        """
        ...

    async def get_call_record(self, claim: Claim, call: str) -> str | None:
        """What an attempt at the claimed step has recorded under a call's name; None where none has."""
        ...

    async def record_call(self, claim: Claim, call: str, record: str) -> bool:
        """Records a call of the claimed step, for later attempts at it; False when stale."""
        ...

    async def await_answer(self, claim: Claim, wait: Wait) -> WaitState:
        """Asks for what the claimed step waits for. Without an answer the attempt is over: it holds nothing any more,
        and the step is due again when the answer comes or its time is up."""
        ...

    async def reject(self, claim: Claim, wait: Wait) -> bool:
        """Takes an answer back that does not fit; False when stale."""
        ...

    async def answer(
        self,
        run: UUID,
        wait: str,
        value: str,
        by: str,
        operator: str = "",
        sender: AnswerSender | None = None,
        way: str = "",
    ) -> AnswerResult:
        """Answers a wait of a run (`wait_member`), also before any step waits. An `operator` is noted in the audit,
        with the wait, and by which `way` the answer came. What a `sender` has answered before is taken again, and
        changes nothing."""
        ...

    async def is_wait(self, run: UUID, wait: str) -> bool:
        """Whether a step of a run waits for it, has waited for it, or an answer to it is kept."""
        ...

    async def waits(self, run: UUID) -> list[OpenWait]:
        """What a run waits for now, the longest first."""
        ...

    async def all_waits(self, limit: int) -> list[tuple[RunRecord, OpenWait]]:
        """What runs that go on wait for now, so many waits at most, the longest first."""
        ...

    async def stream(self, claim: Claim, batch: ChunkBatch) -> bool:
        """Adds what the claimed step streams to its run's stream; False when stale."""
        ...

    async def read_stream(self, run: UUID, after: int, limit: int) -> StreamStretch | None:
        """What a run has streamed behind an offset, so many entries at most, and how the run stands; None when there is
        no such run."""
        ...

    def listen_to_stream(self, run: UUID) -> AbstractAsyncContextManager[NewsWaiter]:
        """Listens, while the block lasts, for more of a run's stream, and for its end."""
        ...

    async def retry(self, claim: Claim, delay_ms: int, *, is_spared: bool = False) -> bool:
        """Books another attempt after a failed one, which counts for none if it is spared; False when stale."""
        ...

    async def postpone(self, claim: Claim, delay_ms: int) -> bool:
        """Books the same attempt for later: it never began. False when stale."""
        ...

    async def release(self, claim: Claim) -> bool:
        """Gives an attempt up that was cut off: the next one is due at once, and nobody is blamed. False when stale."""
        ...

    async def fail(self, claim: Claim, error_type: str, error: str) -> EndedRun | None:
        """Ends the run because the step failed for good; None when stale. Where steps of it have an undo, it ends when
        they are undone."""
        ...

    async def statuses(self, runs: Sequence[UUID]) -> dict[UUID, str]:
        """How each of some runs stands (`RunRecord.status`), of those that are there."""
        ...

    async def find_overdue(self, limit: int) -> OverdueRuns:
        """Runs whose deadline has passed, so many at most."""
        ...

    async def expire(self, run: UUID, error: str) -> EndedRun | None:
        """Ends a run because its deadline has passed: it fails with that error, and with the names of steps that are
        cut off. None when it has ended before, or has a later one now."""
        ...

    async def cancel(self, run: UUID, operator: str = "") -> EndedRun | None:
        """Ends the run, as `fail` does, and those that its steps wait for; None when it has ended before, or is being
        undone. An `operator` who says so is noted in the audit."""
        ...

    async def resume(self, run: UUID, operator: str) -> ResumeResult | None:
        """Lets a failed run go on from the step that failed, keeping what is committed; None when there is none."""
        ...

    async def forfeit(self, consumer: str, loss: Loss) -> int:
        """Takes all that a worker held which is gone: it waits for cells. How much."""
        ...

    async def backlog(self) -> RunBacklog:
        """What the app's runs owe."""
        ...

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        """What operators did to runs until a time (None: until now), newest first, each under a key of its own."""
        ...

    async def forget_runs(self, older_than_ms: int, limit: int) -> int:
        """Removes runs that ended more than `older_than_ms` ago, and their keys; how many."""
        ...

    async def forget_audit(self, older_than_ms: int) -> None:
        """Removes what operators did more than `older_than_ms` ago."""
        ...

    async def get(self, run: UUID) -> RunRecord | None:
        """The run as it stands."""
        ...

    async def result(self, run: UUID, step: str) -> str | None:
        """A step's committed result as JSON."""
        ...

    def listen_for_end(self, run: UUID) -> AbstractAsyncContextManager[NewsWaiter]:
        """Listens, while the block lasts, for the end of a run."""
        ...

    async def runs(self, limit: int) -> list[RunRecord]:
        """The runs accepted last, newest first."""
        ...

    async def find_by_id_suffix(self, end: str, limit: int) -> list[UUID]:
        """Of the runs accepted last, so many, those whose id ends so, newest first."""
        ...

    async def list_unconfirmed_lives(self, older_than_ms: int, limit: int) -> list[Life]:
        """Lives of runs that ended more than `older_than_ms` ago and whose `RunEnded` fact is not confirmed as
        exported."""
        ...

    async def get_at_end_of(self, life: Life) -> RunRecord | None:
        """The run as it stood when that life ended, also where it was resumed since; None where nobody knows."""
        ...

    async def confirm(self, life: Life) -> None:
        """The life's `RunEnded` fact is exported."""
        ...

    async def read(self, run: UUID | None, key: str) -> str | None:
        """A key of the run's own state, or of the app's where `run` is None; JSON."""
        ...

    async def write(self, key: str, value: str) -> None:
        """Writes a key of the app's state; JSON."""
        ...

    async def list_kept_keys(self, run: UUID, limit: int) -> list[KeptKey]:
        """Results of a run, then keys of its state, each by name, so many of each at most."""
        ...
