"""Steps that were skipped: told as what they are, and in no figure."""

from collector.models import NodeStatus, Window
from collector.otlp.decode.spans import decode
from collector.questions import runs, steps, top_runs
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
from runtime.semconv import NodeKind
from tests.collector.story import MS, ORIGIN_NS, Story, place, uid

RUN = uid("run")
OF_RUN = {semconv.WORKFLOW: "order", semconv.RUN_ID: str(RUN)}
WITHIN = Range(ORIGIN_NS - MS, ORIGIN_NS + 1_000 * MS, None)
WINDOW = Window(start=moment(WITHIN.first_ns), end=moment(WITHIN.end_ns))


def stored(database: Database) -> None:
    """A run of two branches, of which one was taken."""
    story = Story("shop")
    story.node(NodeKind.RUN, RUN, "start order", place("run", "start"), more=OF_RUN)
    for name, outcome, lasts in (("pay", "ok", 50), ("ask", "skipped", 0)):
        more = {**OF_RUN, semconv.STEP: name, semconv.AGENT: name, semconv.ATTEMPT: 1, semconv.OUTCOME: outcome}
        node = identity.step_id(RUN, name)
        story.node(NodeKind.STEP, node, f"step {name}", place("run", name), at=10, lasts=lasts, cause=RUN, more=more)
    ended = {**OF_RUN, semconv.OUTCOME: "ok", semconv.OPERATION: "invoke_workflow"}
    story.node(NodeKind.RUN, RUN, "invoke_workflow order", place("run", "end"), lasts=100, more=ended)
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))


def test_a_skipped_step_is_told_as_skipped(database: Database):
    """Also when its run is over, which cuts off what had not ended."""
    stored(database)
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
    assert {step.step: step.status for step in detail.steps} == {"pay": NodeStatus.OK, "ask": NodeStatus.SKIPPED}
    assert detail.run.failed_steps == 0


def test_a_skipped_step_is_in_no_figure(database: Database):
    """It has done nothing, and that fast: neither asked nor worked out ahead."""
    stored(database)
    for _ in range(2):
        with database.reading() as session:
            assert [step.step for step in steps.find_figures(session, WITHIN, StepCriteria())] == ["pay"]
            top_runs.offer_top_runs(session, WITHIN)
            totals = session.one(
                Query.OVERVIEW_TOTALS,
                first_ns=WITHIN.first_ns,
                end_ns=WITHIN.end_ns,
                **EVERYTHING.bounds_of("named"),
            )
        assert (totals["attempts"], totals["errors"]) == (1, 0)
        materialized.materialize_slice(database)
