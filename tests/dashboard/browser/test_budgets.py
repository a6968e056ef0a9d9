"""Budgets and undos, operated in a real browser against a real server."""

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.budgets_of import fail_undo, grant
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def test_a_budget_is_raised_by_somebody_who_says_by_how_much(page: Page, world: World) -> None:
    """From the Overview; what adds nothing is refused, and a limit that it does not have can't be raised."""
    budget = grant(world, "run of spent", parked=2)
    page.goto("/overview")
    page.get_by_role("link", name="run of spent").first.click()
    expect(page.get_by_role("heading", name="What may this still spend?")).to_be_visible()
    page.get_by_role("button", name="Raise", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Tokens more")).to_have_count(0)
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Raise this budget").click()
    expect(dialog.get_by_text("Nothing is added.")).to_be_visible()
    dialog.get_by_label("Hops (steps and deliveries) more").fill("7")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Raise this budget").click()
    expect(page.get_by_text("The budget of run of spent is raised. 2 parked steps and deliveries")).to_be_visible()
    expect(page.get_by_text("5 of 12 hops")).to_be_visible()
    assert world.budgets[budget.id].hops_limit == 12


def test_a_budget_is_cancelled_and_offers_nothing_more(page: Page, world: World) -> None:
    """In the list of runs."""
    grant(world, "run of spent", parked=1)
    page.goto("/runs")
    page.get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Cancel this budget").click()
    expect(
        page.get_by_text("The budget of run of spent is cancelled. 1 parked step or delivery ended.")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Raise", exact=True)).to_have_count(0)


def test_an_undo_that_failed_is_tried_again(page: Page, world: World) -> None:
    """From the Overview; the run is then being undone, and failed as before."""
    run_id = next(iter(world.runs))
    fail_undo(world, run_id, "pay")
    page.goto("/overview")
    expect(page.get_by_text("undo of pay failed: OSError: the bank is away")).to_be_visible()
    page.get_by_role("link", name="SHIP-0001").first.click()
    expect(page.get_by_text("could not be undone, and is left to a person")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The undo of pay of")).to_be_visible()
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Undo this run").click()
    expect(page.get_by_text("is being undone.")).to_be_visible()
    expect(page.get_by_text("undoing, then failed")).to_be_visible()


def test_what_can_be_done_stands_in_its_row(page: Page, world: World) -> None:
    """On its line, without one of its own."""
    grant(world, "run of spent", parked=1)
    page.goto("/runs")
    press = page.get_by_role("button", name="Cancel", exact=True)
    within = press.locator("xpath=ancestor::*[@data-testid='stHorizontalBlock'][1]")
    expect(within).to_have_css("border-top-width", "0px")
