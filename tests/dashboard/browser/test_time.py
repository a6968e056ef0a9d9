"""The time that a reader chose stands in the address and goes with them; traces are found from the bar of views."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard import traces_of

pytestmark = pytest.mark.browser


def test_a_time_goes_from_view_to_view_and_back_undoes_it(page: Page) -> None:
    """By the bar of views and by links; what waits stays of all time, and the time comes back behind it."""
    page.goto("/runs")
    page.get_by_role("radio", name="24 h").click()
    expect(page).to_have_url(re.compile(r"/runs\?last=24h$"))
    page.get_by_role("link", name="Steps", exact=True).click()
    expect(page).to_have_url(re.compile(r"/steps\?last=24h$"))
    expect(page.get_by_text("Last 24 hours, ")).to_be_visible()
    page.get_by_role("link", name="Dead letters", exact=True).click()
    expect(page.get_by_text("Given up at any time")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/dead-letters$"))
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page).to_have_url(re.compile(r"/\?last=24h$"))
    page.get_by_role("link", name="Newest events").click()
    expect(page).to_have_url(re.compile(r"/event\?last=24h$"))
    page.get_by_role("radio", name="Latest").click()
    expect(page).to_have_url(re.compile(r"/event$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/event\?last=24h$"))
    expect(page.get_by_text("Last 24 hours, ")).to_be_visible()


def test_a_range_of_ones_own_has_two_ends(page: Page) -> None:
    """Which the address holds, whole."""
    page.goto("/runs")
    page.get_by_role("radio", name="Own").click()
    expect(page).to_have_url(re.compile(r"/runs\?start=\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A00Z&end="))
    expect(page.get_by_text("From", exact=True)).to_be_visible()
    expect(page.get_by_text("To", exact=True)).to_be_visible()


def test_a_trace_is_found_read_and_followed(page: Page) -> None:
    """From the bar of views to the node of a span."""
    page.goto("/")
    page.get_by_role("link", name="Traces", exact=True).first.click()
    page.get_by_role("radio", name="Failed").click()
    expect(page.locator(".st-key-trace-rows").get_by_role("link")).to_have_count(1)
    page.locator(".st-key-trace-rows").get_by_role("link").click()
    expect(page).to_have_url(re.compile(f"trace={traces_of.FAILED}"))
    page.get_by_role("link", name="execute_tool look_up").click()
    panel = page.locator(".st-key-span-panel")
    expect(panel.get_by_role("heading", name="execute_tool look_up")).to_be_visible()
    panel.get_by_role("link", name="See it in the picture").click()
    expect(page).to_have_url(re.compile("/event.*00000000-0000-8000-8000-000000000004"))


def test_a_view_connects_at_its_first_try(page: Page) -> None:
    """Whichever it is: the front page says where the dashboard lies, and no view is asked for what it has not."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    for path in ("/", "/steps", "/dead-letters", "/overview"):
        asked.clear()
        page.goto(path)
        expect(page.get_by_text("Causeline 0")).to_be_visible()
        assert [each for each in asked if each.endswith("health")] == ["/_stcore/health"]
