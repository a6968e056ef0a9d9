"""The Overview's figures, how they went, and who needs a look."""

from streamlit.testing.v1 import AppTest

from collector.models import AppBacklog
from dashboard import wording
from tests.dashboard import figures_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.views.drawing import draw, text_of, tiles_of
from tests.dashboard.world import World


def tile(app: AppTest, name: str) -> str:
    """What a figure says, and what it was."""
    (found,) = [each for each in tiles_of(app) if each["name"] == name]
    change = found.get("change", {"text": "", "before": ""})
    return f"{found['value']}, {change['text']} {change['before']}".strip()


def test_figures_say_what_changed_and_against_when(at_collector: FakeCollector) -> None:
    """Volume, errors and latency; the time before is named."""
    app = draw("overview")
    assert tile(app, "Runs") == "12, 100 % was 6"
    assert tile(app, "p95 of an attempt") == "1.2 s, 50 % was 2.4 s"
    assert "Compared with the time before" in text_of(app)
    runs = tiles_of(app)[0]
    assert runs["course"]["label"] == "Runs, in 30 parts of the time"
    assert len(runs["course"]["values"]) == len(runs["course"]["tips"]) == 30
    assert runs["link"]["href"].startswith("runs?")


def test_agents_with_trouble_and_workers_are_there(at_collector: FakeCollector) -> None:
    """Who failed, who is alive, and what nobody does."""
    said = text_of(draw("overview"))
    for words in ("Worst agents", "50 % ", "of 40 attempts", "Workers", "none", "of 32", "2 min"):
        assert words in said.replace(wording.NO_BREAK, " "), words


def test_an_older_collector_has_figures_without_trends(at_collector: FakeCollector) -> None:
    """No route, no trend, no complaint."""
    del at_collector.routes["overview/trends"]
    app = draw("overview")
    assert tile(app, "Runs") == "12,"
    assert not app.error


def test_more_apps_than_are_shown_are_counted(at_collector: FakeCollector, world: World) -> None:
    """And the rest is said to be elsewhere."""
    apps = [AppBacklog(app=f"app {n}", workers=1, slots=1, due=0, under_way=0, suspects=0) for n in range(25)]
    answer = figures_of.overview(world).model_copy(update={"apps": apps, "apps_total": 200})
    at_collector.routes["overview"] = lambda params: answer
    said = text_of(draw("overview"))
    assert "20 of 200 apps" in said
    assert "app 24" not in said


def test_agents_of_others_alone_have_no_figures_of_a_bus(at_collector: FakeCollector, world: World) -> None:
    """Whoever traces a framework's agents has no dead letters to be asked about."""
    whole = figures_of.overview(world)
    totals = whole.totals.model_copy(
        update={"runs": 0, "events": 0, "deliveries": 0, "attempts": 0, "dead_now": 0, "runs_of_others": 3}
    )
    answer = whole.model_copy(update={"totals": totals, "channels": []})
    at_collector.routes["overview"] = lambda params: answer
    names = {each["name"] for each in tiles_of(draw("overview"))}
    assert names >= {"Runs", "Runs that failed"}
    assert not names & {"Events", "Dead letters now", "Oldest unprocessed", "Attempts that failed"}
