"""Two questions about one answer have two accuracies."""

from typing import Final

import pytest

from collector.client import CollectorClient
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import Story, place, uid

RUN: Final = uid("run")


@pytest.fixture
def scored(collector: LiveCollector) -> None:
    """Forty answers of one step: all polite, every second one correct, and one judged by a third score."""
    story = Story()
    for number in range(40):
        more = {semconv.WORKFLOW: "w", semconv.STEP: "s", semconv.OUTCOME: "ok", semconv.RUN_ID: str(RUN)}
        span = story.node(NodeKind.STEP, uid(f"s{number}"), "step s", place("t", f"{number}"), at=number, more=more)
        scores = {"polite": 1.0, "correct": float(number % 2)} | ({"": 0.0} if number == 7 else {})
        for name, value in scores.items():
            event = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=span.end_time_unix_nano)
            event.attributes.add(key=semconv.EVALUATION_NAME).value.string_value = name
            event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = value
    story.node(NodeKind.RUN, RUN, "run", place("t", "run"), more={semconv.WORKFLOW: "w", semconv.RUN_ID: str(RUN)})
    collector.tell(story)


@pytest.mark.usefixtures("scored")
def test_figures_tell_scores_apart(client: CollectorClient) -> None:
    """Each with how many it judged; `accuracy` is of one of them, and says which."""
    (step,) = client.steps().items
    assert [(each.name, each.accuracy.n, each.accuracy.value) for each in step.scores] == [
        ("", 1, 0.0),
        ("correct", 40, 0.5),
        ("polite", 40, 1.0),
    ]
    assert (step.score, step.accuracy) == ("correct", step.scores[1].accuracy)
    (chosen,) = client.steps(score="polite").items
    assert (chosen.score, chosen.accuracy.value) == ("polite", 1.0)
    (other,) = client.steps(score="nobody gave it").items
    assert (other.score, other.accuracy.n, len(other.scores)) == (None, 0, 3)


@pytest.mark.usefixtures("scored")
def test_the_trend_and_the_worst_go_by_the_score_that_was_chosen(client: CollectorClient) -> None:
    """Else the worst by any of them."""
    polite, any_ = client.step("w", "s", score="polite"), client.step("w", "s")
    assert {point.accuracy for point in polite.trend if point.attempts} == {1.0}
    assert {point.accuracy for point in any_.trend if point.attempts} == {0.0, 1.0}
    assert {tuple(point.scores) for point in polite.trend if point.attempts} >= {("correct", "polite")}
    assert not any(node.score == 0 for node in polite.worst)
    assert {(node.score, node.score_name) for node in any_.worst if node.score == 0} == {(0.0, "correct"), (0.0, "")}


@pytest.mark.usefixtures("scored")
def test_a_step_of_a_run_has_each_of_its_scores(client: CollectorClient) -> None:
    """And the lowest, as before."""
    steps = client.run(str(RUN)).steps
    assert (steps[7].scores, steps[7].score) == ({"": 0.0, "correct": 1.0, "polite": 1.0}, 0.0)
    assert steps[8].scores == {"correct": 0.0, "polite": 1.0}


@pytest.mark.usefixtures("scored")
def test_a_problem_names_the_score(client: CollectorClient) -> None:
    """The other one is fine."""
    problems = [each for each in client.overview().problems if each.view == "steps"]
    assert [(each.title, each.params["score"]) for each in problems] == [
        ("s (w) is right in only 50 % of 40 scored by correct", "correct")
    ]
    assert [step.step for step in client.steps(bad=True).items] == ["s"]
    assert client.steps(bad=True, kind="delivery").items == []
