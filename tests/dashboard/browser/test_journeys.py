"""What a reader does, in a real browser against a real server."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from collector.models import CausalGraph, Model, NodeKind, NodeStatus, RetireRequest
from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World

pytestmark = pytest.mark.browser

#: A picture, links of every kind, and what belongs to Streamlit's own Markdown.
MARKDOWN = (
    "![a](http://evil.invalid/a.png) [b](http://evil.invalid/b) <http://evil.invalid/c> http://evil.invalid/d "
    "www.evil.invalid e@evil.invalid :red[f] :material/home: :heart: **g** `h`"
)
#: How it shows: as it is; what keeps an address from turning into a link has no width.
SAID = re.compile("\u2060?".join(map(re.escape, MARKDOWN)))
#: The fields of the API that carry somebody else's words.
WORDS = {
    "agent",
    "app",
    "channel",
    "detail",
    "error",
    "error_message",
    "error_type",
    "explanation",
    "failed_step",
    "group",
    "host",
    "label",
    "message",
    "model",
    "name",
    "operator",
    "reason",
    "step",
    "subject",
    "title",
    "version",
    "why",
    "worker",
    "workflow",
}
#: Whatever leads away from the dashboard.
FOREIGN = "[src^='http://evil.invalid'], [href^='http://evil.invalid']"


def _event(world: World) -> str:
    return next(iter(world.events))


def _node(world: World, kind: NodeKind, name: str = "") -> str:
    """The first shipment's node of a kind (and a name)."""
    nodes = next(iter(world.pictures.values())).nodes.values()
    return next(node.id for node in nodes if node.kind == kind and name in node.name)


def _mark(page: Page, node_id: str) -> Locator:
    return page.locator(f'.mark[data-id="{node_id}"]')


def test_clicking_a_node_highlights_it_puts_it_into_the_url_and_shows_its_details(page: Page, world: World) -> None:
    """And Back takes it back."""
    page.goto(f"/event?id={_event(world)}")
    letter = _node(world, NodeKind.DEAD_LETTER)
    _mark(page, letter).click()
    expect(_mark(page, letter)).to_have_class(re.compile("selected"))
    expect(page).to_have_url(re.compile(f"node={letter}"))
    expect(page.get_by_text("Gave up: max attempts")).to_be_visible()
    page.go_back()
    expect(page).not_to_have_url(re.compile("node="))
    expect(page.get_by_text("Gave up: max attempts")).to_be_hidden()
    expect(_mark(page, _event(world))).to_have_class(re.compile("selected"))


def test_arrow_keys_follow_causes_and_effects(page: Page, world: World) -> None:
    """Nobody needs a mouse."""
    page.goto(f"/event?id={_event(world)}")
    _mark(page, _event(world)).focus()
    page.keyboard.press("ArrowLeft")
    delivery = _node(world, NodeKind.STEP, "delivery")
    expect(page).to_have_url(re.compile(f"node={delivery}"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"node={_event(world)}"))


def test_a_row_of_the_tree_selects_the_same_node_in_the_picture(page: Page, world: World) -> None:
    """Two pictures, one selection."""
    page.goto(f"/event?id={_event(world)}")
    page.get_by_role("treeitem").filter(has_text="sorting").click()
    expect(_mark(page, _node(world, NodeKind.STEP, "sorting"))).to_have_class(re.compile("selected"))
    expect(page.get_by_text("chat simulated-small")).to_be_visible()


def test_zoom_survives_a_selection(page: Page, world: World) -> None:
    """What a reader has enlarged stays enlarged."""
    page.goto(f"/event?id={_event(world)}")
    plot = page.locator(".plot svg")
    expect(plot).to_be_visible()
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    wide = plot.get_attribute("width")
    _mark(page, _node(world, NodeKind.STEP, "sorting")).click()
    expect(page).to_have_url(re.compile("node="))
    expect(page.get_by_text("chat simulated-small")).to_be_visible()
    assert plot.get_attribute("width") == wide


def test_the_picture_is_saved_as_svg(page: Page, world: World) -> None:
    """To be put into a report."""
    page.goto(f"/event?id={_event(world)}")
    with page.expect_download() as saved:
        page.get_by_role("button", name="SVG").click()
    text = saved.value.path().read_text()
    assert text.startswith("<svg")
    assert "tracking-board" in text


