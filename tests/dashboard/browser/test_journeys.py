"""What a reader does, in a real browser against a real server."""

import re
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from collector.models import Model, NodeKind, NodeStatus, RetireRequest
from tests.dashboard.conftest import Dashboard
from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World

#: The texts of whatever reaches beyond the window's right edge, or is cut by its own box.
CUT = """() => [...document.querySelectorAll("button p, [data-testid=stMarkdown] p, [data-testid=stHeading]")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 || each.scrollWidth > each.clientWidth + 1)
    .map((each) => each.innerText)"""

#: A picture, links of every kind, and what belongs to Streamlit's own Markdown.
MARKDOWN = (
    "![a](http://evil.invalid/a.png) [b](http://evil.invalid/b) <http://evil.invalid/c> http://evil.invalid/d "
    "www.evil.invalid e@evil.invalid :red[f] :material/home: :heart: **g** `h`"
)
#: How it shows: as it is; what keeps an address from turning into a link has no width.
SAID = re.compile("\u2060?".join(map(re.escape, MARKDOWN)))
#: The fields of the API that carry somebody else's words.
WORDS = {
    "agent", "app", "channel", "detail", "error", "error_message", "error_type", "explanation", "failed_step", "group",
    "host", "label", "message", "model", "name", "operator", "reason", "step", "subject", "title", "version", "why",
    "worker", "workflow",
}  # fmt: skip
#: Whatever leads away from the dashboard.
FOREIGN = "[src^='http://evil.invalid'], [href^='http://evil.invalid']"

pytestmark = pytest.mark.browser


def _event(world: World) -> str:
    return next(iter(world.events))


def _node(world: World, kind: NodeKind, name: str = "") -> str:
    """The first shipment's node of a kind (and a name)."""
    nodes = next(iter(world.pictures.values())).nodes.values()
    return next(node.id for node in nodes if node.kind == kind and name in node.name)


def _mark(page: Page, node_id: str) -> Locator:
    return page.locator(f'.mark[data-id="{node_id}"]')


