"""Accuracy along the chain: two charts where something was scored, and nothing where nothing was."""

import json

import pytest

from collector.models import Accuracy, ScoreFigures
from dashboard.figures import charts
from tests.dashboard import accuracy_of, figures_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, drawn_of, text_of
from tests.dashboard.world import World


def give_scores(at_collector: FakeCollector, world: World) -> None:
    """Has the first step scored."""
    answer = figures_of.steps(world)
    score = ScoreFigures(name="correct", accuracy=Accuracy(n=1, value=1.0, low=0.2, high=1.0))
    first = answer.items[0].model_copy(update={"scores": [score]})
    scored = answer.model_copy(update={"items": [first, *answer.items[1:]]})
    at_collector.routes["steps"] = lambda params: scored


def test_what_is_orchestrated_is_drawn_beside_what_is_choreographed(at_collector: FakeCollector, world: World) -> None:
    """Solid and dashed, each with its interval and n."""
    give_scores(at_collector, world)
    app = draw("steps")
    said = text_of(app)
    assert "Accuracy along the chain" in said
    assert "The 2 chains with most scores; there are 3." in said
    depth, context = drawn_of(app, "chart")
    assert [(line["name"], line["dashed"]) for line in depth["series"]] == [
        ("everything, orchestrated", False),
        ("keys, choreographed", True),
    ]
    assert [len(line["spreads"]) for line in depth["series"]] == [8, 8]
    assert depth["tips"][0]["says"][0] == [0, "everything, orchestrated: 97 % (92 % to 100 %), n 100"]
    assert context["tips"][7]["says"][0][1].startswith("everything, orchestrated: 256 to 511: ")


def test_a_reader_who_zooms_has_the_same_with_plotly(at_collector: FakeCollector, world: World) -> None:
    """Solid and dashed, each with its interval and n; nobody else waits for its script."""
    give_scores(at_collector, world)
    assert not draw("steps").get("plotly_chart")
    app = draw("steps", zoom="True")
    assert not drawn_of(app, "chart")
    depth, context = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    assert [(line["name"], line["line"]["dash"]) for line in depth["data"]] == [
        ("everything, orchestrated", "solid"),
        ("keys, choreographed", "dash"),
    ]
    (first, *_) = depth["data"]
    assert len(first["error_y"]["array"]) == len(first["error_y"]["arrayminus"]) == 8
    assert first["customdata"][0] == "97 % (92 % to 100 %), n 100"
    assert context["data"][0]["customdata"][7].startswith("256 to 511: ")


def test_score_and_size_are_in_the_address(at_collector: FakeCollector, world: World) -> None:
    """A link shows what was looked at."""
    give_scores(at_collector, world)
    app = draw("steps", judged="polite", size="tokens")
    assert [params["score"] for params in at_collector.asked if "score" in params] == ["polite"]
    assert [box.value for box in app.selectbox if box.label == "Judged by"] == ["polite"]
    title = "input tokens, and up to twice that"
    assert drawn_of(app, "chart")[1]["across"]["title"] == title
    app = draw("steps", judged="polite", size="tokens", zoom="True")
    assert json.loads(app.get("plotly_chart")[1].proto.spec)["layout"]["xaxis"]["title"]["text"] == title


def test_where_nothing_was_scored_nobody_asks(at_collector: FakeCollector) -> None:
    """The question looks at causes; steps without scores are not worth it."""
    assert "Accuracy along the chain" not in text_of(draw("steps"))


def test_a_name_of_a_workflow_is_no_markup(world: World) -> None:
    """Plotly reads tags in legends."""
    bands = accuracy_of.accuracy(world, {}).items
    hostile = [band.model_copy(update={"workflow": "<a href='x'>b</a>"}) for band in bands[:8]]
    figure = charts.accuracy(hostile, hostile[0].measure)
    assert figure.data[0].name.startswith("&lt;a href=")


def test_an_older_collector_has_no_such_answer(
    at_collector: FakeCollector, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is shown."""
    give_scores(at_collector, world)

    def unknown(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(accuracy_of, "accuracy", unknown)
    said = text_of(draw("steps"))
    assert "Accuracy along the chain" not in said
    assert "Choose a step" in said
