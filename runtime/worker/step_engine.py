"""Runs one claimed step: reads its inputs, calls it, commits what it made, or books another attempt."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from redis.exceptions import RedisError

from runtime.causality import identity
from runtime.clock import Clock
from runtime.definitions.context import Buffer, Context, Position, open_context
from runtime.definitions.validation import misfit
from runtime.definitions.workflow import BuiltStep, BuiltWorkflow
from runtime.errors import PoisonError, UndecodableError
from runtime.facts import AttemptEnded, ErrorInfo, Observer, OpenAttempt, StepBegun, words
from runtime.outbox.relay import Relay
from runtime.resilience.breaker import Breakers, recovery_delay
from runtime.runs import facts as runs
from runtime.runs.end_reports import Ends
from runtime.semconv import NodeKind, RunOutcome, SpanVerb, StepOutcome, span_name
from runtime.state.contract import Claim, Committed, Ended, StateStore
from runtime.worker.heartbeat import Heartbeat, Held
from runtime.worker.invoke import invoke
from runtime.worker.isolation import DEATH_LIMIT, SoloGate
from runtime.worker.outage import is_outage, until_answered


@dataclass(frozen=True, slots=True)
class Finish:
    """How an attempt went: its outcome, and what follows from it."""

    outcome: StepOutcome
    error: BaseException | None = None
    committed: Committed | None = None
    run_ended: Ended | None = None


class StepEngine:
    """Runs claimed steps of one app, in one worker."""

    def __init__(
        self,
        *,
        app: str,
        workflows: Mapping[str, BuiltWorkflow],
        store: StateStore,
        breakers: Breakers,
        relay: Relay,
        observer: Observer,
        ends: Ends,
        heartbeat: Heartbeat,
        gate: SoloGate,
        clock: Clock,
        lease_ms: int,
    ) -> None:
        self._app = app
        self._workflows = workflows
        self._store = store
        self._breakers = breakers
        self._relay = relay
        self._observer = observer
        self._ends = ends
        self._heartbeat = heartbeat
        self._gate = gate
        self._clock = clock
        self._lease_ms = lease_ms

    async def run(self, claim: Claim) -> None:
        """One attempt at a step, from claim to commit. Nothing but a lost server, a stop of the worker or a fault of
        our own raises."""
        built = self._workflows[claim.task.workflow].steps[claim.task.step]
        with self._heartbeat.hold(claim) as held:
            try:
                async with self._gate.enter(claim.run.correlation_id, alone=claim.died):
                    await self._enter(claim, built, held)
            except asyncio.CancelledError:
                # The worker stops and can't wait: the next attempt is due at once, and this one is no death.
                await self._store.release(claim)
                raise
            except RedisError:
                # This worker lives: it says so as soon as the server answers, or it would count as dead.
                await until_answered(lambda: self._store.release(claim))
                raise
            except Exception as error:
                # Not the step's fault, but it must end somewhere, with this error and no other.
                await self._follow(claim, await self._failed(claim, built, error, 0.0))
                raise

    async def _enter(self, claim: Claim, built: BuiltStep, held: Held) -> None:
        if await self._give_up(claim) or await self._defer(claim, built):
            return
        if claim.died:
            await self._store.renew(claim, self._lease_ms, solo=True)
        await self._attempt(claim, built, held)

    async def _give_up(self, claim: Claim) -> bool:
        if claim.deaths < DEATH_LIMIT:
            return False
        error = PoisonError(f"step {claim.task.step!r} killed its worker {claim.deaths} times while it ran alone")
        self._tell_end(claim, await self._store.fail(claim, type(error).__name__, str(error)), error)
        return True

    async def _defer(self, claim: Claim, built: BuiltStep) -> bool:
        wait_ms = await self._breakers.wait_ms(built.step.breaker)
        if wait_ms:
            await self._store.postpone(claim, recovery_delay(wait_ms))
        return bool(wait_ms)

    async def _attempt(self, claim: Claim, built: BuiltStep, held: Held) -> None:
        position = self._position(claim, built)
        attempt = held.attempt = self._observer.open(self._begun(claim, built, position))
        context, buffer = open_context(
            position,
            lambda key: self._store.read(claim.task.run, key),
            attempt=claim.attempt,
            run_id=claim.task.run,
        )
        finish = Finish(StepOutcome.CANCELLED)
        try:
            finish = await self._work(claim, built, attempt, context, buffer)
        finally:
            buffer.closed = True
            attempt.end(self._ended(built, buffer, finish))
        await self._follow(claim, finish)

    async def _follow(self, claim: Claim, finish: Finish) -> None:
        if finish.committed is not None:
            await self._relay.carry(finish.committed.entries)
        if finish.run_ended is not None:
            self._tell_end(claim, finish.run_ended, finish.error)

    async def _work(
        self, claim: Claim, built: BuiltStep, attempt: OpenAttempt, context: Context, buffer: Buffer
    ) -> Finish:
        step, began = built.step, self._clock.monotonic()
        try:
            arguments = arguments_for(claim, built, self._workflows[claim.task.workflow], context)
        except UndecodableError as error:  # says nothing about what the breaker guards: the step was not called
            return await self._failed(claim, built, error, 0.0)
        try:
            value = await invoke(
                step.function,
                arguments,
                what=f"step {step.name!r}",
                timeout=step.timeout,
                attempt=attempt,
                context=context,
            )
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever user code raises is an outcome
            await self._breakers.record(step.breaker, ok=False)
            return await self._failed(claim, built, error, self._clock.monotonic() - began)
        await self._breakers.record(step.breaker, ok=True)
        try:
            return await self._commit(claim, built, context, buffer, value)
        except Exception as error:
            if is_outage(error, claim.attempt - claim.fails):
                raise
            # What the step returned or asked for can't travel.
            return await self._failed(claim, built, error, self._clock.monotonic() - began)

    async def _commit(self, claim: Claim, built: BuiltStep, context: Context, buffer: Buffer, value: Any) -> Finish:
        result = built.signature.result.dump_json(value).decode()
        if built.step.publishes is not None:
            context.publish(built.step.publishes, json.loads(result))
        committed = await self._store.commit(claim, result, built.downstream, buffer.events, buffer.writes)
        if committed is None:
            return Finish(StepOutcome.STALE)
        return Finish(StepOutcome.OK, committed=committed, run_ended=committed.ended)

    async def _failed(self, claim: Claim, built: BuiltStep, error: BaseException, took: float) -> Finish:
        retry = built.step.retry
        elapsed = (claim.now_ms - claim.first_ms) / 1000 + took
        delay = None if retry.forbids(error) else retry.delay(claim.fails + 1, elapsed)
        if delay is not None:
            booked = await self._store.retry(claim, int(delay * 1000), f"{type(error).__name__}: {words(error)}")
            return Finish(StepOutcome.RETRY if booked else StepOutcome.STALE, error)
        ended = await self._store.fail(claim, type(error).__name__, words(error))
        return Finish(StepOutcome.FAILED if ended else StepOutcome.STALE, error, run_ended=ended)

    def _ended(self, built: BuiltStep, buffer: Buffer, finish: Finish) -> AttemptEnded:
        written = (built.step.name, *buffer.writes) if finish.outcome is StepOutcome.OK else ()
        return AttemptEnded(
            outcome=finish.outcome,
            ended_ns=self._clock.now_ns(),
            keys_read=tuple(buffer.reads),
            keys_written=written,
            scores=tuple(buffer.scores),
            error=ErrorInfo.of(finish.error) if finish.error else None,
        )

    def _tell_end(self, claim: Claim, ended: Ended | None, error: BaseException | None) -> None:
        if ended is None:
            return
        status = RunOutcome.FAILED if error else RunOutcome.OK
        record = replace(
            claim.run,
            status=status.value,
            ended_ms=ended.ended_ms,
            error_type=type(error).__name__ if error else "",
            error=words(error) if error else "",
            failed_step=claim.task.step if error else "",
        )
        self._ends.tell(record)

    def _position(self, claim: Claim, built: BuiltStep) -> Position:
        run = claim.run
        node = identity.step_id(run.id, built.step.name)
        parent = runs.run_span(run.id, run.workflow, run.trace)
        return Position(
            node_id=node,
            correlation_id=run.correlation_id,
            span=parent.child(node, span_name(SpanVerb.STEP, built.step.name), claim.attempt),
            source=self._app,
            agent=built.step.agent,
            subject=run.subject,
            causation_event=run.causation_event,
        )

    def _begun(self, claim: Claim, built: BuiltStep, position: Position) -> StepBegun:
        run, step = claim.run, built.step
        keys = tuple(parameter.name for parameter in built.signature.parameters)
        return StepBegun(
            node_id=position.node_id,
            kind=NodeKind.STEP,
            causation_id=run.id,
            correlation_id=run.correlation_id,
            agent=step.agent,
            subject=run.subject,
            span=position.span,
            parent=runs.run_span(run.id, run.workflow, run.trace),
            at_ns=self._clock.now_ns(),
            workflow=run.workflow,
            run_id=run.id,
            step=step.name,
            index=0,
            attempt=claim.attempt,
            causes=tuple(identity.step_id(run.id, name) for name in built.upstream),
            depth=built.depth,
            keys_read=keys,
            context_size=sum(len((claim.results.get(key) or run.inputs.get(key, "")).encode()) for key in keys),
            breaker=step.breaker.name if step.breaker else "",
        )


def arguments_for(claim: Claim, built: BuiltStep, workflow: BuiltWorkflow, context: Context) -> dict[str, Any]:
    """What the step's function is called with: its upstream results and inputs, read into the types it asks for.

    Raises:
        UndecodableError: when a value is not there, does not fit the type of its parameter, or that type's own code
            fails on it.
    """
    arguments: dict[str, Any] = {}
    for parameter in built.signature.parameters:
        name = parameter.name
        text = (claim.run.inputs if name in workflow.inputs else claim.results).get(name)
        if not text:
            raise UndecodableError(
                f"run {claim.task.run} has no {name!r}, which step {built.step.name!r} asks for: it began before that "
                f"was part of {workflow.name}"
            )
        try:
            arguments[name] = parameter.adapter.validate_json(text)
        except ValidationError as error:
            raise UndecodableError(
                f"{name} does not fit what step {built.step.name!r} asks for: {misfit(error)}"
            ) from None
        except Exception as error:  # a validator of the user's own may raise anything
            raise UndecodableError(
                f"{name} can't be read into what step {built.step.name!r} asks for: "
                f"{type(error).__name__}: {words(error)}"
            ) from error
    if built.signature.context is not None:
        arguments[built.signature.context] = context
    return arguments