def _pick(page: Page, subject: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Pick {subject}")


def press(button: Locator, page: Page, leads_to: str) -> None:
    """Presses a button, as a reader does: once more where the page was being drawn anew at that very moment."""
    for _ in range(3):
        button.click()
        with suppress(AssertionError):
            expect(page).to_have_url(re.compile(leads_to), timeout=5_000)
            return
    raise AssertionError(f"{page.url} does not hold {leads_to}")


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


def test_an_unknown_id_says_so_and_offers_recent_events(page: Page, world: World) -> None:
    """One click leads on."""
    page.goto("/event?id=00000000-0000-7000-8000-00000000dead")
    expect(page.get_by_text("Nothing is recorded under")).to_be_visible()
    page.get_by_role("button", name="Open").first.click()
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
    for view in ("", "event", f"event?id={letter}", f"event?id={letter}&node={sorting}", "runs",
                 f"runs?run={next(iter(world.runs))}", "steps", "steps?workflow=shipment&step=sorting&kind=step",
                 f"dead-letters?letter={letter}", "groups"):  # fmt: skip
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


def test_a_letter_that_arrives_moves_neither_the_tick_nor_the_row_that_is_read(page: Page, world: World) -> None:
    """New letters are announced; the reader decides when to see them."""
    page.goto("/dead-letters")
    tick = _pick(page, "SHIP-0004")
    page.locator("label").filter(has=tick).click()
    expect(tick).to_be_checked()
    row = page.locator('[class*="st-key-letter-"]').filter(has_text="SHIP-0004")
    before = row.bounding_box()
    world.add_dead_letter("SHIP-NEW")
    show = page.get_by_role("button", name="1 more: show")
    expect(show).to_be_visible()
    expect(page.get_by_role("button", name="Replay 1 letter")).to_be_visible()
    assert row.bounding_box() == before
    assert _pick(page, "SHIP-NEW").count() == 0
    show.click()
    expect(_pick(page, "SHIP-NEW")).not_to_be_checked()
    expect(tick).to_be_checked()


def test_letters_are_replayed_by_clicking_and_watched_until_they_end(page: Page, world: World) -> None:
    """One succeeds, one comes back with the next round; the audit names who did it."""
    page.goto("/dead-letters")
    for subject in ("SHIP-0001", "SHIP-0004"):
        page.locator("label").filter(has=_pick(page, subject)).click()
        expect(_pick(page, subject)).to_be_checked()
    page.get_by_role("button", name="Replay 2 letters").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 letters to sms only")
    expect(dialog).to_contain_text("SHIP-0004")
    dialog.get_by_role("button", name="Send 2 letters").click()
    expect(dialog).to_contain_text("Say who you are")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Send 2 letters").click()
    expect(page.get_by_text("2 on their way")).to_be_visible()
    assert {entry.operator for entry in world.audit} == {"ana"}
    world.finish_replays()
    expect(page.get_by_text("1 of 2 succeeded")).to_be_visible()
    press(page.get_by_role("button", name="came back as a new letter, round 1"), page, "letter=")
    expect(page.get_by_text("Attempts, round 0")).to_be_visible()
    expect(page.get_by_text("Attempts, round 1")).to_be_visible()
    page.get_by_role("link", name="See it in the picture").click()
    expect(page.locator(".mark.replay")).to_be_visible()
    expect(page.locator(".mark.dead_letter")).to_have_count(2)


def test_all_that_match_are_replayed_beyond_the_page(page: Page, world: World) -> None:
    """An outage fills more than one page; what comes back dead meanwhile is not sent again."""
    for number in range(60):
        world.add_dead_letter(f"LATE-{number:02}")
    page.goto("/dead-letters")
    page.get_by_role("button", name="Tick all 25 here").click()
    page.get_by_role("button", name="Replay all that match").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("64 letters to sms only")
    expect(dialog).to_contain_text("and 52 more")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Send 64 letters").click()
    expect(page.get_by_text("64 on their way")).to_be_visible()
    assert len(world.audit) == 64
    world.finish_replays()
    expect(page.get_by_text(re.compile(r"of 64 succeeded.*came back dead"))).to_be_visible()
    expect(page.get_by_text("on their way")).to_be_hidden()


def test_a_runs_steps_are_drawn_in_the_colours_of_their_status(page: Page, world: World) -> None:
    """And a click on a box selects the step."""
    page.goto(f"/runs?run={next(iter(world.runs))}")
    box = page.get_by_role("button", name=re.compile("^sorting, ok"))
    expect(box.locator("rect")).to_have_css("fill", re.compile("color|rgb"))
    expect(box.locator("rect")).not_to_have_css("fill", "rgb(0, 0, 0)")
    box.click()
    expect(page).to_have_url(re.compile("node="))
    expect(box).to_have_class(re.compile("selected"))


def test_one_click_leads_from_the_overview_to_the_dead_letters(page: Page, world: World) -> None:
    """And Back returns, with nothing in between."""
    page.goto("/")
    page.get_by_role("link", name="Show").first.click()
    expect(page.get_by_role("heading", name="What is stuck")).to_be_visible()
    expect(page).to_have_url(re.compile("group=sms"))
    expect(_pick(page, "SHIP-0001")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Is anything wrong now?")).to_be_visible()


def test_a_collector_that_comes_back_is_noticed_without_a_click(
    page: Page, world: World, live: FakeCollector, served: tuple[Dashboard, int]
) -> None:
    """The page says that it is away, and recovers by itself."""
    live.close()
    page.goto("/dead-letters")
    expect(page.get_by_text("The collector is away.")).to_be_visible()
    again = FakeCollector(world, served[1])
    expect(_pick(page, "SHIP-0001")).to_be_visible()
    expect(page.get_by_text("The collector is away.")).to_be_hidden()
    again.close()


def test_no_view_asks_anybody_but_its_own_server(page: Page, world: World) -> None:
    """A dashboard of an isolated machine works, and tells nobody what it shows."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    questions = {"Event": "Why did", "Dead letters": "What is stuck", "Steps": "Which step", "Runs": "What happened"}
    questions["Groups"] = "Who serves what"
    for title, question in questions.items():
        page.get_by_role("link", name=title, exact=True).first.click()
        expect(page.get_by_role("heading", name=question)).to_be_visible()
    assert len(asked) > len(questions)
    assert [url for url in asked if "127.0.0.1" not in url and not url.startswith(("data:", "blob:"))] == []


@pytest.mark.parametrize("view", ["event", "dead-letters"])
def test_nothing_is_cut_at_the_sides(page: Page, world: World, view: str) -> None:
    """Neither on a wide screen nor beside an editor."""
    letter = next(iter(world.letters))
    page.goto(f"/{view}?{'id' if view == 'event' else 'letter'}={letter}")
    for width in (1300, 800):
        page.set_viewport_size({"width": width, "height": 1000})
        expect(page.get_by_text("Payload").first).to_be_visible()
        # The label of its tick says it too, but to a screen reader alone.
        expect(page.get_by_text("SHIP-0001").filter(visible=True).first).to_be_visible()
        page.wait_for_function(f"({CUT})().length === 0")  # a page that is still drawn anew may be cut for a moment
    page.set_viewport_size({"width": 1300, "height": 1000})
