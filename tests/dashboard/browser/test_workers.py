"""Who is there, read in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def test_who_is_there_is_one_press_from_the_overview_and_leads_to_the_run(page: Page, world: World) -> None:
    """By agent, those first that nobody serves; what is under way is a link."""
    page.goto("/overview")
    page.get_by_role("link", name="logistics").first.click()
    expect(page.get_by_role("heading", name="Who is there, and what are they doing?")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/workers\?.*app=logistics"))
    agents = page.locator(".st-key-agent-rows")
    expect(agents.get_by_text("nobody serves it").first).to_be_visible()
    expect(agents.get_by_text("2 of 2 at once")).to_be_visible()
    page.get_by_role("link", name="shipment/sorting").first.click()
    expect(page).to_have_url(re.compile(f"/runs\\?.*run={next(iter(world.runs))}"))
    page.go_back()
    expect(page.get_by_role("heading", name="Who is there, and what are they doing?")).to_be_visible()
