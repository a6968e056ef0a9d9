"""Every view over data that nobody was meant to send, in a real browser against the real collector."""

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, expect

from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import place
from tests.dashboard.conftest import Dashboard
from tests.dashboard.hostile import NAMES, Hostile
from tests.dashboard.letters_of import letter

pytestmark = pytest.mark.browser

HOSTILE = Hostile()
GROUPS = 100
#: Milliseconds for a page of a machine that has much else to do.
PATIENCE = 60_000
#: What a browser would have made of somebody's words: an element of theirs, or a link that they chose.
MADE = "img[src=x], [data-testid=stMain] script, a[href^='javascript:'], a[href^='http://evil.test'], .katex"
#: Of texts of links, those that are cut and don't tell.
SILENTLY_CUT = """(all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1
    && getComputedStyle(each).textOverflow !== "ellipsis").map((each) => each.innerText)"""
#: Views, and what each of them must say of what it leaves out.
VIEWS = {
    "": f"The 40 of {GROUPS + len(NAMES)} groups that owe most",
    "event": "Next page",
    "event?q=script": "script",
    f"event?id={HOSTILE.name(1)}": "**bold** [link](javascript",
    f"event?id={HOSTILE.name(8)}": "WWW…",
    f"runs?run={HOSTILE.run}": "Steps 1 to 100 of 600",
    "steps": "Next page",
    "traces": "Next page",
    f"traces?trace={place('hostile run', 'run').trace:032x}": "1 to 100 of 601 spans",
    "dead-letters": "<script>",
    "groups": "More groups",
    "alerts": "unprocessed",
}


@pytest.fixture(scope="module")
def served(shared: tuple[Dashboard, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dashboard, int]]:
    """The dashboard asks a collector of hostile data."""
    bus = MemoryBus()
    for number in range(GROUPS):
        bus.owe(f"channel {number % 3}", f"group {number}", pending=number % 7, consumers=number % 2)
    for number, name in enumerate(NAMES):
        bus.owe(name, name, dead=1)
        bus.put(letter(number, name))
    with LiveCollector(tmp_path_factory.mktemp("store") / "causeline.duckdb", bus, port=shared[1]) as collector:
        for story in HOSTILE.stories():
            collector.post(story.request()).raise_for_status()
        yield shared


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab in which no script fails, nothing is complained of, nothing asks anybody else, and no dialog opens."""
    tab, wrong = context.new_page(), list[str]()

    def complained(said: ConsoleMessage) -> None:
        # Streamlit asks for its own settings below the page's path first, and takes the 404 for an answer.
        if said.type == "error" and "_stcore/" not in said.location["url"]:
            wrong.append(said.text)

    def opened(dialog: Dialog) -> None:
        wrong.append(dialog.message)
        dialog.dismiss()

    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", complained)
    tab.on("dialog", opened)
    tab.on("request", lambda asked: wrong.extend([asked.url] if _is_foreign(asked.url) else []))
    yield tab
    tab.close()
    assert wrong == []


def _is_foreign(url: str) -> bool:
    return urlsplit(url).hostname not in ("127.0.0.1", None)


def _is_sound(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator(MADE)).to_have_count(0)
    assert page.title().endswith("Causeline")
    beyond = page.get_by_test_id("stMain").evaluate("(main) => main.scrollWidth - main.clientWidth")
    assert beyond <= 1
    assert page.locator("[data-testid=stPageLink] p").evaluate_all(SILENTLY_CUT) == []


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_stands_and_says_what_it_leaves_out(page: Page, view: str) -> None:
    """Words stay words, pages stay pages."""
    page.goto(f"/{view}")
    expect(page.get_by_test_id("stMain")).to_contain_text(VIEWS[view], timeout=PATIENCE)
    _is_sound(page)


def test_the_groups_of_one_event_are_drawn_as_few_and_all_listed_when_asked_for(page: Page) -> None:
    """Nothing is left out without a word."""
    page.goto(f"/event?id={HOSTILE.event}")
    expect(page.locator(".mark")).to_have_count(3)
    expect(page.get_by_text("The first 400 of 501 rows.")).to_be_visible()
    expect(page.get_by_role("treeitem")).to_have_count(400)
    page.get_by_role("button", name="Show all 501 rows").click()
    expect(page.get_by_role("treeitem")).to_have_count(501)
    _is_sound(page)


def test_the_steps_of_a_long_run_are_leafed_through(page: Page) -> None:
    """The picture has the same ones as the list."""
    page.goto(f"/runs?run={HOSTILE.run}")
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_text("Steps 101 to 200 of 600")).to_be_visible()
    expect(page.locator(".dag .step")).to_have_count(100)
    expect(page).to_have_url(re.compile("from=100"))


def test_a_text_that_was_cut_is_shown_whole_when_asked_for(page: Page) -> None:
    """A traceback of five thousand frames."""
    page.goto(f"/event?id={HOSTILE.think}")
    page.get_by_test_id("stExpander").filter(has_text="ValueError").locator("summary").click()
    code = page.get_by_test_id("stExpander").filter(has_text="ValueError").locator(".causeline-code")
    expect(code).to_contain_text("[cut: ")
    more = page.get_by_role("button", name=re.compile(r"^Show all \(162,780 characters\)"))
    for _ in range(3):  # a page that is being drawn anew at that very moment may lose a press
        more.click()
        with suppress(AssertionError):
            expect(more).to_have_count(0, timeout=PATIENCE / 3)
            break
    expect(code).to_contain_text("line 4999", timeout=PATIENCE)
    expect(code).not_to_contain_text("[cut: ")
    _is_sound(page)


@pytest.mark.parametrize(
    ("view", "row", "name"),
    [
        (f"event?id={HOSTILE.first}", "[role=treeitem]", ".name"),
        (f"traces?trace={place('hostile run', 'run').trace:032x}", ".st-key-span-rows .row", ".link"),
    ],
)
def test_rows_far_below_others_keep_room_for_their_names(page: Page, view: str, row: str, name: str) -> None:
    """However narrow the page is: they are indented by less, and nothing of them is beyond their frame."""
    page.set_viewport_size({"width": 800, "height": 900})
    page.goto(f"/{view}")
    rows = page.locator(row)
    expect(rows.nth(10)).to_be_visible(timeout=PATIENCE)
    found = rows.evaluate_all(
        f"""(all) => all.slice(1).map((row) => [row.querySelector("{name}").clientWidth,
            row.scrollWidth - row.clientWidth])"""
    )
    assert min(room for room, _ in found) >= 30
    assert max(beyond for _, beyond in found) <= 1
