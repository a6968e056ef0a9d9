"""What agents of others do, of their newest traces: which workflows and steps there are, and what leads to what."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Final
from uuid import UUID

from collector.agents import reading
from collector.agents.reading import AgentRun
from collector.agents.tree import Span, Tree
from collector.questions import agent_spans, parts
from collector.questions.parts import PartKey
from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.roles import DETAILS

#: Traces that are read of each service, and of all: some hundredth of a second of CPU for a hundred.
EACH: Final = 60
MOST: Final = 300


@dataclass(slots=True)
class ObservedTotals:
    """What was seen of a part, or of what flows from one to another: how often, how often it failed, how long it took
    in milliseconds."""

    count: int = 0
    errors: int = 0
    took: list[float] = field(default_factory=list)
    agent: str = ""
    source: str = ""

    def add(self, took_ms: float | None, *, failed: bool = False) -> None:
        """Counts one more."""
        self.count += 1
        self.errors += failed
        if took_ms is not None:
            self.took.append(took_ms)

    @property
    def p50_ms(self) -> float | None:
        """How long half of it took at most."""
        return median(self.took) if self.took else None


@dataclass(slots=True)
class OthersTopology:
    """What agents of others did: their parts, and what flowed between these. Of pairs of `steps` we read that one led
    to the other. Of services in `since_ns` only what began since then was looked at, in nanoseconds; of all others
    everything was."""

    parts: dict[PartKey, ObservedTotals] = field(default_factory=lambda: defaultdict(ObservedTotals))
    flows: dict[tuple[PartKey, PartKey], ObservedTotals] = field(default_factory=lambda: defaultdict(ObservedTotals))
    steps: set[tuple[PartKey, PartKey]] = field(default_factory=set)
    since_ns: dict[str, int] = field(default_factory=dict)


def read_topology(session: Session, within: Range, each: int = EACH) -> OthersTopology:
    """Returns what agents of others did.

    Args:
        session: the snapshot to read.
        within: when their traces began.
        each: traces to read of each service, the newest.
    """
    found = OthersTopology()
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    rows = session.rows(Query.TOPOLOGY_OTHERS, each=each, most=MOST, **bounds)
    if not rows:
        return found
    read = Counter(row["service"] for row in rows)
    for row in rows:  # of each service the newest first: its oldest stays
        if row["traces"] > read[row["service"]]:
            found.since_ns[row["service"]] = row["start_ns"]
    trees, _ = agent_spans.read_trees(session, (row["trace_id"] for row in rows))
    runs = [(tree, run) for tree in trees.values() for run in list_runs(tree)]
    own = _find_own_keys(session, (above.node_id for tree, run in runs if (above := tree.parent(run.span)) is not None))
    for tree, run in runs:
        _add_run(found, tree, run, own)
    return found


def list_runs(tree: Tree) -> Iterator[AgentRun]:
    """Yields the runs of a trace that play a part, those that others started behind these."""
    waiting = list(reading.find_top_spans(tree))
    while waiting:
        run = reading.read_run(tree, waiting.pop())
        waiting += run.children
        if run.span.role is not None and run.span.role not in DETAILS:
            yield run


def _find_own_keys(session: Session, nodes: Iterable[UUID]) -> dict[UUID, PartKey]:
    """Returns which of some nodes are steps or deliveries of ours."""
    ids = sorted(set(nodes))
    if not ids:
        return {}
    rows = session.rows(Query.TOPOLOGY_WORKS, ids=ids, **session.stretch(ids).bounds)
    return {row["node_id"]: parts.read_work_key(row) for row in rows}


def _add_run(found: OthersTopology, tree: Tree, run: AgentRun, own: dict[UUID, PartKey]) -> None:
    whole = parts.make_workflow_key(run.span.service, run.name)
    _count_span(found.parts[whole], run.span, run.agent)
    found.flows[_find_cause(tree, run.span, own), whole].add(None, failed=run.span.failed)
    keys = {step.span.id: parts.make_step_key(run.span.service, run.name, step.name) for step in run.steps}
    spans = {step.span.id: step.span for step in run.steps}
    for step in run.steps:
        if step.span.role in DETAILS:  # a turn of a conversation is a call of a model
            continue
        key = keys[step.span.id]
        _count_span(found.parts[key], step.span, tree.agent(step.span))
        before = [spans[id_] for id_ in step.before if id_ in spans]
        for cause in before:
            pair = keys[cause.id], key
            found.steps.add(pair)
            found.flows[pair].add(_gap_ms(cause, step.span), failed=step.span.failed)
        if not before:
            found.flows[whole, key].add((step.span.start_ns - run.span.start_ns) / 1e6, failed=step.span.failed)


def _find_cause(tree: Tree, top: Span, own: dict[UUID, PartKey]) -> PartKey:
    """Returns what started a run: a step of another run, or of ours, or a program."""
    above = tree.parent(top)
    starter = reading.find_parent_run(tree, top)
    if starter is not None:
        run = reading.read_run(tree, starter)
        around = {span.id for span in tree.above(top)}
        step = next((step for step in run.steps if step.span.id in around and step.span.role not in DETAILS), None)
        return (
            parts.make_step_key(starter.service, run.name, step.name)
            if step
            else parts.make_workflow_key(starter.service, run.name)
        )
    if above is not None and above.node_id in own:
        return own[above.node_id]
    return parts.make_service_key(above.service if above is not None else top.service)


def _count_span(seen: ObservedTotals, span: Span, agent: str) -> None:
    took = None if span.end_ns is None or span.end_ns < span.start_ns else (span.end_ns - span.start_ns) / 1e6
    seen.add(took, failed=span.failed)
    seen.agent, seen.source = agent, span.scope


def _gap_ms(cause: Span, effect: Span) -> float:
    return max(0.0, (effect.start_ns - (cause.end_ns or cause.start_ns)) / 1e6)
