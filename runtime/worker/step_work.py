"""One claimed step: what it reads, what it commits, and what follows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from runtime.causality import identity
from runtime.causality.error_info import words
from runtime.causality.trace_context import TraceContext
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.buffer import Buffer
from runtime.definitions.context import Context, Position, Rest, Turn, open_context
from runtime.definitions.signature import Parameter, Signature
from runtime.definitions.workflow import SKIPPED, BuiltWorkflow
from runtime.errors import PoisonError, UndecodableError
from runtime.facts import AttemptEnded, OpenAttempt, StepBegun
from runtime.resilience.breaker import Breaker
from runtime.resilience.poison import KILL_LIMIT, VANISH_LIMIT
from runtime.resilience.retry import Retry
from runtime.runs import facts
from runtime.semconv import NodeKind, RunOutcome, SpanVerb, StepOutcome, span_name
from runtime.state.runs import Ended
from runtime.state.tasks import Claim, Commit, Committed, Next, new_token
from runtime.worker.recorded_calls import RecordedCalls
from runtime.worker.waiting import Waiting
from runtime.worker.work import Equipment, Finish, LostAttempt, Settlement

_NS_PER_MS = 1_000_000


class Following(Protocol):
    """Does the steps that whoever commits takes with its commit."""

    @property
    def is_wanted(self) -> bool:
        """Whether one may be taken now."""
        ...

    def begin(self, claim: Claim) -> object:
        """Begins one."""
        ...


class StepWork:
    """A `Work`.

    Args:
        equipment: of the worker.
        workflow: the one that the step is of.
        claim: of the step.
        following: does the steps that follow; None where nobody takes them at once.
    """

    def __init__(
        self, equipment: Equipment, workflow: BuiltWorkflow, claim: Claim, following: Following | None = None
    ) -> None:
        self._kit = equipment
        self._following = following
        self._workflow = workflow
        self._claim = claim
        self._built = workflow.steps[claim.task.step]
        self._node = identity.step_id(claim.task.run, claim.task.step)
        self._run_span = facts.run_span(claim.run)
        self._own_span = self._span(claim.attempt)

    @property
    def what(self) -> str:
        return f"step {self._built.step.name!r}"

    @property
    def held(self) -> Claim:
        return self._claim

    @property
    def function(self) -> Callable[..., Any]:
        return self._built.step.function

    @property
    def timeout(self) -> float | None:
        return self._built.step.timeout

    @property
    def breaker(self) -> Breaker | None:
        return self._built.step.breaker

    @property
    def retry(self) -> Retry:
        return self._built.step.retry

    async def begin(self) -> bool:
        claim = self._claim
        if claim.kills < KILL_LIMIT and claim.vanished < VANISH_LIMIT:
            return True
        deaths = f"{claim.kills} times" if claim.kills >= KILL_LIMIT else f"{claim.vanished} times with its parent"
        error = PoisonError(f"{self.what} killed its worker {deaths}, each time alone in a cell: it is not run again")
        self._emit_end(await self._kit.store.fail(claim, type(error).__name__, str(error)), error)
        return False

    def lost(self) -> LostAttempt | None:
        lost = self._claim.lost
        if lost is None:
            return None
        began_ns = (lost.began_ms or self._claim.now_ms) * _NS_PER_MS
        begun = self._fact(lost.attempt, self._span(lost.attempt), began_ns)
        return LostAttempt(begun, AttemptEnded(outcome=StepOutcome.LOST, ended_ns=self._claim.now_ms * _NS_PER_MS))

    def begun(self) -> StepBegun:
        return self._fact(self._claim.attempt, self._own_span, self._kit.clock.now_ns())

    def context(self, rest: Rest, attempt: OpenAttempt) -> tuple[Context, Buffer]:
        run, step = self._claim.run, self._built.step
        position = Position(
            node_id=self._node,
            correlation_id=run.correlation_id,
            span=self._own_span,
            source=self._kit.app,
            agent=step.agent,
            subject=run.subject,
            causation_event=run.causation_event,
        )
        turn = Turn(attempt=self._claim.attempt, run_id=run.id)
        calls = RecordedCalls(self._kit, self._claim, self.what, attempt, is_told=step.record_values)
        waits = Waiting(self._kit, self._claim, self.what)
        kit = self._kit
        return open_context(position, turn, lambda key: kit.store.read(run.id, key), kit.clock, rest, calls, waits)

    def arguments(self, context: Context) -> Mapping[str, Any]:
        signature = self._built.signature
        arguments = self._given(signature)
        if signature.context is not None:
            arguments[signature.context] = context
        return arguments

    def uncalled(self) -> Settlement | None:
        when, condition = self._built.step.when, self._built.condition
        if when is None or condition is None or when(**self._given(condition)):
            return None
        return self._commits(Commit(SKIPPED, self._built.downstream, next=self._next()), StepOutcome.SKIPPED)

    def success(self, value: Any, context: Context) -> Settlement:
        built, buffer = self._built, context.buffer
        buffer.returned = value if built.step.record_values else None  # what can't travel is told as well
        result = encode(value, f"the result of {self.what}")
        buffer.returned = result if built.step.record_values else None
        if built.step.publishes is not None:
            context.publish_encoded(built.step.publishes, result)
        written, shared = dict(buffer.writes), dict(buffer.shared)
        commit = Commit(result.text, built.downstream, tuple(buffer.events), written, shared, self._next())
        return self._commits(commit, StepOutcome.OK, (built.step.name, *written, *shared))

    def _commits(self, commit: Commit, outcome: StepOutcome, keys_written: tuple[str, ...] = ()) -> Settlement:
        async def settle() -> Finish:
            committed = await self._kit.store.commit(self._claim, commit)
            if committed is None:
                return Finish(StepOutcome.STALE)
            if committed.taken is not None and self._following is not None:
                self._following.begin(committed.taken)
            return Finish(outcome, keys_written=keys_written, follow=lambda: self._follow(committed))

        return settle

    def failure(self, error: BaseException, took: float) -> Settlement:
        claim = self._claim
        elapsed = (claim.now_ms - claim.first_ms) / 1000 + took
        delay = None if self.retry.forbids(error) else self.retry.delay(claim.fails + 1, elapsed)

        async def settle() -> Finish:
            if delay is not None:
                is_booked = await self._kit.store.retry(claim, int(delay * 1000))
                return Finish(StepOutcome.RETRY if is_booked else StepOutcome.STALE, error)
            ended = await self._kit.store.fail(claim, type(error).__name__, self._words(error))
            self._emit_end(ended, error)
            return Finish(StepOutcome.FAILED if ended else StepOutcome.STALE, error)

        return settle

    def cut_off(self) -> Finish:
        return Finish(StepOutcome.CANCELLED)

    async def postpone(self, delay_ms: int) -> object:
        return await self._kit.store.postpone(self._claim, delay_ms)

    async def release(self) -> object:
        return await self._kit.store.release(self._claim)

    def _next(self) -> Next | None:
        """What is taken with the commit."""
        if self._following is None or not self._built.downstream or not self._following.is_wanted:
            return None
        steps = self._workflow.steps
        upstream = {name: steps[name].upstream for name in self._built.downstream}
        return Next(new_token(self._kit.consumer), self._kit.lease_ms, upstream)

    async def _follow(self, committed: Committed) -> None:
        self._emit_end(committed.ended, None)
        if committed.entries:
            await self._kit.relay.carry(self._kit.store.outbox, committed.entries)

    def _emit_end(self, ended: Ended | None, error: BaseException | None) -> None:
        if ended is None:
            return
        status = RunOutcome.FAILED if error else RunOutcome.OK
        record = replace(
            self._claim.run,
            status=status.value,
            ended_ms=ended.ended_ms,
            error_type=type(error).__name__ if error else "",
            error=self._words(error) if error else "",
            failed_step=self._claim.task.step if error else "",
        )
        self._kit.ends.emit(record)

    def _words(self, error: BaseException) -> str:
        return words(error, self._kit.redactor.text)

    def _given(self, signature: Signature) -> dict[str, Any]:
        return {one.name: self._argument(one) for one in signature.parameters if self._is_given(one)}

    def _is_given(self, parameter: Parameter) -> bool:
        return bool(self._text(parameter.name)) or not parameter.is_optional

    def _text(self, name: str) -> str | None:
        claim = self._claim
        return (claim.run.inputs if name in self._workflow.inputs else claim.results).get(name)

    def _argument(self, parameter: Parameter) -> Any:
        name, text = parameter.name, self._text(parameter.name)
        if not text:
            raise UndecodableError(
                f"run {self._claim.task.run} has no {name!r}, which {self.what} asks for: it began before that was "
                f"part of {self._workflow.name}"
            )
        given = f"input {name!r}" if name in self._workflow.inputs else f"the result of step {name!r}"
        return parameter.codec.decode(Encoded.parse(text), given)

    def _size(self, name: str) -> int:
        """Bytes that a value takes in the step's context; 0 where there is none, or none that can be read."""
        text = self._text(name)
        try:
            return Encoded.parse(text).size if text else 0
        except UndecodableError:
            return 0

    def _span(self, attempt: int) -> TraceContext:
        return self._run_span.child(self._node, span_name(SpanVerb.STEP, self._built.step.name), attempt)

    def _fact(self, attempt: int, span: TraceContext, at_ns: int) -> StepBegun:
        run, built, keys = self._claim.run, self._built, self._keys_read
        return StepBegun(
            node_id=self._node,
            kind=NodeKind.STEP,
            causation_id=run.id,
            correlation_id=run.correlation_id,
            agent=built.step.agent,
            subject=run.subject,
            span=span,
            parent=self._run_span,
            at_ns=at_ns,
            workflow=run.workflow,
            run_id=run.id,
            step=built.step.name,
            attempt=attempt,
            causes=tuple(identity.step_id(run.id, name) for name in built.upstream),
            depth=built.depth,
            keys_read=keys,
            context_size=sum(self._size(key) for key in keys),
            breaker=built.step.breaker.name if built.step.breaker else "",
            inputs={key: self._told(key) for key in keys if self._text(key)} if built.step.record_values else {},
        )

    def _told(self, name: str) -> Encoded | None:
        """An input as telemetry may tell it; None where the step that made it has that kept out."""
        upstream = self._workflow.steps.get(name)
        is_told = name in self._workflow.inputs or upstream is None or upstream.step.record_values
        return Encoded.parse(self._text(name) or "") if is_told else None

    @property
    def _keys_read(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self._built.signature.parameters)