def test_the_picture_is_saved_as_an_image_and_the_chain_as_json(page: Page, world: World) -> None:
    """The image is drawn by the browser, with all that the picture has."""
    page.goto(f"/event?id={_event(world)}")
    with page.expect_download() as saved:
        page.get_by_role("button", name="PNG").click()
    content = saved.value.path().read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20]) > 1_000  # its width, in pixels
    with page.expect_download() as saved:
        page.get_by_role("button", name="JSON").click()
    chain = CausalGraph.model_validate_json(saved.value.path().read_text())
    assert chain.focus == _event(world)
    assert len(chain.nodes) > 3


def test_an_unknown_id_says_so_and_offers_recent_events(page: Page, world: World) -> None:
    """One click leads on."""
    page.goto("/event?id=00000000-0000-7000-8000-00000000dead")
    expect(page.get_by_text("Nothing is recorded under")).to_be_visible()
    page.locator(".st-key-event-rows").get_by_role("link").first.click()
    expect(page.locator(".mark.event")).to_be_visible()
    expect(page).not_to_have_url(re.compile("dead$"))


def test_hostile_text_stays_text(page: Page, world: World) -> None:
    """A payload, a subject and an error are somebody else's words."""
    hostile = "<img src=x onerror=\"document.title='owned'\">"
    letter = world.letters[world.add_dead_letter(hostile)]
    world.letters[letter.id] = letter.model_copy(update={"error": hostile, "payload": f'{{"a": "{hostile}"}}'})
    page.goto(f"/dead-letters?letter={letter.id}")
    expect(page.get_by_role("heading", name="<img src=x")).to_be_visible()
    page.goto(f"/event?id={letter.id}")
    expect(page.get_by_text("<img src=x").first).to_be_visible()
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0


def _marked(answer: Any) -> Any:
    """An answer of the API with Markdown in front of whatever is somebody else's words."""
    if isinstance(answer, list):
        return [_marked(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    lists = {"keys_read", "keys_written"} & answer.keys()
    keys = {name: [f"{MARKDOWN} {each}" for each in answer[name]] for name in lists}
    texts = {name: f"{MARKDOWN} {answer[name]}" for name in WORDS & answer.keys() if isinstance(answer[name], str)}
    return {name: _marked(value) for name, value in answer.items()} | keys | texts


def test_markdown_in_somebody_elses_words_stays_text(
    page: Page, world: World, live: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In labels and tips too: nothing that it names is fetched, and nothing leads there."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = live.answer

    def marked(*question: Any) -> Model:
        plain = answer(*question)
        return type(plain).model_validate(_marked(plain.model_dump()))

    monkeypatch.setattr(live, "answer", marked)
    letter, sorting = next(iter(world.letters)), _node(world, NodeKind.STEP, "sorting")
    world.unserved["old-sms"] = 7
    world.stand(next(iter(world.runs)), NodeStatus.FAILED, step="sorting", error="busy")
    world.replay(list(world.letters)[-1], "ana")
    world.retire(RetireRequest(channel="c", group="old-sms", operator="ana", reason="renamed"))
    world.unserved["old-sms"] = 7
    for view in (
        "",
        "event",
        f"event?id={letter}",
        f"event?id={letter}&node={sorting}",
        "runs",
        f"runs?run={next(iter(world.runs))}",
        "steps",
        "steps?workflow=shipment&step=sorting&kind=step",
        f"dead-letters?letter={letter}",
        "groups",
        "workers",
    ):
        page.goto(f"/{view}")
        expect(page.get_by_test_id("stMain")).to_contain_text(SAID)
        assert page.locator(FOREIGN).count() == 0, view
    for view, button in (
        (f"dead-letters?letter={letter}", "Replay this one"),
        (f"runs?run={next(iter(world.runs))}", "Resume"),
        ("groups", "Retire"),
    ):
        page.goto(f"/{view}")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog")).to_contain_text(SAID)
        assert page.locator(FOREIGN).count() == 0, button
    assert [url for url in asked if urlsplit(url).hostname not in ("127.0.0.1", None)] == []
