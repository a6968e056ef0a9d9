"""A page that refreshes itself stands still: nothing goes pale, nothing jumps; and each says what it is."""

import re
import threading

import pytest
from playwright.sync_api import Page, expect

from collector.models import Model
from tests.dashboard.server import FakeCollector
from tests.waiting import until_sync

pytestmark = pytest.mark.browser

PATIENCE = 60_000
#: Adds up what moves without anybody's doing, from the beginning of a page on.
SHIFTS = """
    window.moved = 0; window.stillSince = 0;
    new PerformanceObserver((list) => {
        window.stillSince = performance.now();
        for (const each of list.getEntries()) if (!each.hadRecentInput) window.moved += each.value;
    }).observe({ type: "layout-shift", buffered: true });
"""
#: Whether a page is whole: its script is over, and nothing has moved for a second.
AT_REST = """() =>
    document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")
    && performance.now() - window.stillSince > 1000
"""
#: From now on: adds up anew, and looks at each frame for the palest element.
WATCH = """() => {
    window.palest = 1; window.moved = 0;
    const look = () => {
        for (const each of document.querySelectorAll("[data-testid=stMain] [data-stale=true]")) {
            window.palest = Math.min(window.palest, +getComputedStyle(each).opacity);
        }
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.timeout(180)  # two refreshes of a page, each some seconds after the other
def test_a_refresh_is_not_seen(page: Page, live: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the collector takes."""
    answer, asked, busy = live.answer, list[str](), threading.Event()

    def slowly(path: str, *rest: object) -> Model:
        asked.append(path)
        busy.wait(20)  # a collector with much to do
        return answer(path, *rest)  # type: ignore[arg-type] # passed on as they came

    page.add_init_script(SHIFTS)
    page.goto("/")
    expect(page.get_by_text("Worst agents")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Services").last).to_be_visible()
    page.wait_for_function(AT_REST, timeout=PATIENCE)
    monkeypatch.setattr(live, "answer", slowly)
    page.evaluate(WATCH)
    until_sync(lambda: page.evaluate("1") and "/api/overview" in asked, "a refresh", 60)
    page.evaluate("window.since = performance.now()")
    until_sync(
        lambda: page.evaluate("performance.now() - window.since > 2500"),
        "a page that has waited long enough to go pale",
        60,
    )
    busy.set()
    until_sync(lambda: page.evaluate("1") and asked.count("/api/overview") >= 2, "another refresh", 60)
    assert page.evaluate("window.palest") == 1
    assert page.evaluate("window.moved") < 0.01


def test_each_page_says_what_it_is_and_of_which_version(page: Page) -> None:
    """In the tab and at its foot."""
    for view, title in (("overview", "Overview"), ("runs", "Runs")):
        page.goto(f"/{view}")
        expect(page.get_by_text(re.compile(r"^Causeline [\d.]+, collector 0$"))).to_be_visible(timeout=PATIENCE)
        assert page.title() == f"{title} · Causeline"
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_open_page_is_drawn_again_only_when_something_has_changed(page: Page, live: FakeCollector) -> None:
    """Then by itself."""
    page.goto("/")
    expect(page.get_by_text("Worst agents")).to_be_visible(timeout=PATIENCE)
    page.evaluate("document.querySelector('[data-testid=stMain] h2').dataset.drawn = 'once'")
    asked = live.asked.copy
    begun = len(asked())
    until_sync(lambda: page.evaluate("1") and len(asked()) >= begun + 2, "two looks", 60)
    assert page.locator("[data-drawn=once]").count() == 1
    live.world.unserved["old-sms"] = 7
    expect(page.get_by_role("link", name="Nobody serves old-sms")).to_be_visible(timeout=PATIENCE)


def test_a_block_of_code_is_copied(page: Page, live: FakeCollector) -> None:
    """By its button, whole."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    letter = next(iter(live.world.letters.values()))
    page.goto(f"/dead-letters?letter={letter.id}")
    block = page.locator(".causeline-code:visible").first
    block.hover(timeout=PATIENCE)
    block.get_by_role("button", name="Copy").click(timeout=PATIENCE)  # it is there from when it does something
    expect(block.get_by_role("button")).to_have_text("check")
    assert page.evaluate("navigator.clipboard.readText()") == block.locator("code").text_content()
