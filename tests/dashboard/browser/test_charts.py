"""Charts of a step in a real browser: drawn without Plotly, and read by pointing at them or with the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from collector.models import Accuracy, ScoreFigures
from tests.dashboard import accuracy_of, figures_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def scored(live: FakeCollector, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that were judged, in chains one of which is called as no designer thinks of."""
    answer = figures_of.steps(world)
    score = ScoreFigures(name="correct", accuracy=Accuracy(n=1, value=1.0, low=0.2, high=1.0))
    first = answer.items[0].model_copy(update={"scores": [score]})
    live.routes["steps"] = lambda params: answer.model_copy(update={"items": [first, *answer.items[1:]]})
    told = accuracy_of.accuracy(world, {})
    bands = [band.model_copy(update={"workflow": HOSTILE}) for band in told.items]
    monkeypatch.setattr(accuracy_of, "accuracy", lambda *_: told.model_copy(update={"items": bands}))


@pytest.mark.usefixtures("scored")
def test_pointing_at_a_chart_and_arrow_keys_say_what_is_there(page: Page) -> None:
    """A name stays text, in the legend, in what is said, and for those who can't see it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/steps")
    chart = page.locator(".chart").first
    expect(chart.locator(".legend bdi").first).to_have_text(f"{HOSTILE}, orchestrated")
    expect(page.get_by_role("img", name=HOSTILE)).to_have_count(2)
    expect(chart.locator("path.line")).to_have_count(2 + 2)  # and those of the legend
    expect(chart.locator("img")).to_have_count(0)
    drawn = chart.get_by_role("img")
    drawn.focus()
    for key, head in (("ArrowRight", "Depth 1"), ("ArrowRight", "Depth 2"), ("ArrowLeft", "Depth 1")):
        page.keyboard.press(key)
        expect(chart.locator(".tip .head")).to_have_text(head)
    drawn.hover()
    expect(chart.locator(".tip .said").first).to_contain_text(f"{HOSTILE}, orchestrated: ")
    page.mouse.move(0, 0)
    expect(chart.locator(".tip .said")).to_have_count(0)
    assert not [url for url in asked if "Plotly" in url or "plotly" in url]


@pytest.mark.usefixtures("scored")
def test_a_reader_who_wants_to_zoom_gets_plotly_and_comes_back(page: Page) -> None:
    """The address keeps it."""
    page.goto("/steps")
    page.locator("label").filter(has_text="Zoom into charts").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    page.wait_for_url("**/steps?zoom=True")
    expect(page.locator(".chart")).to_have_count(0)
    page.go_back()
    expect(page.locator(".chart")).to_have_count(2)


def test_a_chart_takes_the_room_that_there_is(page: Page) -> None:
    """In a narrow window its marks stay as large, and fewer of them are written."""
    page.goto("/steps?workflow=shipment&step=sorting&kind=step")
    chart = page.locator(".chart").first.locator(".plot > svg")
    marks = chart.locator("text.mark")
    expect(marks.first).to_be_visible()
    for width in (1300, 800):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_function(
            "() => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]"
            ".map((each) => each.shadowRoot.querySelector('.plot')).filter(Boolean)"
            ".every((each) => Math.abs(each.clientWidth - each.firstChild.clientWidth) < 2)"
        )
        size = marks.first.evaluate("(each) => getComputedStyle(each).fontSize")
        assert size == "12px"
    page.set_viewport_size({"width": 1300, "height": 1000})
