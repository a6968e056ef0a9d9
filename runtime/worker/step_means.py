"""What the code of a step can do beside: calls, waits, streams, and what all of it may cost."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from runtime.budgets.account import Parked
from runtime.budgets.usage import Usage
from runtime.definitions.buffer import Buffer
from runtime.definitions.steps import Step
from runtime.facts import OpenAttempt
from runtime.resilience.limits import Limit
from runtime.state.tasks import Claim
from runtime.worker.limit_counter import LimitCounter
from runtime.worker.recorded_calls import RecordedCalls
from runtime.worker.spending import Spending
from runtime.worker.step_waits import StepWaits
from runtime.worker.streaming import ChunkStream
from runtime.worker.work import Equipment


class StepMeans:
    """A `runtime.definitions.calls.StepCapabilities`, of one attempt.

    Args:
        kit: of the worker.
        claim: of the step.
        work: says how the step is parked where a budget is spent.
        attempt: under observation.
        buffer: of the attempt, which is told of its chunks and waits.
        what: the step, for messages.
        limits: that hold for it.
        step: as it is declared.
    """

    def __init__(
        self,
        kit: Equipment,
        claim: Claim,
        work: Callable[[], Parked],
        attempt: OpenAttempt,
        buffer: Buffer,
        what: str,
        limits: Sequence[Limit],
        step: Step,
    ) -> None:
        self._kit = kit
        self._claim = claim
        self._work = work
        self._attempt = attempt
        self._buffer = buffer
        self._what = what
        self._limits = limits
        self._step = step

    @cached_property
    def calls(self) -> RecordedCalls:
        """Makes its recorded calls."""
        return RecordedCalls(
            self._kit,
            self._claim,
            self._what,
            self._attempt,
            self._buffer,
            self._spending,
            is_told=self._step.record_values,
            guarded_by=self._step.breaker.name if self._step.breaker else "",
        )

    @cached_property
    def waits(self) -> StepWaits:
        """Asks for what it waits for."""
        return StepWaits(self._kit, self._claim, self._what, self._buffer)

    @cached_property
    def streams(self) -> ChunkStream:
        """Streams what it has to tell meanwhile."""
        return ChunkStream(self._kit, self._claim, self._what, self._buffer)

    async def spend(self, usage: Usage) -> None:
        """Charges the budgets over it."""
        await self._spending.spend(usage)

    @cached_property
    def _spending(self) -> Spending:
        kit, claim = self._kit, self._claim
        # What was done is taken back, whatever is spent.
        budget = None if claim.task.place.is_undo else claim.run.budget
        return Spending(
            kit, budget, self._work, claim.attempt, self._leave, LimitCounter(kit, self._limits, claim.run.by)
        )

    async def _leave(self, delay_ms: int) -> bool:
        """Leaves the step once calls beside that are under way are recorded: they are paid for."""
        ask = partial(self._kit.ask_until_answered, lambda: self._kit.store.leave(self._claim, delay_ms))
        return await self._buffer.paying.leave_when_idle(ask, bool)
