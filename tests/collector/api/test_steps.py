"""Figures of steps and groups."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.client import CollectorClient
from collector.models import StepFigures
from collector.questions.accuracy import compute_accuracy
from collector.questions.histogram import build_histogram
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment
from tests.collector.story import MS, ORIGIN_NS, Story, place, uid


def judged(number: int, *, latency: float, outcomes: list[str], scores: list[float]) -> Story:
    """One step with its attempts; the last one is scored, each score after the other."""
    story = Story()
    run = uid(f"run {number}")
    for attempt, outcome in enumerate(outcomes, 1):
        span = story.node(
            NodeKind.STEP,
            identity.step_id(run, "classify"),
            "step classify",
            place(f"t{number}", str(attempt)),
            cause=run,
            at=number * 1000 + attempt * 100,
            lasts=latency,
            more={
                semconv.WORKFLOW: "mail",
                semconv.STEP: "classify",
                semconv.AGENT: "clerk",
                semconv.ATTEMPT: attempt,
                semconv.OUTCOME: outcome,
            },
        )
    for place_, score in enumerate(scores):
        event = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=span.end_time_unix_nano + place_)
        event.attributes.add(key=semconv.EVALUATION_NAME).value.string_value = "correct"
        event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = score
    return story


@pytest.fixture
def figures(collector: LiveCollector, client: CollectorClient) -> StepFigures:
    """Ten steps: 10 to 100 ms, one retried, one failed, eight scored, of which one was scored again."""
    stories = []
    for number in range(10):
        outcomes = {3: ["retry", "ok"], 4: ["retry", "failed"]}.get(number, ["ok"])
        scores = {0: [0.0], 1: [0.0, 1.0], 8: [], 9: []}.get(number, [1.0])
        stories.append(judged(number, latency=10.0 * (number + 1), outcomes=outcomes, scores=scores))
    collector.tell(*stories)
    return next(item for item in client.steps().items if item.step == "classify")


def test_rates_are_of_nodes(figures: StepFigures) -> None:
    """One of ten failed; two of ten took more than one attempt."""
    assert (figures.nodes, figures.attempts, figures.agent) == (10, 12, "clerk")
    assert figures.error_rate == pytest.approx(1 / 10)
    assert figures.retry_rate == pytest.approx(2 / 10)


def test_accuracy_is_of_the_last_score_with_n_and_interval(figures: StepFigures) -> None:
    """Seven of eight; the one that was scored again counts once."""
    assert (figures.accuracy.n, figures.accuracy.value) == (8, 7 / 8)
    assert figures.accuracy == compute_accuracy(7, 8)


def test_latency_is_of_attempts(figures: StepFigures) -> None:
    """Twelve attempts: 10, 20, 30, 40, 40, 50, 50, 60 ... 100."""
    assert figures.latency.p50_ms == pytest.approx(50.0)
    assert figures.latency.p99_ms == pytest.approx(98.9)


def test_one_step_has_a_distribution_a_trend_and_its_worst_nodes(client: CollectorClient, figures: StepFigures) -> None:
    """Nothing is counted twice; the failed one comes first, then the wrong, the retried and the slow."""
    detail = client.step("mail", "classify")

    assert detail.figures == figures
    assert sum(bin_.count for bin_ in detail.histogram) == 12
    assert sum(point.attempts for point in detail.trend) == 12
    assert sum(point.errors for point in detail.trend) == 3
    assert (detail.trend[0].attempts, detail.trend[-1].attempts) == (1, 1), "from the first attempt to the last"
    assert [node.status.value for node in detail.worst] == ["failed", "ok", "ok", "ok"]
    assert [node.id for node in detail.worst][1:] == [
        str(identity.step_id(uid(f"run {number}"), "classify")) for number in (0, 3, 9)
    ]
    assert [node.score for node in detail.worst] == [1.0, 0.0, 1.0, None]
    assert [node.slow for node in detail.worst] == [False, False, False, True]


def test_groups_stand_beside_steps_with_their_first_rounds(collector: LiveCollector, client: CollectorClient) -> None:
    """A replay is another node, and does not make the first round look better."""
    collector.tell(Shipment().story)
    found = {(item.kind.value, item.workflow, item.step): item for item in client.steps().items}
    sms = found["delivery", "shipment.delivered", "sms"]
    assert (sms.nodes, sms.attempts, sms.error_rate, sms.retry_rate) == (1, 2, 1.0, 1.0)
    assert found["delivery", "shipment.delivered", "billing"].error_rate == 0
    assert [item.kind for item in client.steps().items] == [NodeKind.STEP] * 4 + [NodeKind.DELIVERY] * 3
    assert [item.step for item in client.steps(q="SMS").items] == ["sms"]
    assert client.step("shipment.delivered", "sms", kind="delivery").worst[0].status.value == "dead"


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    [(7, 8, 0.5291, 0.9776), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (49, 50, 0.8950, 0.9965)],
)
def test_the_interval_is_wilsons(correct: int, n: int, low: float, high: float) -> None:
    """Against published values."""
    accuracy = compute_accuracy(correct, n)
    assert (accuracy.low, accuracy.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_without_scores_there_is_no_accuracy() -> None:
    """None, not zero."""
    assert compute_accuracy(0, 0).model_dump() == {"n": 0, "value": None, "low": None, "high": None}


@given(st.lists(st.floats(0, 1e7), max_size=60))
def test_a_histogram_holds_every_duration_once(durations: list[float]) -> None:
    """Bins follow one another without a gap, and the first and last are not empty."""
    bins = build_histogram(durations)
    assert sum(bin_.count for bin_ in bins) == len(durations)
    assert all(a.high_ms == b.low_ms for a, b in pairwise(bins))
    if durations:
        assert bins[0].low_ms <= min(durations)
        assert bins[-1].high_ms >= max(durations)
        assert bins[-1].count


@given(st.lists(st.floats(-1e13, 0), min_size=1, max_size=60))
def test_attempts_that_ended_before_they_began_took_no_time(durations: list[float]) -> None:
    """A clock was set back, or nobody said an end: they are counted, in one bin."""
    (bin_,) = build_histogram(durations)
    assert (bin_.low_ms, bin_.count) == (0, len(durations))


@pytest.mark.parametrize("lasts", [-5, -ORIGIN_NS / MS])
def test_a_step_is_shown_whose_ends_lie_before_their_starts(
    collector: LiveCollector, client: CollectorClient, lasts: float
) -> None:
    """By a little, or because the end is 0: it counts, and nothing is said of how long it took."""
    collector.tell(judged(0, latency=lasts, outcomes=["ok"], scores=[]))
    detail = client.step("mail", "classify")
    assert (detail.figures.attempts, detail.histogram) == (1, [])


def test_what_is_looked_for_among_steps_is_looked_for_in_all_time(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """However it is narrowed, as in other lists; the latest hour alone holds what is shown without."""
    old, new = (
        judged(1, latency=1, outcomes=["failed"], scores=[]),
        judged(90_000, latency=1, outcomes=["ok"], scores=[]),
    )
    collector.tell(old, new)
    assert client.steps().items[0].nodes == 1
    for page in (
        client.steps(q="CLERK"),
        client.steps(workflow="mail"),
        client.steps(kind="step"),
        client.steps(bad=True),
    ):
        assert [(step.nodes, step.error_rate) for step in page.items] == [(2, 0.5)]
