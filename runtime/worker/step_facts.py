"""The fact that an attempt at a step begins. Pure."""

from uuid import UUID

from runtime.causality.place import Place
from runtime.causality.trace_context import TraceContext
from runtime.definitions.steps import BuiltStep
from runtime.facts import StepBegun
from runtime.semconv import NodeKind
from runtime.state.tasks import Claim
from runtime.worker.given import Given


def step_begun(
    claim: Claim,
    built: BuiltStep,
    given: Given,
    *,
    place: Place,
    node: UUID,
    attempt: int,
    span: TraceContext,
    parent: TraceContext,
    at_ns: int,
    causes: tuple[UUID, ...],
    keys: tuple[str, ...],
) -> StepBegun:
    """The fact.

    Args:
        claim: of the step.
        built: the step.
        given: to it.
        place: where in its run it stands.
        node: its node.
        attempt: which one begins, or began and is lost; 1-based.
        span: where the attempt's span stands; `parent`: where that of its run does.
        at_ns: when it begins.
        causes: the nodes that led to it.
        keys: names of what it is given.
    """
    run, step = claim.run, built.step
    return StepBegun(
        node_id=node,
        kind=NodeKind.STEP,
        causation_id=run.id,
        correlation_id=run.correlation_id,
        agent=step.agent,
        subject=run.subject,
        span=span,
        parent=parent,
        at_ns=at_ns,
        workflow=run.workflow,
        run_id=run.id,
        step=step.name,
        place=place.mark,
        attempt=attempt,
        causes=causes,
        depth=built.depth,
        keys_read=keys,
        context_size=given.size(keys),
        breaker=step.breaker.name if step.breaker else "",
        inputs=given.told(keys) if step.record_values else {},
    )
