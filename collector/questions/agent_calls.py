"""What the steps of our own runs called: spans of others that hang below them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from collector.agents import reading, run_contents, usage
from collector.agents.tree import Span, Tree
from collector.models import Call, Run, Usage
from collector.prices.price_list import PriceBook
from collector.questions import agent_runs, agent_spans
from collector.questions.spending import Spending
from collector.questions.usage_totals import RunUsage
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.roles import DETAILS

#: Traces of one run that are read at most.
MOST_TRACES: Final = 500


@dataclass(slots=True)
class RunCalls:
    """What a run called.

    Attributes:
        by_step: calls by the node id of the step that made them.
        outside: what else was called within the run: by handlers of events that it led to, in the same trace.
        children: runs of agents of others that its steps started.
        used: what the calls of models used.
    """

    by_step: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))
    outside: list[Call] = field(default_factory=list)
    children: list[Run] = field(default_factory=list)
    used: RunUsage = field(default_factory=RunUsage)


def find_calls_of_run(session: Session, run_id: UUID, steps: Collection[UUID], prices: PriceBook) -> RunCalls:
    """Returns what the steps of one of our runs called.

    Args:
        session: the snapshot to read.
        run_id: which run.
        steps: node ids of its steps.
        prices: what calls of models cost.
    """
    found = RunCalls()
    trees, _ = agent_spans.read_trees(
        session, _find_agent_traces(session, agent_spans.find_traces_of_own_run(session, run_id))
    )
    wanted, ours = frozenset(steps), _find_own_spans(session, trees)
    counted: list[Usage] = []
    for trace, tree in trees.items():
        spent = Spending(usage.find_uncounted(tree), prices)
        for top in reading.find_top_spans(tree):
            work = [row for above in tree.above(top) if (row := ours.get((trace, above.id)))]
            is_within = next((row["run_id"] for row in work if row["run_id"] is not None), None) == run_id
            if not is_within or top.role is None:
                continue
            made = found.by_step[str(work[0]["node_id"])] if work[0]["node_id"] in wanted else found.outside
            if top.role not in DETAILS:
                found.children.append(agent_runs.build_run(tree, reading.read_run(tree, top), spent))
                continue
            for each in _find_calls_within(tree, top):
                told = agent_runs.build_call(each, spent, tree)
                made.append(told)
                if told.usage is not None and told.uncounted is None:
                    counted.append(told.usage)
    started = [child.usage for child in found.children if child.usage is not None]
    found.used = RunUsage.from_parts(Spending.sum_totals(counted), Spending.sum_totals(started))
    return found


def _find_agent_traces(session: Session, traces: Collection[UUID]) -> list[UUID]:
    """Returns those of some traces in which a span of others plays a part in an agent's work, the first of many."""
    if not traces:
        return []
    rows = session.rows(Query.AGENTS_TOLD_TRACES, traces=traces, **session.stretch(traces).bounds)
    return sorted(row["trace_id"] for row in rows)[:MOST_TRACES]


def _find_own_spans(session: Session, traces: Collection[UUID]) -> dict[tuple[UUID, int], Row]:
    """Returns what our own runtime tells of in some traces, by trace and span."""
    if not traces:
        return {}
    rows = session.rows(Query.AGENTS_OWN_SPANS, traces=sorted(traces), **session.stretch(traces).bounds)
    return {(row["trace_id"], row["span_id"]): row for row in rows}


def _find_calls_within(tree: Tree, top: Span) -> list[Span]:
    """Returns a call and those within it, such as a model's that a tool asks."""
    return [
        span
        for span in (top, *tree.below(top))
        if span.role in DETAILS and not run_contents.is_repeated_tool_call(tree, span)
    ]
