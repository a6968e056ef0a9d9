"""Steps that are fanned out, or in a loop: a node for each item and round, by its name, and figures of those alone."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.causality import graph as graphs
from collector.causality.graph import build_causal_graph
from collector.models import NodeStatus, StepFigures, Window
from collector.otlp.decode.spans import decode
from collector.questions import items as items_of_runs
from collector.questions import runs, search, steps, top_runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.steps import StepCriteria
from collector.questions.windows import Range
from collector.store import materialized
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.sightings import EVERYTHING
from collector.times import moment
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind, StepOutcome
from tests.collector.story import MS, ORIGIN_NS, Story, place, uid

RUN = uid("run")
OF_RUN = {semconv.WORKFLOW: "order", semconv.RUN_ID: str(RUN)}
WITHIN = Range(ORIGIN_NS - MS, ORIGIN_NS + 10_000 * MS, None)
WINDOW = Window(start=moment(WITHIN.first_ns), end=moment(WITHIN.end_ns))


def step(name: str, mark: str = "") -> UUID:
    """The node of a step at a place."""
    return identity.step_id(RUN, name, mark)


def attempt(
    name: str, outcome: str, at: float, lasts: float = 10, mark: str = "", number: int = 1, causes: Sequence[UUID] = ()
) -> Span:
    """An attempt of the run."""
    more = {**OF_RUN, semconv.STEP: name, semconv.AGENT: name, semconv.ATTEMPT: number, semconv.OUTCOME: outcome}
    more |= {semconv.PLACE: mark} if mark else {}
    more |= {semconv.CAUSES: [str(cause) for cause in causes]} if causes else {}
    where = place("run", f"{name}{mark}-{number}")
    return Story("shop").node(
        NodeKind.STEP,
        step(name, mark),
        f"step {name}",
        where,
        at=at,
        lasts=lasts,
        cause=RUN,
        more=more,
        failed="Error: no" if outcome == "failed" else "",
    )


def fan_out(*, gathers: bool = True) -> Iterator[Span]:
    """A step over three items, of which one took two attempts."""
    yield attempt("weigh", StepOutcome.SPREAD, 0, 500)
    yield attempt("weigh", "ok", 10, mark="[0]")
    yield attempt("weigh", "retry", 10, mark="[1]")
    yield attempt("weigh", "ok", 30, mark="[1]", number=2)
    yield attempt("weigh", "ok", 10, 30, mark="[2]")
    if gathers:
        items = tuple(step("weigh", f"[{index}]") for index in range(3))
        yield attempt("weigh", StepOutcome.GATHERED, 50, 700, number=2, causes=items)


def loop() -> Iterator[Span]:
    """A step of two rounds."""
    yield attempt("review", "ok", 100)
    yield attempt("review", "ok", 120, mark="#2", causes=(step("review"),))


def store(database: Database, *spans: Span, end: str = "ok", failed: str = "", failed_place: str = "") -> None:
    """A run with these attempts; without an end where that is empty."""
    story = Story("shop")
    story.spans += spans
    story.node(NodeKind.RUN, RUN, "start order", place("run", "start"), more=OF_RUN)
    if end:
        more = {**OF_RUN, semconv.OUTCOME: end, semconv.OPERATION: "invoke_workflow"}
        more |= {semconv.STEP: failed} if failed else {}
        more |= {semconv.PLACE: failed_place} if failed_place else {}
        story.node(NodeKind.RUN, RUN, "invoke_workflow order", place("run", "end"), lasts=2_000, more=more)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))


def figures(database: Database) -> dict[str, StepFigures]:
    """Of each step; those worked out ahead must be those of all records."""
    told = []
    for _ in range(2):
        with database.reading() as session:
            told.append(steps.find_figures(session, WITHIN, StepCriteria()))
        materialized.materialize_slice(database)
    assert told[0] == told[1]
    return {each.step: each for each in told[0]}


def test_only_items_are_in_figures_of_a_step_that_is_fanned_out(database: Database):
    """What spread them and gathered what they made took longer than any, and is none."""
    store(database, *fan_out())
    found = figures(database)["weigh"]
    assert (found.nodes, found.attempts, found.running) == (3, 4, 0)
    assert found.retry_rate == pytest.approx(1 / 3)
    assert found.latency.p99_ms < 50
    with database.reading() as session:
        top_runs.offer_top_runs(session, WITHIN)
        totals = session.one(
            Query.OVERVIEW_TOTALS,
            first_ns=WITHIN.first_ns,
            end_ns=WITHIN.end_ns,
            **EVERYTHING.bounds_of("named"),
        )
        bucket_ns = WITHIN.get_bucket_ns(10)
        trends = session.rows(
            Query.OVERVIEW_TRENDS,
            first_ns=WITHIN.first_ns,
            end_ns=WITHIN.end_ns,
            bucket_ns=bucket_ns,
            points=0,
        )
        detail = steps.find_step(session, WINDOW, StepCriteria(workflow="order", step="weigh", kind="step"))
    assert (totals["attempts"], totals["errors"]) == (4, 1)
    assert [row["attempts"] for row in trends if row["bucket"] is None] == [4]
    assert sum(point.attempts for point in detail.trend) == 4


def test_what_still_goes_on_is_in_no_figure_either(database: Database):
    """It waits for its items, and no code of it ran."""
    store(database, *fan_out(gathers=False), end="")
    assert figures(database)["weigh"].nodes == 3
    with database.reading() as session:
        spread = next(each for each in runs.find_run(session, RUN).steps if each.place is None)
    assert (spread.status, spread.attempts, spread.end) == (NodeStatus.RUNNING, 0, None)


def test_a_gathered_step_is_well_also_when_its_run_is_over(database: Database):
    """An end cuts off what had not ended."""
    store(database, *fan_out())
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
        graph = build_causal_graph(session, RUN)
    assert {each.status for each in detail.steps} == {NodeStatus.OK}
    assert detail.run.retries == 1
    assert {node.status for node in graph.nodes} == {NodeStatus.OK}
    assert sum(edge.effect == str(step("weigh")) for edge in graph.edges) >= 3


def test_items_and_rounds_have_names(database: Database):
    """In the picture, in a run's steps, and in what a search finds."""
    store(database, *fan_out(), *loop())
    with database.reading() as session:
        told = {each.name: each.place for each in runs.find_run(session, RUN).steps}
        drawn = {node.name: (node.step, node.place) for node in build_causal_graph(session, RUN).nodes}
        found = {each.name for each in search.search_nodes(session, "weigh [1]", 9).items}
        rounds = {each.name for each in search.search_nodes(session, "review, round 2", 9).items}
        listed = runs.find_runs(session, PagePosition(WITHIN, session.as_of), RunCriteria(q="weigh [1]"), 9).items
        none = runs.find_runs(session, PagePosition(WITHIN, session.as_of), RunCriteria(q="weigh [7]"), 9).items
    names = {"weigh": None, "weigh [0]": "[0]", "weigh [1]": "[1]", "weigh [2]": "[2]", "review": None}
    assert told == {**names, "review, round 2": "#2"}
    assert drawn == {"order": (None, None), **{name: (name.split()[0].strip(","), mark) for name, mark in told.items()}}
    assert (found, rounds) == ({"weigh [1]"}, {"review, round 2"})
    assert ([run.run_id for run in listed], none) == ([str(RUN)], [])


