"""Steps and their successors, switched in a real browser against a real server."""

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.shadows_of import shadowed
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def press(page: Page, button: str, verb: str) -> None:
    """Presses a button of the step, says who one is and why, and confirms."""
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_label("Why").fill("a week is over")
    dialog.get_by_role("button", name=verb).click()


def test_a_step_is_moved_and_moved_back_by_somebody_who_says_who_they_are(page: Page, world: World) -> None:
    """The question has the figures, the page says what became of it, the audit has who and why."""
    shadowed(world)
    page.goto("/topology?see=advice")
    expect(page.get_by_role("heading", name="Steps and their successors")).to_be_visible()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("compared 100, 50 % covered; 3 failed;")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    assert world.shadows["receipt"].mode == "shadow"
    press(page, "Move", "Move this step")
    expect(page.get_by_text("Step receipt is done by its successor now.")).to_be_visible()
    assert (world.audit[-1].action, world.audit[-1].reason) == ("move_step", "a week is over")
    press(page, "Move back", "Move this step back")
    expect(page.get_by_text("Step receipt is done by its own code now, and compared.")).to_be_visible()
    press(page, "Compare anew", "Compare anew")
    expect(page.get_by_text("receipt is compared anew.")).to_be_visible()
    assert world.shadows["receipt"].agreement.n == 0
