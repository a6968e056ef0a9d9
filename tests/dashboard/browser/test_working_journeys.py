"""What an operator does in a real browser, from the overview to the letters that are sent again."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.dashboard.conftest import Dashboard
from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World

pytestmark = pytest.mark.browser

#: The texts of whatever reaches beyond the window's right edge, or is cut by its own box.
CUT = """() => [...document.querySelectorAll("button p, [data-testid=stMarkdown] p, [data-testid=stHeading]")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1
        || (each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).textOverflow !== "ellipsis"))
    .map((each) => each.innerText)"""


def _pick(page: Page, subject: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Pick {subject}")


def press(button: Locator, page: Page, leads_to: str, shown: Locator | None = None) -> None:
    """Presses a button, as a reader does: once more where the page was being drawn anew at that very moment, which can
    lose the press or what it led to."""
    for _ in range(3):
        button.click()
        with suppress(AssertionError):
            expect(page).to_have_url(re.compile(leads_to), timeout=5_000)
            if shown is not None:
                expect(shown).to_be_visible(timeout=5_000)
            return
    raise AssertionError(f"{page.url} does not hold {leads_to}, or does not show it")


def test_a_letter_that_arrives_moves_neither_the_tick_nor_the_row_that_is_read(page: Page, world: World) -> None:
    """New letters are announced; the reader decides when to see them."""
    page.goto("/dead-letters")
    tick = _pick(page, "SHIP-0004")
    page.locator("label").filter(has=tick).click()
    expect(tick).to_be_checked()
    row = page.locator(".st-key-dead-letter-rows .row").filter(has_text="SHIP-0004")
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
    again = page.get_by_role("button", name="came back as a new letter, round 1")
    press(again, page, "letter=", page.get_by_text("Attempts, round 0"))
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
    """A click on a box selects the step; the picture can be put into a report."""
    page.goto(f"/runs?run={next(iter(world.runs))}")
    box = page.get_by_role("button", name=re.compile("^sorting .*, ok$"))
    expect(box.locator("rect")).to_have_css("fill", re.compile("color|rgb"))
    expect(box.locator("rect")).not_to_have_css("fill", "rgb(0, 0, 0)")
    box.click()
    expect(page).to_have_url(re.compile("node="))
    expect(box).to_have_class(re.compile("selected"))
    with page.expect_download() as saved:
        page.get_by_role("button", name="SVG").click()
    drawn = saved.value.path().read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert ">sorting </text>" in drawn
    with page.expect_download() as saved:
        page.get_by_role("button", name="PNG").click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_one_click_leads_from_the_overview_to_the_dead_letters(page: Page, world: World) -> None:
    """And Back returns, with nothing in between."""
    page.goto("/")
    page.locator(".st-key-problem-rows").get_by_role("link").first.click()
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
