"""What is told of an attempt at a step: that it begins, what it has not used, and how its run ended with it. Pure."""

from dataclasses import replace
from uuid import UUID

from runtime.causality.step_place import StepPlace
from runtime.causality.trace_context import TraceContext
from runtime.definitions.buffer import Buffer
from runtime.definitions.steps import BuiltStep
from runtime.facts import StepBegun
from runtime.semconv import NodeKind, RunOutcome
from runtime.state.runs import RunRecord
from runtime.state.tasks import Claim
from runtime.worker.step_inputs import StepInputs


def build_step_begun(
    claim: Claim,
    built: BuiltStep,
    given: StepInputs,
    *,
    place: StepPlace,
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
    run, step, sizes = claim.run, built.step, given.sizes(keys)
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
        key_sizes=sizes,
        context_size=sum(sizes),
        breaker=step.breaker.name if step.breaker else "",
        inputs=given.reportable_values(keys) if step.record_values else {},
    )


def find_unused_keys(built: BuiltStep, buffer: Buffer) -> tuple[str, ...]:
    """What a step asks for and an attempt that went well has not used."""
    if built.child is not None:
        return ()
    return (*built.unused, *(key for key in built.step.reads or () if key not in buffer.reads))


def build_ended_run(claim: Claim, ended_ms: int, failed: tuple[str, str] | None) -> RunRecord:
    """The record of a run as it has ended with a step.

    Args:
        claim: of the step.
        ended_ms: when, in ms since 1970.
        failed: type and words of the error that ended it; None where it went well.
    """
    error_type, error = failed or ("", "")
    return replace(
        claim.run,
        status=(RunOutcome.FAILED if failed else RunOutcome.OK).value,
        ended_ms=ended_ms,
        error_type=error_type,
        error=error,
        failed_step=claim.task.step if failed else "",
    )
