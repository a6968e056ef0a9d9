"""Runs of agents of others: what a framework's spans tell, in the shape of our own runs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from uuid import UUID

from collector.agents import reading, sessions, usage
from collector.agents.reading import AgentRun, AgentStep
from collector.agents.tree import Span, Tree
from collector.causality import status
from collector.models import Call, NodeStatus, Run, RunDetail, RunStep, Usage
from collector.prices.price_list import PriceBook
from collector.questions import agent_spans, spending, values
from collector.questions.agent_spans import Folded
from collector.questions.spending import Spending
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import clamp_end, duration_ms, moment, moment_or_none
from runtime import semconv
from runtime.semconv import CallOutcome, NodeKind

#: A first chunk that comes as the call ends, within this, was measured when the stream had ended.
_AT_THE_END_MS: Final = 5.0

#: Of a call that a stream which is read on makes, or that hangs below a span that it does not belong to.
_LATE: Final = "it began when what it lies in had ended"

#: Where nobody knows any.
NO_PRICES: Final = PriceBook()


def find_runs(
    session: Session,
    rows: Iterable[Row],
    prices: PriceBook = NO_PRICES,
    app: str | None = None,
    folded: Folded | None = None,
) -> dict[UUID, Run]:
    """Returns the runs of some candidates, by the node of their topmost span; those that are none are left out.

    Args:
        session: the snapshot to read.
        rows: of `agents/runs.sql`.
        prices: what calls of models cost.
        app: the service that must have a part in them; None for any.
        folded: as `agent_spans.read_trees` takes it.
    """
    wanted = [row for row in rows if not row["is_nested"]]
    trees, _ = agent_spans.read_trees(session, (row["trace_id"] for row in wanted), folds=app is None, folded=folded)
    found: dict[UUID, Run] = {}
    spent = {trace: Spending(usage.find_uncounted(tree), prices) for trace, tree in trees.items()}
    for row in wanted:
        tree = trees.get(row["trace_id"])
        top = _find_top(tree, row["span_id"]) if tree is not None else None
        if tree is not None and top is not None and _has_part(tree, top, app):
            found[row["node_id"]] = build_run(tree, reading.read_run(tree, top), spent[row["trace_id"]])
    return found


def _find_top(tree: Tree, span_id: int) -> Span | None:
    """Returns the topmost span of the run that a candidate is; None where another candidate of the same graph is."""
    span = tree.find_span(span_id)
    above = tree.parent(span) if span is not None else None
    if above is None or not above.is_missing:
        return span
    return above if next(child for child in tree.children(above) if child.role is not None) is span else None


def _has_part(tree: Tree, top: Span, app: str | None) -> bool:
    return app is None or any(span.service == app for span in (top, *tree.below(top)))


def find_run(session: Session, node_id: UUID, prices: PriceBook = NO_PRICES) -> RunDetail | None:
    """Returns the run whose topmost span is a node; None where the node is no span of others."""
    found = agent_spans.find_tree_around(session, node_id)
    if found is None:
        return None
    trace, tree, top, truncated = found
    run, spent = reading.read_run(tree, top), Spending(usage.find_uncounted(tree), prices)
    ids = {span.id: str(span.node_id) for span in tree.spans}
    told = values.find_values_of_others(session, trace, (step.span.id for step in run.steps))
    return RunDetail(
        run=build_run(tree, run, spent),
        steps=[_build_step(tree, step, spent, ids).model_copy(update=told.get(step.span.id, {})) for step in run.steps],
        events=[],
        calls=[build_call(each, spent, tree) for each in run.calls],
        children=[build_run(tree, reading.read_run(tree, child), spent) for child in run.children],
        parent_run=_find_parent(tree, top) or (None if top.parent is None else _find_own_parent(session, trace, top)),
        truncated=truncated,
    )


def _find_parent(tree: Tree, top: Span) -> str | None:
    """Returns the node of the run that started one."""
    found = reading.find_parent_run(tree, top)
    return None if found is None else str(found.node_id)


def _find_own_parent(session: Session, trace: UUID, top: Span) -> str | None:
    """Returns the run of ours in a step of which a span of others lies."""
    above = session.rows(Query.AGENTS_ABOVE, trace=trace, span=top.id, **session.stretch([trace]).bounds)
    return next((str(row["run_id"]) for row in above if row["run_id"] and row["node_kind"] == NodeKind.STEP), None)


def build_run(tree: Tree, run: AgentRun, spent: Spending) -> Run:
    """Returns a run as a list shows it."""
    top = run.span
    end_ns = _end_ns(tree, top)
    within = [top, *tree.below(top)]
    whole = spent.sum_usage(within)
    own = spent.sum_usage(list(_spans_of_run(tree, run))) if run.children else whole
    return Run(
        run_id=str(top.node_id),
        workflow=run.name,
        service=top.service,
        status=_run_status(run),
        start=moment(top.start_ns),
        end=moment_or_none(clamp_end(top.start_ns, end_ns)),
        duration_ms=duration_ms(top.start_ns, end_ns),
        subject=_first_value(span.session for span in within),
        steps=len(run.steps),
        failed_steps=sum(step.span.failed for step in run.steps),
        retries=sum(len(step.tries) for step in run.steps),
        source=top.scope if top.role is not None else "",
        agent=run.agent,
        session=sessions.session_of(tree, top),
        user=sessions.user_of(tree, top),
        usage=whole,
        own_usage=None if own == whole else own or Usage(),
    )


def _spans_of_run(tree: Tree, run: AgentRun) -> Iterator[Span]:
    """Yields the spans of a run, those of runs that it started left out."""
    others = {child.id for child in run.children}
    waiting = [run.span]
    while waiting:
        span = waiting.pop()
        yield span
        waiting.extend(child for child in tree.children(span) if child.id not in others)


def _end_ns(tree: Tree, top: Span) -> int | None:
    """Returns when a run ended: a stream may end after the span that began it."""
    if top.end_ns is None:
        return None
    told = (ns for span in (top, *tree.below(top)) for ns in (span.end_ns, span.last_ns))
    return max(ns for ns in told if ns is not None)


def _build_step(tree: Tree, step: AgentStep, spent: Spending, ids: Mapping[int, str]) -> RunStep:
    span = step.span
    first = step.tries[0] if step.tries else span
    return RunStep(
        node_id=str(span.node_id),
        step=step.name,
        agent=tree.agent(span),
        status=_span_status(span),
        depth=step.depth,
        attempts=1 + len(step.tries),
        start=moment(first.start_ns),
        end=moment_or_none(clamp_end(span.start_ns, span.end_ns)),
        duration_ms=duration_ms(first.start_ns, span.end_ns),
        error=span.error,
        name=step.name,
        round=step.round,
        inferred=[ids[before] for before in step.before],
        tries=[str(each.node_id) for each in step.tries],
        calls=[build_call(each, spent, tree) for each in step.calls],
        usage=spent.sum_usage([span, *step.calls]),
    )


def build_call(span: Span, spent: Spending, tree: Tree | None = None) -> Call:
    """Returns one call, with what is odd about its place where its trace is given."""
    is_paid = span.role in usage.CALLS or usage.has_recorded_usage(span)
    cost = spent.compute_cost(span) if is_paid else None
    took = duration_ms(span.start_ns, span.end_ns)
    first = span.work.get("first_chunk_seconds")
    first_ms = None if first is None else first * 1_000
    doubt = spent.read_usage(span).doubt
    parked = span.hints.get(semconv.CALL_PARKED)
    notes = [doubt] if doubt else []
    if tree is not None and tree.has_late_start(span):
        notes.append(_LATE)
    if first_ms is not None and took is not None and abs(took - first_ms) <= _AT_THE_END_MS < took:
        first_ms = None
        notes.append("the first chunk is told to have come with the last one: it was not measured")
    return Call(
        node_id=str(span.node_id),
        role=span.role.value if span.role else "",
        name=span.work.get("tool") or span.name,
        status=_span_status(span),
        start=moment(span.start_ns),
        end=moment_or_none(clamp_end(span.start_ns, span.end_ns)),
        duration_ms=took,
        model=spending.get_model(span),
        provider=span.work.get("provider"),
        usage=spent.compute_usage(span) if is_paid else None,
        uncounted=spent.skipped.get(span.id),
        first_chunk_ms=first_ms,
        recorded=span.ended == CallOutcome.RECORDED,
        parked=parked if isinstance(parked, str) else None,
        error=span.error,
        cost_note=cost.note if cost else None,
        notes=notes,
    )


def _span_status(span: Span) -> NodeStatus:
    if span.end_ns is None and not span.failed:
        return NodeStatus.RUNNING
    return status.of_span(status.SPAN_ERROR if span.failed else 0, span.ended)


def _run_status(run: AgentRun) -> NodeStatus:
    """Returns how a run stands: it ends well, for its framework, when it waits for a person."""
    found = _span_status(run.span)
    waits = any(
        _span_status(span) == NodeStatus.WAITING for span in (*(step.span for step in run.steps), *run.every_call)
    )
    return NodeStatus.WAITING if waits and found == NodeStatus.OK else found


def _first_value(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