def many(count: int, failed: int) -> Iterator[Span]:
    """A step, one over so many items, of which one failed and is tolerated, and the step after it."""
    yield attempt("split", "ok", 0)
    for index in range(count):
        outcome = "failed" if index == failed else "ok"
        yield attempt("weigh", outcome, 20 + index, mark=f"[{index}]", causes=[step("split")])
    items = [step("weigh", f"[{index}]") for index in range(count)]
    yield attempt("weigh", StepOutcome.SPREAD, 15, causes=[step("split")])
    yield attempt("weigh", StepOutcome.GATHERED, 500, number=2, causes=items)
    yield attempt("load", "ok", 520, causes=[step("weigh")])


def test_items_leave_room_for_what_follows_in_a_picture_that_is_cut(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    """Those that ended well are counted; the failed one is there, and what comes after all of them."""
    monkeypatch.setattr(graphs, "ITEMS", 4)
    store(database, *many(60, failed=41))
    for focus in (RUN, step("load"), step("weigh"), step("weigh", "[50]")):
        with database.reading() as session:
            graph = build_causal_graph(session, focus, limit=20)
        names = {node.name for node in graph.nodes}
        assert {"order", "split", "weigh", "load"} <= names
        assert (graph.truncated, graph.holes) == (False, [])
        if focus == RUN:
            assert "weigh [41]" in names
            (left_out,) = graph.items_left_out
            assert (left_out.run_id, left_out.step, left_out.statuses) == (str(RUN), "weigh", {NodeStatus.OK: 55})


def test_of_many_items_a_run_tells_those_that_did_not_end_well(database: Database, monkeypatch: pytest.MonkeyPatch):
    """And how many there are of the others."""
    monkeypatch.setattr(items_of_runs, "TOLD", 4)
    store(database, *many(60, failed=41))
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
    assert detail.run.steps == 63
    assert {"weigh [41]", "weigh [59]", "weigh", "load"} < {each.name for each in detail.steps}
    assert [each.statuses for each in detail.items_left_out] == [{NodeStatus.OK: 56}]
    told = {each.node_id for each in detail.steps}
    assert all(told.issuperset(each.causes) for each in detail.steps)


def test_an_undo_has_figures_of_its_own(database: Database):
    """How long a step takes says nothing of how long it takes to undo it."""
    store(database, attempt("pay", "ok", 10), attempt("pay", "ok", 100, 400, mark="~"), end="failed", failed="ship")
    found = figures(database)
    assert {name: round(each.latency.p50_ms) for name, each in found.items()} == {"pay": 10, "undo of pay": 400}
    with database.reading() as session:
        assert (
            steps.find_step(
                session, WINDOW, StepCriteria(workflow="order", step="undo of pay", kind="step")
            ).figures.nodes
            == 1
        )
        assert {each.name for each in runs.find_run(session, RUN).steps} == {"pay", "undo of pay"}


def test_a_run_fails_of_one_item_and_its_others_are_cut_off(database: Database):
    """They have the same step."""
    cut = attempt("weigh", "cancelled", 10, mark="[0]")
    lost = attempt("weigh", "lost", 10, mark="[1]")
    store(
        database, attempt("weigh", StepOutcome.SPREAD, 0), cut, lost, end="failed", failed="weigh", failed_place="[1]"
    )
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
    assert {each.name: each.status for each in detail.steps} == {
        "weigh": NodeStatus.CANCELLED,
        "weigh [0]": NodeStatus.CANCELLED,
        "weigh [1]": NodeStatus.FAILED,
    }
    assert [life.failed_step for life in detail.lives] == ["weigh [1]"]
    assert detail.run.failed_steps == 1
