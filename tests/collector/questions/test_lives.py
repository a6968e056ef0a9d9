"""A run that failed may be resumed: it has several lives, and the latest says how it stands."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from collector.client import CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import MS, ORIGIN_NS, PRODUCER, Story, Value, Where, place, uid

RUN = uid("run")
ABOUT: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(RUN), semconv.VERSION: "1.2"}


def life_span(life: int) -> Where:
    """Where the span of a life stands: its steps hang below it."""
    return place("t", f"life {life}")


def accepted(story: Story) -> None:
    """The run is accepted."""
    story.node(NodeKind.RUN, RUN, "start w", place("t", "start"), span_kind=PRODUCER, more=ABOUT)


def ended(story: Story, life: int, outcome: str, *, begun: float, at: float, step: str = "") -> None:
    """A life ends."""
    more = ABOUT | {semconv.OPERATION: "invoke_workflow", semconv.ATTEMPT: life, semconv.OUTCOME: outcome}
    more |= {semconv.STEP: step, semconv.ERROR_TYPE: "CarrierError"} if step else {}
    failed = "CarrierError: busy" if step else ""
    story.node(
        NodeKind.RUN, RUN, "invoke_workflow w", life_span(life), at=begun, lasts=at - begun, more=more, failed=failed
    )


def tried(story: Story, step: str, attempt: int, outcome: str, *, life: int, at: float) -> UUID:
    """An attempt of two milliseconds in a life; without an outcome, one that only a marker tells of."""
    said: dict[str, Value] = {semconv.OUTCOME: outcome} if outcome else {semconv.PENDING: True}
    more = ABOUT | {semconv.STEP: step, semconv.ATTEMPT: attempt} | said
    where = place("t", f"{step} {attempt}")
    parent = life_span(life) if outcome else place("t", f"work of {step} {attempt}")
    story.node(NodeKind.STEP, uid(step), f"step {step}", where, cause=RUN, at=at, lasts=2, parent=parent, more=more)
    return uid(step)


def failed_once(*, with_step: bool = True) -> Story:
    """A run whose second step failed it at its second attempt, while its third waited for another."""
    story = Story()
    accepted(story)
    tried(story, "first", 1, "ok", life=1, at=10)
    tried(story, "second", 1, "retry", life=1, at=20)
    tried(story, "third", 1, "retry", life=1, at=20)
    tried(story, "second", 2, "failed", life=1, at=30)
    ended(story, 1, "failed", begun=0, at=33, step="second" if with_step else "")
    return story


def at(milliseconds: float) -> datetime:
    """A time as stories count it."""
    return datetime.fromtimestamp(ORIGIN_NS / MS / 1000, tz=UTC) + timedelta(milliseconds=milliseconds)


def test_the_latest_life_decides_and_earlier_ends_stay(collector: LiveCollector, client: CollectorClient) -> None:
    """Status, end and duration are of the second; the first is there to see, in the run and in its picture."""
    story = failed_once()
    tried(story, "second", 3, "ok", life=2, at=100)
    tried(story, "third", 2, "ok", life=2, at=100)
    ended(story, 2, "ok", begun=90, at=120)
    collector.tell(story)

    detail = client.run(str(RUN))
    alone = client.node(str(RUN))

    run = detail.run
    assert (run.status, run.life, run.duration_ms, run.version) == (NodeStatus.OK, 2, 30.0, "1.2")
    assert (run.start, run.end) == (at(0), at(120))
    assert client.runs().items == [run]
    assert [(life.life, life.status, life.start, life.end, life.failed_step, life.error) for life in detail.lives] == [
        (1, NodeStatus.FAILED, at(0), at(33), "second", "CarrierError: busy"),
        (2, NodeStatus.OK, at(90), at(120), None, None),
    ]
    assert {step.step: step.status for step in detail.steps} == dict.fromkeys(
        ("first", "second", "third"), NodeStatus.OK
    )
    assert (alone.node.status, alone.node.attempts, alone.node.end) == (NodeStatus.OK, 2, at(120))
    assert [(bar.attempt, bar.outcome, bar.start, bar.end) for bar in alone.node.bars] == [
        (1, "failed", at(0), at(33)),
        (2, "ok", at(90), at(120)),
    ]
    assert [(each.attempt, each.outcome, each.error_type) for each in alone.attempts] == [
        (1, "failed", "CarrierError"),
        (2, "ok", None),
    ]


@pytest.mark.parametrize("outcome", ["failed", "cancelled"])
def test_a_run_may_end_badly_more_than_once(collector: LiveCollector, client: CollectorClient, outcome: str) -> None:
    """Steps of an earlier life are no sign that the later one goes on, in whatever order spans arrive."""
    story = failed_once()
    tried(story, "second", 3, "ok", life=2, at=100)
    tried(story, "third", 2, "failed" if outcome == "failed" else "retry", life=2, at=100)
    ended(story, 2, outcome, begun=90, at=120, step="third" if outcome == "failed" else "")
    collector.tell(Story(spans=story.spans[::-1]))

    detail = client.run(str(RUN))

    assert (detail.run.status, detail.run.life) == (NodeStatus(outcome), 2)
    assert [life.status for life in detail.lives] == [NodeStatus.FAILED, NodeStatus(outcome)]
    assert {step.step: step.status for step in detail.steps} == {
        "first": NodeStatus.OK,
        "second": NodeStatus.OK,
        "third": NodeStatus(outcome),
    }
    assert client.runs(status=outcome).items == [detail.run]
    assert client.overview().totals.runs_failed == (outcome == "failed")


def test_a_run_that_failed_has_no_second_life_by_itself(collector: LiveCollector, client: CollectorClient) -> None:
    """What was cut off with it is not going on."""
    story = failed_once()
    tried(story, "fourth", 1, "", life=1, at=32)
    tried(story, "fourth", 1, "stale", life=1, at=60)
    collector.tell(story)

    detail = client.run(str(RUN))

    assert (detail.run.status, detail.run.life, detail.run.duration_ms) == (NodeStatus.FAILED, 1, 33.0)
    assert {step.step: step.status for step in detail.steps} == {
        "first": NodeStatus.OK,
        "second": NodeStatus.FAILED,
        "third": NodeStatus.CANCELLED,
        "fourth": NodeStatus.CANCELLED,
    }


@pytest.mark.parametrize(
    ("step", "attempt", "outcome"),
    [("second", 3, ""), ("second", 3, "retry"), ("third", 2, "ok"), ("fourth", 1, "retry")],
)
def test_a_run_that_was_resumed_goes_on_as_soon_as_a_step_does(
    collector: LiveCollector, client: CollectorClient, step: str, attempt: int, outcome: str
) -> None:
    """Nothing else tells of a resumption: an attempt after the one that failed the run, or one below no known end."""
    story = failed_once()
    tried(story, step, attempt, outcome, life=2, at=100)
    collector.tell(story)

    detail = client.run(str(RUN))
    alone = client.node(str(RUN)).node

    assert (detail.run.status, detail.run.life) == (NodeStatus.RUNNING, 2)
    assert (detail.run.end, detail.run.duration_ms) == (None, None)
    assert client.runs(status="running").items == [detail.run]
    assert client.runs(status="failed").items == []
    assert client.overview().totals.runs_failed == 0
    assert [(life.life, life.status, life.end) for life in detail.lives] == [
        (1, NodeStatus.FAILED, at(33)),
        (2, NodeStatus.RUNNING, None),
    ]
    assert (alone.status, alone.attempts, alone.end) == (NodeStatus.RUNNING, 2, None)
    assert [(bar.attempt, bar.outcome, bar.end) for bar in alone.bars] == [(1, "failed", at(33)), (2, "", None)]
    statuses = {each.step: each.status for each in detail.steps}
    waiting = {"second", "third"} - {step}
    assert {name: statuses[name] for name in waiting} == dict.fromkeys(waiting, NodeStatus.RETRYING)


def test_an_operator_who_ends_a_run_is_not_its_service(collector: LiveCollector, client: CollectorClient) -> None:
    """The span of its end comes from whoever cancelled it."""
    begun, end = Story("logistics"), Story("causeline-admin")
    accepted(begun)
    ended(end, 1, "cancelled", begun=0, at=9)
    for story in (end, begun):
        collector.post(story.request()).raise_for_status()
    assert [(run.service, run.status) for run in client.runs().items] == [("logistics", NodeStatus.CANCELLED)]


def undone(story: Story, attempt: int, outcome: str, *, life: int, at: float) -> None:
    """An attempt at the undo of the first step; without an outcome, one that only a marker tells of."""
    said: dict[str, Value] = {semconv.OUTCOME: outcome} if outcome else {semconv.PENDING: True}
    more = ABOUT | {semconv.STEP: "first", semconv.PLACE: "~", semconv.ATTEMPT: attempt} | said
    parent = life_span(life) if outcome else place("t", f"work of undo {attempt}")
    story.node(
        NodeKind.STEP,
        uid("undo"),
        "undo first",
        place("t", f"undo {life} {attempt}"),
        cause=RUN,
        at=at,
        lasts=2,
        parent=parent,
        more=more,
    )


def listed(client: CollectorClient, status: NodeStatus) -> list[str]:
    """The runs that stand so."""
    return [run.run_id for run in client.runs(status=status).items]


@pytest.mark.parametrize("outcome", ["", "retry", "ok"])
def test_a_run_whose_steps_are_being_undone_is_listed_as_that(
    collector: LiveCollector, client: CollectorClient, outcome: str
) -> None:
    """As soon as an undo is told of, until the run's end is."""
    story = Story()
    accepted(story)
    tried(story, "first", 1, "ok", life=1, at=10)
    tried(story, "second", 1, "failed", life=1, at=20)
    collector.tell(story)
    assert (listed(client, NodeStatus.RUNNING), listed(client, NodeStatus.UNDOING)) == ([str(RUN)], [])
    undone(story, 1, outcome, life=1, at=30)
    collector.tell(story)
    (run,) = client.runs().items
    assert (run.status, run.end) == (NodeStatus.UNDOING, None)
    assert (listed(client, NodeStatus.RUNNING), listed(client, NodeStatus.UNDOING)) == ([], [str(RUN)])
    undone(story, 2, "ok", life=1, at=35)
    ended(story, 1, "failed", begun=0, at=40, step="second")
    collector.tell(story)
    assert [run.status for run in client.runs().items] == [NodeStatus.FAILED]
    assert (listed(client, NodeStatus.UNDOING), listed(client, NodeStatus.FAILED)) == ([], [str(RUN)])


def test_a_run_that_ended_and_is_undone_by_hand_is_listed_as_that(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """However well it had ended; its next end is of that life. The clock of the worker does not matter."""
    story = Story()
    accepted(story)
    tried(story, "first", 1, "ok", life=1, at=10)
    ended(story, 1, "ok", begun=0, at=20)
    undone(story, 1, "ok", life=2, at=15)
    collector.tell(story)
    (run,) = client.runs().items
    assert (run.status, run.end, run.duration_ms) == (NodeStatus.UNDOING, None, None)
    assert (listed(client, NodeStatus.UNDOING), listed(client, NodeStatus.OK)) == ([str(RUN)], [])
    ended(story, 2, "cancelled", begun=22, at=30)
    collector.tell(story)
    assert [run.status for run in client.runs().items] == [NodeStatus.CANCELLED]
