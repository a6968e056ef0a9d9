"""What an operator does about alerts, in a real browser against a real server."""

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard import alerts_of
from tests.dashboard.browser.test_working_journeys import CUT
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def test_an_alert_is_found_from_the_overview_silenced_and_told_again(page: Page, world: World) -> None:
    """By somebody who says who they are and why; a page that refreshes by itself does not close the question."""
    alert = alerts_of.fire(world)
    page.goto("/")
    expect(page.get_by_text("1 alert fires")).to_be_visible()
    page.get_by_role("link", name="Alerts").last.click()
    expect(page.get_by_text("has waited 41 min for sms")).to_be_visible()
    page.get_by_role("button", name="Silence", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nobody is told of what this rule says about it")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Silence").click()
    expect(dialog).to_contain_text("Say why")
    dialog.get_by_label("Why").fill("the carrier moves")
    dialog.get_by_role("button", name="Silence").click()
    expect(page.get_by_text("Nobody is told of An event on shipment.delivered")).to_be_visible()
    expect(page.get_by_text("by ana: the carrier moves")).to_be_visible()
    (silence,) = world.silences.values()
    assert (silence.rule, silence.about) == ("unprocessed", alert.about)
    assert (silence.until - silence.made_at).total_seconds() == 3_600
    page.get_by_role("button", name="Unsilence").click()
    dialog.get_by_role("button", name="Unsilence").click()
    expect(page.get_by_text("unprocessed is silent no more")).to_be_visible()
    expect(page.get_by_text("by ana: the carrier moves")).to_be_hidden()
    assert world.silences == {}


def test_nothing_of_alerts_is_cut_at_the_sides(page: Page, world: World) -> None:
    """Neither on a wide screen nor beside an editor."""
    alerts_of.fire(world)
    alerts_of.resolve(world, alerts_of.fire(world, "billing"))
    page.goto("/alerts")
    for width in (1300, 800):
        page.set_viewport_size({"width": width, "height": 1000})
        expect(page.get_by_text("What is over")).to_be_visible()
        page.wait_for_function(f"({CUT})().length === 0")
    page.set_viewport_size({"width": 1300, "height": 1000})
