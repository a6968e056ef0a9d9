"""Runs as telemetry knows them: where their spans stand, and the facts of their beginning and end. Pure."""

from functools import lru_cache
from typing import Final
from uuid import UUID

from runtime.causality.step_place import StepPlace
from runtime.causality.trace_context import TraceContext
from runtime.facts import RunEnded, RunStarted
from runtime.semconv import NodeKind, RunOutcome, SpanVerb, span_name
from runtime.state.runs import NewRun, RunRecord

_NS_PER_MS: Final = 1_000_000
#: Runs where the span of each is remembered: each of their steps asks.
_KEPT: Final = 1024


def start_span(run: UUID, workflow: str, surrounding: TraceContext | None, *, sampled: bool) -> TraceContext:
    """Where the `start` span stands: below whoever starts the run, else in a trace of its own."""
    name = span_name(SpanVerb.START, workflow)
    return surrounding.child(run, name) if surrounding else TraceContext.root(run, name, sampled=sampled)


def run_span(run: RunRecord) -> TraceContext:
    """Where the span of the whole run stands; its steps hang below it, although it is exported last. A run that was
    resumed has one for each of its lives."""
    return _run_span(run.trace, run.id, run.workflow, run.life)


@lru_cache(_KEPT)
def _run_span(trace: TraceContext, run: UUID, workflow: str, life: int) -> TraceContext:
    return trace.child(run, span_name(SpanVerb.INVOKE_WORKFLOW, workflow), life)


def build_run_started(run: NewRun, parent: TraceContext | None, accepted_ms: int) -> RunStarted:
    """The fact that a run was accepted."""
    return RunStarted(
        node_id=run.id,
        kind=NodeKind.RUN,
        causation_id=run.causation_id,
        correlation_id=run.correlation_id,
        agent=run.workflow,
        subject=run.subject,
        span=run.trace,
        parent=parent,
        at_ns=accepted_ms * _NS_PER_MS,
        workflow=run.workflow,
        version=run.version,
        input_keys=tuple(run.inputs),
    )


def build_run_ended(run: RunRecord) -> RunEnded:
    """The fact that a run ended, the same whoever tells it.

    Args:
        run: its record; it has ended.
    """
    if run.ended_ms is None:
        raise AssertionError(f"run {run.id} has not ended")
    failed = StepPlace.parse(run.failed_step) if run.failed_step else None
    return RunEnded(
        node_id=run.id,
        kind=NodeKind.RUN,
        causation_id=run.causation_id,
        correlation_id=run.correlation_id,
        agent=run.workflow,
        subject=run.subject,
        span=run_span(run),
        parent=run.trace,
        at_ns=run.begun_ms * _NS_PER_MS,
        ended_ns=run.ended_ms * _NS_PER_MS,
        workflow=run.workflow,
        version=run.version,
        life=run.life,
        outcome=RunOutcome(run.status),
        failed_step=failed.step if failed else "",
        failed_place=failed.mark if failed else "",
        error_type=run.error_type,
        error_message=run.error,
    )
