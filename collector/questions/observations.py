"""Reads runs that have ended, of ours and of others, for advice."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from collector.agents import langgraph
from collector.agents.reading import AgentRun, AgentStep
from collector.agents.tree import Tree
from collector.models.runs import OWN_SOURCE
from collector.questions import agent_spans
from collector.questions.observed_runs import ObservedRun, ObservedStep
from collector.questions.topology_of_others import list_runs
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.names import AttributeMeaning, attribute_names
from collector.store.queries import Query
from collector.store.roles import DETAILS
from runtime.semconv import RunOutcome, StepOutcome

#: Runs that are read of each workflow, and of all, the newest.
EACH: Final = 120
MOST: Final = 900

#: What a node is said to return that returns nothing.
_NOTHING: Final = frozenset({"null", "None", "{}", "[]", ""})

#: How a step ends. One that was cut off when its run failed, say, has not ended.
_ENDED: Final = frozenset(
    {StepOutcome.OK, StepOutcome.FAILED, StepOutcome.GATHERED, StepOutcome.SKIPPED, StepOutcome.MOVED}
)

#: An app, its workflow, and what told of it.
Workflow = tuple[str, str, str]


@dataclass(slots=True)
class Observations:
    """Runs by workflow, how many there are of each, and by workflow and step the runs in which that was undone."""

    runs: dict[Workflow, list[ObservedRun]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[Workflow] = field(default_factory=Counter)
    undone: dict[Workflow, dict[str, frozenset[str]]] = field(default_factory=lambda: defaultdict(dict))


def read_observations(session: Session, within: Range, each: int = EACH) -> Observations:
    """Returns the runs that began in a time range and have ended.

    Args:
        session: the snapshot to read.
        within: when they began.
        each: runs to read of each workflow, the newest.
    """
    found = Observations()
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    session.run(Query.ADVICE_RUNS, each=each, most=MOST, **bounds)
    rows = session.rows(Query.ADVICE_LISTED)
    if rows:
        _add_own_runs(found, rows, session.rows(Query.ADVICE_STEPS))
    traces = session.rows(Query.TOPOLOGY_OTHERS, each=each, most=MOST, **bounds)
    trees = agent_spans.read_trees(session, (row["trace_id"] for row in traces))[0] if traces else {}
    returned = _find_returned(session, list(trees))
    for trace, tree in trees.items():
        for run in list_runs(tree):
            _add_run_of_others(found, tree, run, returned.get(trace, {}))
    return found


def _add_own_runs(found: Observations, rows: list[Row], steps: list[Row]) -> None:
    by_run: dict[object, list[Row]] = defaultdict(list)
    undone: dict[Workflow, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    whose = {row["run_id"]: (row["service"] or "", row["workflow"], OWN_SOURCE) for row in rows}
    for step in steps:
        if step["is_undo"]:
            undone[whose[step["run_id"]]][step["step"]].add(str(step["run_id"]))
        else:
            by_run[step["run_id"]].append(step)
    for row in rows:
        workflow = whose[row["run_id"]]
        found.counts[workflow] = row["runs"]
        found.runs[workflow].append(
            ObservedRun(
                id=str(row["run_id"]),
                app=workflow[0],
                workflow=workflow[1],
                source=OWN_SOURCE,
                failed=row["outcome"] == RunOutcome.FAILED,
                failed_step=row["failed_step"],
                start_ns=row["start_ns"],
                end_ns=row["end_ns"],
                steps=[_build_step(step) for step in by_run[row["run_id"]]],
            )
        )
    for workflow, held in undone.items():
        found.undone[workflow] = {step: frozenset(runs) for step, runs in held.items()}


def _build_step(row: Row) -> ObservedStep:
    return ObservedStep(
        id=str(row["node_id"]),
        name=row["step"],
        agent=row["agent"],
        start_ns=row["start_ns"],
        end_ns=row["end_ns"] if row["outcome"] in _ENDED else None,
        failed=row["outcome"] == StepOutcome.FAILED,
        causes=[str(cause) for cause in row["causes"] or ()],
        reads=frozenset(row["keys_read"] or ()),
        returned=row["returned"],
        skipped=row["outcome"] == StepOutcome.SKIPPED,
        moved=row["outcome"] == StepOutcome.MOVED,
    )


def _add_run_of_others(found: Observations, tree: Tree, run: AgentRun, returned: Mapping[int, bool]) -> None:
    steps = [step for step in run.steps if step.span.role not in DETAILS]
    if run.span.end_ns is None or not steps:
        return
    workflow = (run.span.service, run.name, run.span.scope)
    found.counts[workflow] += 1
    found.runs[workflow].append(
        ObservedRun(
            id=str(run.span.node_id),
            app=workflow[0],
            workflow=run.name,
            source=run.span.scope,
            failed=run.span.failed,
            start_ns=run.span.start_ns,
            end_ns=run.span.end_ns,
            steps=[_build_step_of_others(tree, step, steps, returned) for step in steps],
        )
    )


def _build_step_of_others(
    tree: Tree, step: AgentStep, steps: list[AgentStep], returned: Mapping[int, bool]
) -> ObservedStep:
    nodes = {each.span.id: str(each.span.node_id) for each in steps}
    return ObservedStep(
        id=str(step.span.node_id),
        name=step.name,
        agent=tree.agent(step.span),
        start_ns=step.span.start_ns,
        end_ns=step.span.end_ns,
        failed=step.span.failed,
        causes=[nodes[before] for before in step.before if before in nodes],
        returned=None if step.span.failed else returned.get(step.span.id),
    )


def _find_returned(session: Session, traces: Sequence[UUID]) -> dict[UUID, dict[int, bool]]:
    """Returns whether spans returned anything, by trace and span, where they say so. Where a service says of others
    what they returned, one that says what it was given and no more returned nothing."""
    if not traces:
        return {}
    names = {
        "inputs": attribute_names(AttributeMeaning.INPUT),
        "results": [*attribute_names(AttributeMeaning.RESULT), *langgraph.OUTPUTS],
    }
    rows = session.rows(Query.ADVICE_RETURNED, traces=traces, **names, **session.stretch(traces).bounds)
    telling = {row["service"] for row in rows if row["says_returned"]}
    found: dict[UUID, dict[int, bool]] = defaultdict(dict)
    for row in rows:
        if row["says_returned"]:
            found[row["trace_id"]][row["span_id"]] = row["returned"] not in _NOTHING
        elif row["says_given"] and row["service"] in telling:
            found[row["trace_id"]][row["span_id"]] = False
    return found
