"""Starts runs and publishes events."""

import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Self, TypeVar
from uuid import UUID

from runtime.budgets.budget import Budget
from runtime.bus.deliveries import OutgoingEvent
from runtime.bus.envelope import Envelope
from runtime.causality import identity
from runtime.causality.sampling import is_sampled
from runtime.causality.trace_context import TraceContext
from runtime.client.run import Run
from runtime.client.session import Session
from runtime.codec.encode import encode
from runtime.definitions.context import Context, current_context
from runtime.definitions.deadline import By, encode_deadline
from runtime.definitions.event_timing import After, build_timing
from runtime.definitions.inputs import encode_inputs
from runtime.definitions.key_values import read_key_values
from runtime.definitions.options import checked_text
from runtime.definitions.position import Position
from runtime.definitions.steps import BuiltWorkflow
from runtime.errors import (
    DefinitionError,
    KeyConflictError,
    RunNotFoundError,
    ServerError,
    ServerFullError,
    StreamFullError,
)
from runtime.facts import Ambient
from runtime.frozen import frozen
from runtime.outbox.facts import build_event_published
from runtime.runs import facts
from runtime.semconv import SpanVerb, span_name
from runtime.server.names import checked_name
from runtime.state.runs import NewRun

Answer = TypeVar("Answer")

_log = logging.getLogger("causeline")

#: What says for certain that nothing was begun. A server that does not answer may have begun it all the same, and what
#: runs must not lose its budget.
_REFUSALS: Final = (DefinitionError, KeyConflictError, StreamFullError, ServerFullError)

#: Channels that were said to have no group, by app: once each in a process.
_unheard: set[tuple[str, str]] = set()


@frozen()
class TriggerOptions:
    """What a start or publish may say beside its inputs or payload; see `App.start`."""

    subject: str = ""
    correlation_id: UUID | None = None
    key: str = ""
    deadline: str = ""
    budget: Budget | None = None
    times: tuple[After | None, After | None] | None = None
    """Delay and expiry of an event; see `App.publish`."""

    @classmethod
    def of(
        cls,
        subject: str,
        correlation_id: UUID | str | None,
        key: str,
        deadline: By | None = None,
        budget: Budget | None = None,
        delay: After | None = None,
        expires: After | None = None,
    ) -> Self:
        """What a caller says.

        Raises:
            DefinitionError: subject or key are no text, or the deadline is none.
            QueryError: the correlation id is none.
        """
        correlation = None if correlation_id is None else identity.as_uuid(correlation_id, "correlation")
        until = encode_deadline("a run", deadline)
        if budget is not None and not isinstance(budget, Budget):
            raise DefinitionError(f"the budget can't be {budget!r}: give a Budget, such as Budget(tokens=200_000)")
        times = None if delay is None and expires is None else (delay, expires)
        return cls(checked_text("subject", subject), correlation, checked_text("key", key), until, budget, times)


async def start_run(
    session: Session, workflow: BuiltWorkflow, inputs: Mapping[str, Any], request: TriggerOptions
) -> Run:
    """Accepts a run; see `App.start`."""
    context, ambient = current_context.get(), session.observer.ambient()
    position = context.position if context else None
    correlation = _choose_correlation(request, position, ambient)
    surrounding = position.span if position else ambient.span
    id_ = _make_run_id(context, workflow.name)
    given = encode_inputs(workflow, inputs, session.settings.key_kib * 1024)
    run = NewRun(
        id=id_,
        workflow=workflow.name,
        inputs=given,
        needs=workflow.needs,
        correlation_id=correlation,
        trace=facts.start_span(id_, workflow.name, surrounding, sampled=_is_sampled(session, correlation)),
        causation_id=position.node_id if position else None,
        causation_event=position.causation_event if position else None,
        subject=request.subject or (position.subject if position else ""),
        version=session.app.version,
        key=request.key,
        shape=workflow.shape,
        shape_digest=workflow.shape_digest,
        deadline=request.deadline or workflow.deadline,
        by=read_key_values(workflow, given),
        budget=await _open_budget(
            session, id_, _describe_subject(f"run of {workflow.name}", request.subject), request, position
        ),
    )
    accepted = await _withdraw_on_refusal(session, id_, request, session.store.start(run))
    if accepted.id != run.id:  # started before under this key, perhaps with another budget
        await _withdraw(session, id_, request)
        return await get_run(session, accepted.id)
    session.observer.emit(facts.build_run_started(run, surrounding, accepted.at_ms))
    return Run(session, id_, workflow.name, correlation)


async def get_run(session: Session, id_: UUID) -> Run:
    """A run that somebody has started; see `App.get_run`."""
    record = await session.store.get(id_)
    if record is None:
        raise RunNotFoundError(f"app {session.app.name} has no run {id_} on this server: was its data removed?")
    return Run(session, id_, record.workflow, record.correlation_id)


