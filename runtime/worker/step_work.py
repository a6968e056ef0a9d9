"""One claimed step: what it reads, what it commits, and what follows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from runtime.budgets.account import Parked
from runtime.bus.deliveries import OutgoingEvent
from runtime.causality import identity
from runtime.causality.error_info import describe_error
from runtime.causality.trace_context import TraceContext
from runtime.clock import Moment
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.buffer import Buffer
from runtime.definitions.context import Context, Rest
from runtime.definitions.key_rules import KeyRules
from runtime.definitions.opening import open_context
from runtime.definitions.position import AttemptIdentity, Position
from runtime.definitions.steps import SKIPPED, BuiltWorkflow
from runtime.errors import PoisonError
from runtime.facts import AttemptEnded, OpenAttempt, StepBegun
from runtime.resilience.breaker import Breaker
from runtime.resilience.poison import KILL_LIMIT, VANISH_LIMIT
from runtime.resilience.retry import Retry
from runtime.runs import facts
from runtime.semconv import SpanVerb, StepOutcome, span_name
from runtime.state.runs import EndedRun
from runtime.state.tasks import Claim, Commit, CommitResult, NextClaim, new_token
from runtime.worker.child_run import ChildRun
from runtime.worker.follow_up import FollowUp, StepFollower, cause_ids, choose_next, find_follow_up
from runtime.worker.rounds import has_next_round
from runtime.worker.step_facts import build_ended_run, build_step_begun, find_unused_keys
from runtime.worker.step_inputs import StepInputs
from runtime.worker.step_means import StepMeans
from runtime.worker.work import Equipment, Finish, LostAttempt, Settlement, settle_stale, settle_waiting

_NS_PER_MS = 1_000_000


class StepWork:
    """A `Work`.

    Args:
        equipment: of the worker.
        workflow: the one that the step is of.
        claim: of the step.
        following: does the steps that follow; None where nobody takes them at once.
    """

    def __init__(
        self, equipment: Equipment, workflow: BuiltWorkflow, claim: Claim, following: StepFollower | None = None
    ) -> None:
        self._kit = equipment
        self._following = following
        self._workflow = workflow
        self._claim = claim
        self._place = place = claim.task.place
        self._built = built = workflow.steps[place.step]
        self._node = identity.step_id(claim.task.run, place.step, place.mark)
        self.what = self._describe_work()
        self._given = StepInputs(workflow, built, claim, place, self.what)
        self._run_span = facts.run_span(claim.run)
        self._own_span = self._span(claim.attempt)
        self._limits = built.limits_at(place)
        self._rules = KeyRules(self.what, None if place.is_undo else built.step.reads, equipment.key_bytes)
        self._undoes: UUID | None = None

    @property
    def leased_item(self) -> Claim:
        return self._claim

    @property
    def agent(self) -> str:
        return self._built.step.agent

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

    @property
    def budget(self) -> UUID | None:
        return self._claim.run.budget

    @property
    def parked_work(self) -> Parked:
        task = self._claim.task
        return Parked(self._node, f"{self.what} of run {task.run}", app=self._kit.app, task=task.member)

    def _describe_work(self) -> str:
        """What it is, for messages."""
        return f"step {self._place.word!r}"

    async def begin(self) -> bool:
        claim = self._claim
        if claim.kills < KILL_LIMIT and claim.vanished < VANISH_LIMIT:
            return True
        deaths = f"{claim.kills} times" if claim.kills >= KILL_LIMIT else f"{claim.vanished} times with its parent"
        error = PoisonError(f"{self.what} killed its worker {deaths}, each time alone in a cell: it is not run again")
        await self._give_up(error)
        return False

    def find_lost_attempt(self) -> LostAttempt | None:
        lost = self._claim.lost
        if lost is None:
            return None
        began_ns = (lost.began_ms or self._claim.now_ms) * _NS_PER_MS
        begun = self._fact(lost.attempt, self._span(lost.attempt), began_ns)
        return LostAttempt(begun, AttemptEnded(outcome=StepOutcome.LOST, ended_ns=self._claim.now_ms * _NS_PER_MS))

    def build_begun_fact(self) -> StepBegun:
        return self._fact(self._claim.attempt, self._own_span, self._kit.clock.now_ns())

    def context(self, rest: Rest, attempt: OpenAttempt) -> Context:
        run, step, kit, place, buffer = self._claim.run, self._built.step, self._kit, self._place, Buffer()
        position = Position(
            node_id=self._node,
            correlation_id=run.correlation_id,
            span=self._own_span,
            source=kit.app,
            agent=step.agent,
            subject=run.subject,
            causation_event=run.causation_event,
            budget=run.budget,
        )
        round_, number = place.round if self._built.loop else 0, self._claim.attempt
        which = AttemptIdentity(attempt=number, round=round_, index=place.index, undoes=self._undoes, run_id=run.id)
        means = StepMeans(kit, self._claim, lambda: self.parked_work, attempt, buffer, self.what, self._limits, step)
        return open_context(position, which, buffer, self._read_state, kit.clock, rest, means, rules=self._rules)

    async def _read_state(self, key: str) -> str | None:
        return await self._kit.store.read(self._claim.task.run, key)

    def arguments(self, context: Context) -> Mapping[str, Any]:
        signature = self._built.signature
        arguments = self._given.arguments(signature)
        if signature.context is not None:
            arguments[signature.context] = context
        return arguments

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        return self._settlement_if_skipped() or await self._child_settlement(context)

    def success(self, value: Any, context: Context) -> Settlement:
        built, buffer = self._built, context.buffer
        buffer.returned = value if built.step.record_values else None  # what can't travel is told as well
        result = encode(value, f"the result of {self.what}")
        return self._result_settlement(result, context)

    async def _child_settlement(self, context: Context) -> Settlement | None:
        """Commits what the run has yielded that the step is; None where the step is a function."""
        built = self._built
        if built.child is None:
            return None
        values = self._given.arguments(built.signature)
        inputs = {name: encode(values.get(name), f"input {name!r} of {self.what}").text for name in built.child.inputs}
        run = ChildRun(self._kit, self._claim, self._node, built.child, self.what)
        match await run.start_and_await(inputs, self._own_span):
            case "waiting":
                return settle_waiting
            case "stale":
                return settle_stale
        return self._result_settlement(await run.read_result(), context)

    def _result_settlement(self, result: Encoded, context: Context, gathered: int | None = None) -> Settlement:
        """Commits a result, and what was asked for beside; `gathered` is how many items it is made of, if it is."""
        step, buffer = self._built.step, context.buffer
        buffer.returned = result if step.record_values else None
        self._rules.check_size(step.name, result.text)
        if step.publishes is not None and self._place.index is None:
            context.publish_encoded(step.publishes, result)
        written, shared = dict(buffer.writes), dict(buffer.shared)
        undo: Literal["done", ""] = "done" if self._built.is_undone_at(self._place) else ""
        after, next_ = self._find_follow_up(result)
        events, gathers = tuple(buffer.events), gathered or 0
        commit = after.build_commit(
            result.text, undo=undo, takes=next_, events=events, writes=written, shared=shared, gathered=gathers
        )
        outcome = StepOutcome.OK if gathered is None else StepOutcome.GATHERED
        unused = find_unused_keys(self._built, buffer) if outcome is StepOutcome.OK else ()
        return self._commit_settlement(commit, Finish(outcome, None, (step.name, *written, *shared), unused))

    def _settlement_if_skipped(self) -> Settlement | None:
        """Commits that the step is not to be done; None where it is."""
        when, condition = self._built.step.when, self._built.condition
        if when is None or condition is None or when(**self._given.arguments(condition)):
            return None
        return self._skip()

    def _skip(self, events: tuple[OutgoingEvent, ...] = (), outcome: StepOutcome = StepOutcome.SKIPPED) -> Settlement:
        after, next_ = self._find_follow_up(None)
        undo: Literal["not done", ""] = "not done" if self._built.is_undone_at(self._place) else ""
        commit = after.build_commit(SKIPPED, undo=undo, takes=next_, events=events)
        return self._commit_settlement(commit, Finish(outcome))

    def _find_follow_up(self, result: Encoded | None) -> tuple[FollowUp, NextClaim | None]:
        """What follows, and what of it is taken along; a loop whose last step was skipped is over."""
        built = self._built
        again = result is not None and built.is_tail and has_next_round(built, self._place, self._given, result)
        after = find_follow_up(built, self._place, goes_on=again)
        if self._following is None or not self._following.is_accepting:
            return after, None
        lease = new_token(self._kit.consumer), self._kit.lease_ms
        return after, choose_next(self._workflow, self._following, after, self._claim.task, *lease)

    def _commit_settlement(self, commit: Commit, finish: Finish) -> Settlement:
        """Commits; `finish` is how the attempt went if that holds."""
        since = Moment.of(self._kit.clock)  # the first time: a commit that is repeated may have held long ago

        async def settle() -> Finish:
            committed = await self._kit.store.commit(self._claim, commit)
            if committed is None:
                return Finish(StepOutcome.STALE)
            if committed.taken is not None and self._following is not None:
                self._following.begin(committed.taken)
            return replace(finish, follow=lambda: self._follow_up(committed, since))

        return settle

    def failure(self, error: BaseException, took: float, *, is_spared: bool = False) -> Settlement:
        claim, is_spared = self._claim, is_spared and self.retry.attempts > 1
        elapsed = (claim.now_ms - claim.first_ms) / 1000 + took
        delay = self.retry.delay_after(error, claim.fails + 1, elapsed, is_spared=is_spared)

        async def settle() -> Finish:
            if delay is not None:
                is_booked = await self._kit.store.retry(claim, int(delay * 1000), is_spared=is_spared)
                return Finish(StepOutcome.RETRY if is_booked else StepOutcome.STALE, error)
            return await self._give_up(error)

        return settle

    async def _give_up(self, error: BaseException) -> Finish:
        """Ends the run, as the step has failed for good."""
        failed = type(error).__name__, self._error_words(error)
        ended = await self._kit.store.fail(self._claim, *failed)
        self._emit_end(ended, failed)
        return Finish(StepOutcome.FAILED if ended else StepOutcome.STALE, error)

    def cancelled_finish(self) -> Finish:
        return Finish(StepOutcome.CANCELLED)

    async def release_resources(self) -> None:
        return

    async def postpone(self, delay_ms: int) -> object:
        return await self._kit.store.postpone(self._claim, delay_ms)

    async def release(self) -> object:
        return await self._kit.store.release(self._claim)

    async def _follow_up(self, committed: CommitResult, since: Moment) -> None:
        self._emit_end(committed.ended, None)
        if committed.entries:
            await self._kit.relay.carry(self._kit.store.outbox, committed.entries, since)

    def _emit_end(self, ended: EndedRun | None, failed: tuple[str, str] | None) -> None:
        if ended is not None and ended.ended_ms is not None:
            self._kit.ends.emit(build_ended_run(self._claim, ended.ended_ms, failed))

    def _error_words(self, error: BaseException) -> str:
        return describe_error(error, self._kit.redactor.text)

    def _span(self, attempt: int) -> TraceContext:
        return self._run_span.child(self._node, span_name(SpanVerb.STEP, self._built.step.name), attempt)

    def _fact(self, attempt: int, span: TraceContext, at_ns: int) -> StepBegun:
        return build_step_begun(
            self._claim,
            self._built,
            self._given,
            place=self._place,
            node=self._node,
            attempt=attempt,
            span=span,
            parent=self._run_span,
            at_ns=at_ns,
            causes=self._cause_ids(),
            keys=self._keys_read,
        )

    def _cause_ids(self) -> tuple[UUID, ...]:
        return cause_ids(self._built, self._place, self._claim)

    @property
    def _keys_read(self) -> tuple[str, ...]:
        return self._built.signature.names
