"""Schedules, operated in a real browser against a real server."""

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.schedules_of import plan
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def press(page: Page, button: str, verb: str) -> None:
    """Presses a button of the schedule, says who one is, and confirms."""
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name=verb).click()


def test_a_schedule_is_paused_resumed_and_run_by_somebody_who_says_who_they_are(page: Page, world: World) -> None:
    """The page says what became of it each time, and shows how it stands."""
    plan(world)
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Schedules")).to_be_visible()
    press(page, "Pause", "Pause")
    expect(page.get_by_text("Schedule nightly is paused.")).to_be_visible()
    expect(page.get_by_text("by ana")).to_be_visible()
    press(page, "Resume", "Resume")
    expect(page.get_by_text("Schedule nightly goes on, 2 ticks of the time")).to_be_visible()
    expect(page.get_by_text("2 missed")).to_be_visible()
    press(page, "Run now", "Run now")
    expect(page.get_by_text("Schedule nightly starts nothing, for run")).to_be_visible()