async def publish_event(session: Session, channel: str, data: Any, request: TriggerOptions) -> UUID:
    """Publishes an event; see `App.publish`."""
    context = current_context.get()
    if context is not None:
        return _publish_with(context, channel, data, request)
    checked_name("channel", channel)
    ambient = session.observer.ambient()
    correlation = _choose_correlation(request, None, ambient)
    surrounding = ambient.span
    id_ = identity.mint()
    name = span_name(SpanVerb.PUBLISH, channel)
    trace = (
        surrounding.child(id_, name)
        if surrounding
        else TraceContext.root(id_, name, sampled=_is_sampled(session, correlation))
    )
    payload, now_ns = encode(data, f"the payload for channel {channel}"), session.clock.now_ns()
    envelope = Envelope(
        id=id_,
        channel=channel,
        source=session.app.name,
        time_ns=now_ns,
        data=payload.data,
        types=payload.types,
        correlation_id=correlation,
        subject=request.subject,
        trace=trace,
        timing=build_timing(channel, *request.times, now_ns) if request.times else None,
        budget=await _open_budget(
            session, id_, _describe_subject(f"event of {channel}", request.subject), request, None
        ),
    )
    added = await _withdraw_on_refusal(session, id_, request, session.bus.publish(envelope, key=request.key))
    if added.event != id_:  # published before under this key
        await _withdraw(session, id_, request)
        return added.event
    session.observer.emit(build_event_published(OutgoingEvent(envelope, surrounding, session.app.name), added.at_ms))
    if not added.groups:
        _warn_of_silence(session.app.name, channel)
    return id_


def _publish_with(context: Context, channel: str, data: Any, request: TriggerOptions) -> UUID:
    """Has a step's or handler's commit publish an event."""
    if request.key:
        raise DefinitionError(
            f"a step or handler can't publish to {channel} under a key: leave key= out; however often it is tried, its "
            "events are published once"
        )
    if request.budget is not None:
        raise DefinitionError(
            f"a step or handler can't give its event of {channel} a budget: start a run with budget=, and publish there"
        )
    if request.correlation_id is not None:
        context = replace(context, correlation_id=request.correlation_id)
    delay, expires = request.times or (None, None)
    return context.publish(channel, data, subject=request.subject or None, delay=delay, expires=expires)


def _describe_subject(what: str, subject: str) -> str:
    """What a budget is of, as a reader tells it from others."""
    return f"{what} for {subject}" if subject else what


async def _open_budget(
    session: Session, id_: UUID, what: str, request: TriggerOptions, position: Position | None
) -> UUID | None:
    """The innermost budget that holds over what is begun: its own, or the one that its cause is under."""
    over = position.budget if position else None
    if request.budget is None:
        return over
    await session.accounts.open(id_, request.budget, session.app.name, what, over)
    return id_


async def _withdraw_on_refusal(
    session: Session, id_: UUID, request: TriggerOptions, beginning: Awaitable[Answer]
) -> Answer:
    """What a server says that is asked to begin something; a refusal takes the budget of that along."""
    try:
        return await beginning
    except _REFUSALS:
        await _withdraw(session, id_, request)
        raise


async def _withdraw(session: Session, id_: UUID, request: TriggerOptions) -> None:
    """Removes the budget of what was not begun: nothing is ever charged to it, and each try opens another."""
    if request.budget is not None:
        with suppress(ServerError):  # it is listed for a while, then, and the caller hears what became of the rest
            await session.accounts.withdraw(id_)


def _warn_of_silence(app: str, channel: str) -> None:
    if (app, channel) not in _unheard:
        _unheard.add((app, channel))
        _log.warning(
            "nobody subscribes to channel %s yet: its newest events are kept for the first group that does; "
            "is its name the one that handlers have?",
            channel,
        )


def _make_run_id(context: Context | None, workflow: str) -> UUID:
    """A new id; inside a step or handler the same whenever its attempt is repeated, so that it finds the same run."""
    if context is None:
        return identity.mint()
    context.buffer.check_effect(f"start a run of {workflow}")
    ordinal = context.buffer.starts.get(workflow, 0)
    context.buffer.starts[workflow] = ordinal + 1
    return identity.run_id(context.node_id, workflow, ordinal)


def _choose_correlation(request: TriggerOptions, position: Position | None, ambient: Ambient) -> UUID:
    inherited = position.correlation_id if position else ambient.correlation_id
    return request.correlation_id or inherited or identity.mint()


def _is_sampled(session: Session, correlation: UUID) -> bool:
    return is_sampled(correlation, session.settings.sample_ratio)
