"""Who talks to whom, looked at and pressed in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard import topology_of
from tests.dashboard.server import FakeCollector
from tests.dashboard.topology_of import crowd
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def test_a_press_of_a_part_leads_to_its_rows_and_back(page: Page, world: World) -> None:
    """By mouse and by keyboard."""
    page.goto("/topology")
    page.get_by_role("button", name=re.compile("^sorting ")).click()
    expect(page).to_have_url(re.compile(r"/steps\?.*step=sorting"))
    page.go_back()
    picture = page.get_by_role("group", name="Who talks to whom")
    picture.get_by_role("button", name=re.compile("^shipment ")).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/runs\?.*workflow=shipment"))


def test_a_press_of_a_line_and_of_its_row_lead_to_what_died_on_it(page: Page, world: World) -> None:
    """Each in one press."""
    page.goto("/topology")
    page.locator(".flow.failing .words", has_text="dead").click()
    expect(page).to_have_url(re.compile(r"/dead-letters\?.*group=sms"))
    page.go_back()
    page.locator(".st-key-flow-rows").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/dead-letters\?.*group=sms"))


def test_a_channel_leads_to_its_events_alone(page: Page, world: World) -> None:
    """And from there to all others."""
    page.goto("/topology")
    page.get_by_role("button", name=re.compile("^shipment.delivered ")).click()
    expect(page).to_have_url(re.compile(r"/event\?.*channel=shipment.delivered"))
    page.get_by_role("button", name="of channel shipment.delivered").click()
    expect(page).not_to_have_url(re.compile("channel="))


def test_agents_of_hundreds_of_steps_are_opened_and_folded_again(page: Page, live: FakeCollector, world: World) -> None:
    """What is open stands in the address."""
    parts, flows = crowd(agents=8, steps=12, channels=8, groups=12)
    told = topology_of.topology(world).model_copy(update={"parts": parts, "flows": flows, "drift": []})
    live.routes["topology"] = lambda _: told
    page.goto("/topology")
    boxes = page.locator(".topology .part")
    expect(boxes).to_have_count(1 + 8 + 8 + 12)
    page.get_by_role("button", name=re.compile("^agent-3 ")).click()
    expect(boxes).to_have_count(1 + 7 + 12 + 8 + 12)
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^step-3-11 "))).to_be_visible()
    page.get_by_role("button", name="Fold again").click()
    expect(boxes).to_have_count(1 + 8 + 8 + 12)


def test_advice_is_followed_to_its_evidence(page: Page, world: World) -> None:
    """From the map to the advice, to every row of the table, to a run that shows it."""
    page.goto("/topology")
    page.get_by_role("radio", name="Advice").click()
    expect(page.get_by_role("heading", name="What should each step be?")).to_be_visible()
    page.locator(".st-key-advice-rows").get_by_role("link", name="delivery").click()
    expect(page.get_by_text("recovery was observed")).to_be_visible()
    page.get_by_role("link", name="run …").first.click()
    expect(page).to_have_url(re.compile(f"/runs\\?.*run={next(iter(world.runs))}"))


@pytest.mark.parametrize("width", [1300, 800])
def test_the_page_is_no_wider_than_its_window(page: Page, world: World, width: int) -> None:
    """The picture scrolls by itself where it has no room."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/topology")
    expect(page.locator(".topology .part").first).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    is_seen = page.locator(".topology .scroll").evaluate("each => each.scrollWidth <= each.clientWidth")
    assert is_seen == (width == 1300)
