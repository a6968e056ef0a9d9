"""Runs of agents of others: what a framework's spans tell, in the shape of our own runs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from collector.agents import reading, sessions, usage
from collector.agents.reading import AgentRun, AgentStep
from collector.agents.tree import Span, Tree
from collector.models import Call, NodeStatus, Run, RunDetail, RunStep, Usage
from collector.questions import agent_spans
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import duration_ms, later, moment, moment_or_none

#: A first chunk that comes as the call ends, within this, was measured when the stream had ended.
_AT_THE_END_MS: Final = 5.0

_PARTS: Final = ("input", "output", "cache_read", "cache_write", "reasoning")


def briefly(session: Session, rows: Iterable[Row]) -> dict[UUID, Run]:
    """Returns the runs of some candidates, by the node of their topmost span; those that are none are left out.

    Args:
        session: the snapshot to read.
        rows: of `agents/runs.sql`.
    """
    wanted = [row for row in rows if not row["is_nested"]]
    trees, _ = agent_spans.trees(session, (row["trace_id"] for row in wanted))
    found: dict[UUID, Run] = {}
    skipped = {trace: usage.counted(tree) for trace, tree in trees.items()}
    for row in wanted:
        tree = trees.get(row["trace_id"])
        top = tree.span(row["span_id"]) if tree is not None else None
        if tree is not None and top is not None:
            found[row["node_id"]] = brief(tree, reading.read(tree, top), skipped[row["trace_id"]])
    return found


def one(session: Session, node_id: UUID) -> RunDetail | None:
    """Returns the run whose topmost span is a node; None where the node is no span of others."""
    rows = session.rows(Query.AGENTS_TRACE_OF, id=node_id)
    if not rows:
        return None
    trees, truncated = agent_spans.trees(session, [rows[0]["trace_id"]])
    tree = trees[rows[0]["trace_id"]]
    top = tree.span(rows[0]["span_id"])
    if top is None:
        return None
    run, skipped = reading.read(tree, top), usage.counted(tree)
    ids = {span.id: str(span.node_id) for span in tree.spans}
    return RunDetail(
        run=brief(tree, run, skipped),
        steps=[_step(tree, step, skipped, ids) for step in run.steps],
        events=[],
        calls=[call_of(call, skipped) for call in run.calls],
        children=[brief(tree, reading.read(tree, child), skipped) for child in run.children],
        parent_run=_parent(tree, top),
        truncated=truncated,
    )


def _parent(tree: Tree, top: Span) -> str | None:
    """Returns the topmost span of the run that started one."""
    holders = [span for span in tree.above(top) if span.role is not None]
    return str(holders[-1].node_id) if holders else None


def brief(tree: Tree, run: AgentRun, skipped: Mapping[int, str]) -> Run:
    """Returns a run as it is listed.

    Args:
        tree: its trace.
        run: as it was read.
        skipped: by span id why a span's usage does not count.
    """
    top = run.span
    end_ns = _end(tree, top)
    within = [top, *tree.below(top)]
    return Run(
        run_id=str(top.node_id),
        workflow=run.name,
        service=top.service,
        status=_status(top),
        start=moment(top.start_ns),
        end=moment_or_none(later(top.start_ns, end_ns)),
        duration_ms=duration_ms(top.start_ns, end_ns),
        subject=_first(span.session for span in within),
        steps=len(run.steps),
        failed_steps=sum(step.span.failed for step in run.steps),
        source=top.scope if top.role is not None else "",
        agent=run.agent,
        session=sessions.session_of(tree, top),
        user=sessions.user_of(tree, top),
        usage=_sum([top, *run.every_call, *_reporting(run)], skipped),
    )


def _reporting(run: AgentRun) -> list[Span]:
    """Returns the steps that tell of usage themselves, and are no calls."""
    return [step.span for step in run.steps if step.span.role not in usage.CALLS]


def _end(tree: Tree, top: Span) -> int | None:
    """Returns when a run ended: a stream may end after the span that began it."""
    if top.end_ns is None:
        return None
    return max([top.end_ns, *(span.end_ns for span in tree.below(top) if span.end_ns is not None)])


def _step(tree: Tree, step: AgentStep, skipped: Mapping[int, str], ids: Mapping[int, str]) -> RunStep:
    span = step.span
    return RunStep(
        node_id=str(span.node_id),
        step=step.name,
        agent=tree.agent(span),
        status=_status(span),
        depth=step.depth,
        attempts=1,
        start=moment(span.start_ns),
        end=moment_or_none(later(span.start_ns, span.end_ns)),
        duration_ms=duration_ms(span.start_ns, span.end_ns),
        error=span.error,
        round=step.round,
        inferred=[ids[before] for before in step.before],
        calls=[call_of(call, skipped) for call in step.calls],
    )


def call_of(span: Span, skipped: Mapping[int, str]) -> Call:
    """Returns a call as it is listed.

    Args:
        span: its span.
        skipped: by span id why its usage does not count.
    """
    said = usage.read(span)
    took = duration_ms(span.start_ns, span.end_ns)
    first = span.work.get("first_chunk_seconds")
    first_ms = None if first is None else first * 1_000
    notes = [said.doubt] if said.doubt else []
    if first_ms is not None and took is not None and abs(took - first_ms) <= _AT_THE_END_MS < took:
        first_ms = None
        notes.append("the first chunk is told to have come with the last one: it was not measured")
    return Call(
        node_id=str(span.node_id),
        role=span.role.value if span.role else "",
        name=span.work.get("tool") or span.step or span.name,
        status=_status(span),
        start=moment(span.start_ns),
        end=moment_or_none(later(span.start_ns, span.end_ns)),
        duration_ms=took,
        model=_model(span),
        provider=span.work.get("provider"),
        usage=_usage(said) if span.role in usage.CALLS else None,
        uncounted=skipped.get(span.id),
        first_chunk_ms=first_ms,
        error=span.error,
        notes=notes,
    )


def _model(span: Span) -> str | None:
    """Returns which model answered; `unknown` is what an instrumentation says that does not know."""
    told = (span.work.get(name) for name in ("response_model", "model"))
    return next((name for name in told if name and name != "unknown"), None)


def _usage(said: usage.Usage) -> Usage:
    return Usage(
        calls=1,
        unreported=int(said.input is None and said.output is None),
        **{f"{part}_tokens": getattr(said, part) for part in _PARTS},
    )


def _sum(spans: Sequence[Span], skipped: Mapping[int, str]) -> Usage | None:
    """Returns what spans used together; None where none of them calls a model, or tells of one."""
    different = {span.id: span for span in spans if span.id not in skipped}.values()
    calls = [span for span in different if span.role in usage.CALLS]
    told = [usage.read(span) for span in different if span in calls or "input_tokens" in span.work]
    if not told:
        return None
    parts = {f"{part}_tokens": [n for each in told if (n := getattr(each, part)) is not None] for part in _PARTS}
    return Usage(
        calls=len(calls),
        unreported=sum(usage.read(call).input is None and usage.read(call).output is None for call in calls),
        **{part: sum(numbers) if numbers else None for part, numbers in parts.items()},
    )


def _status(span: Span) -> NodeStatus:
    if span.failed:
        return NodeStatus.FAILED
    return NodeStatus.RUNNING if span.end_ns is None else NodeStatus.OK


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
