"""Starts runs and publishes events from outside of any step or handler."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from runtime.bus.contract import Outgoing
from runtime.bus.envelope import Envelope
from runtime.causality import identity
from runtime.causality.sampling import keeps
from runtime.causality.trace_context import TraceContext
from runtime.client.run import Run
from runtime.client.session import Session
from runtime.definitions.context import Position, current_context
from runtime.definitions.validation import misfit
from runtime.definitions.workflow import BuiltWorkflow
from runtime.errors import DefinitionError, UndecodableError
from runtime.facts import Ambient
from runtime.outbox.facts import published
from runtime.runs import facts as runs
from runtime.semconv import SpanVerb, span_name
from runtime.server.names import checked_name
from runtime.state.contract import NewRun


async def start_run(
    session: Session, workflow: BuiltWorkflow, inputs: Mapping[str, Any], subject: str, correlation_id: UUID | None
) -> Run:
    """Accepts a run; see `App.start`."""
    context, ambient = current_context.get(), session.observer.ambient()
    position = context.position if context else None
    correlation = _correlation(correlation_id, position, ambient)
    surrounding = position.span if position else ambient.span
    id_ = identity.mint()
    run = NewRun(
        id=id_,
        workflow=workflow.name,
        inputs=_inputs(workflow, inputs),
        needs=workflow.needs,
        correlation_id=correlation,
        trace=runs.start_span(id_, workflow.name, surrounding, sampled=_sampled(session, correlation)),
        causation_id=position.node_id if position else None,
        causation_event=position.causation_event if position else None,
        subject=subject or (position.subject if position else ""),
    )
    accepted_ms = await session.store.start(run)
    session.observer.tell(runs.started(run, surrounding, accepted_ms))
    return Run(session, workflow, id_, correlation)


async def publish_event(session: Session, channel: str, data: Any, subject: str, correlation_id: UUID | None) -> UUID:
    """Publishes an event; see `App.publish`."""
    context = current_context.get()
    if context is not None:
        return context.publish(channel, data, subject=subject or None)
    checked_name("channel", channel)
    ambient = session.observer.ambient()
    correlation = _correlation(correlation_id, None, ambient)
    surrounding = ambient.span
    id_ = identity.mint()
    name = span_name(SpanVerb.PUBLISH, channel)
    trace = (
        surrounding.child(id_, name)
        if surrounding
        else TraceContext.root(id_, name, sampled=_sampled(session, correlation))
    )
    envelope = Envelope(
        id=id_,
        channel=channel,
        source=session.app.name,
        time_ns=time.time_ns(),
        data=to_jsonable_python(data),
        correlation_id=correlation,
        subject=subject,
        trace=trace,
    )
    published_ms = await session.bus.publish(envelope)
    session.observer.tell(published(Outgoing(envelope, surrounding, session.app.name), published_ms))
    return id_


def _correlation(explicit: UUID | None, position: Position | None, ambient: Ambient) -> UUID:
    inherited = position.correlation_id if position else ambient.correlation_id
    return explicit or inherited or identity.mint()


def _sampled(session: Session, correlation: UUID) -> bool:
    return keeps(correlation, session.settings.sample_ratio)


def _inputs(workflow: BuiltWorkflow, given: Mapping[str, Any]) -> dict[str, str]:
    missing, unknown = set(workflow.inputs) - set(given), set(given) - set(workflow.inputs)
    wrong = [f"missing: {', '.join(sorted(missing))}"] if missing else []
    wrong += [f"unknown: {', '.join(sorted(unknown))}"] if unknown else []
    if wrong:
        takes = ", ".join(workflow.inputs) or "no inputs"
        raise DefinitionError(f"workflow {workflow.name} takes {takes}; {'; '.join(wrong)}")
    return {name: _json(workflow, name, value) for name, value in given.items()}


def _json(workflow: BuiltWorkflow, name: str, value: Any) -> str:
    adapter = workflow.inputs[name]
    try:
        return adapter.dump_json(adapter.validate_python(value)).decode()
    except ValidationError as error:
        what = f"input {name!r} of workflow {workflow.name}"
        raise UndecodableError(f"{what} does not fit its type: {misfit(error)}") from None
