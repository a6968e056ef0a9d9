"""Runs, asked for one by one and in lists."""

import math

import pytest

from collector.client import CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment
from tests.collector.story import Story, Value, place, uid


def tried(story: Story, run: str, step: str, outcomes: list[str | None]) -> None:
    """A step of a run with its attempts, a second apart and scored 1, 0.9, 0.8 ...; None for one that goes on."""
    for attempt, outcome in enumerate(outcomes, 1):
        about: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.STEP: step, semconv.RUN_ID: str(uid(run))}
        about |= {semconv.ATTEMPT: attempt, semconv.AGENT: f"{step} {attempt}", semconv.CONTEXT_SIZE: attempt}
        about |= {semconv.OUTCOME: outcome} if outcome else {semconv.PENDING: True}
        where = place(run, f"{step} {attempt}")
        failed = "down" if outcome in ("retry", "failed") else ""
        span = story.node(
            NodeKind.STEP, uid(f"{run} {step}"), f"step {step}", where, at=attempt * 1000, more=about, failed=failed
        )
        event = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=span.end_time_unix_nano)
        event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = 1 - (attempt - 1) / 10


def started(story: Story, run: str) -> None:
    """A run that goes on."""
    about = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(uid(run))}
    story.node(NodeKind.RUN, uid(run), "start w", place(run, "start"), more=about)


def test_a_run_is_the_same_by_itself_and_in_a_list(collector: LiveCollector, client: CollectorClient) -> None:
    """With or without steps, whatever became of them; retries are the attempts beyond each step's first."""
    story = Story()
    for run in ("empty", "busy"):
        started(story, run)
    tried(story, "busy", "bad", ["retry", "retry", "failed"])
    tried(story, "busy", "good", ["retry", "ok", "stale"])
    tried(story, "busy", "trying", ["retry", None])
    collector.tell(story, Shipment().story, Shipment(2).story)

    listed = client.runs().items

    assert len(listed) == 4
    for run_ in listed:
        detail = client.run(run_.run_id)
        assert detail.run == run_
        assert sum(step.attempts - 1 for step in detail.steps) == run_.retries
    totals = {run.run_id: (run.steps, run.failed_steps, run.retries) for run in listed}
    assert totals[str(uid("busy"))] == (3, 1, 5)
    assert totals[str(uid("empty"))] == (0, 0, 0)


def test_a_score_that_is_no_number_takes_no_score_away(collector: LiveCollector, client: CollectorClient) -> None:
    """Scored 0.9 and then NaN, a step was scored 0.9: in its run as among all steps."""
    story = Story()
    started(story, "run")
    about: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.STEP: "s", semconv.RUN_ID: str(uid("run"))}
    more = about | {semconv.ATTEMPT: 1, semconv.OUTCOME: "ok"}
    span = story.node(NodeKind.STEP, uid("step"), "step s", place("run", "s"), more=more)
    for later, score in enumerate((0.9, math.nan)):
        event = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=span.end_time_unix_nano + later)
        event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = score
    collector.tell(story)

    assert [step.score for step in client.run(str(uid("run"))).steps] == [0.9]
    assert [(step.accuracy.n, step.accuracy.value) for step in client.steps().items] == [(1, 1.0)]
    assert client.step("w", "s").figures.accuracy.n == 1


def test_a_step_of_a_run_is_as_its_last_attempt_that_decided_something(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Stale and duplicate attempts decide nothing, a marker is an attempt that goes on; steps of others stay out."""
    story = Story()
    for run in ("this", "other"):
        started(story, run)
        tried(story, run, "done", ["retry", "ok", "stale", "duplicate"])
    tried(story, "this", "at work", ["retry", None])
    collector.tell(story)

    steps = {step.step: step for step in client.run(str(uid("this"))).steps}

    assert {name: (step.status, step.attempts, step.agent, step.context_size) for name, step in steps.items()} == {
        "done": (NodeStatus.OK, 4, "done 4", 4),
        "at work": (NodeStatus.RUNNING, 2, "at work 2", 2),
    }
    assert (steps["done"].score, steps["done"].error) == (0.7, None)
    assert (steps["at work"].end, steps["at work"].duration_ms) == (None, None)
    assert [step.node_id for step in steps.values()] == sorted((str(uid("this done")), str(uid("this at work")))), (
        "those that began at once come by their ids"
    )


@pytest.mark.parametrize(
    ("type_", "message", "said"),
    [
        ("OSError", "OSError: down", "OSError: down"),
        ("OSError", "down", "OSError: down"),
        ("OSError", "OSErrors abound", "OSError: OSErrors abound"),
        (None, "down", "down"),
    ],
)
def test_a_step_names_the_type_of_its_error_once(
    collector: LiveCollector, client: CollectorClient, type_: str | None, message: str, said: str
) -> None:
    """Whether the sender's message begins with it or not."""
    story = Story()
    started(story, "run")
    about: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.STEP: "bad", semconv.RUN_ID: str(uid("run"))}
    about |= {semconv.ATTEMPT: 1, semconv.OUTCOME: "failed"} | ({semconv.ERROR_TYPE: type_} if type_ else {})
    story.node(NodeKind.STEP, uid("bad"), "step bad", place("run", "bad"), at=1000, more=about, failed=message)
    collector.tell(story)
    (step,) = client.run(str(uid("run"))).steps
    assert step.error == said
