"""Values side by side, in a real browser."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as Untouchable

from tests.dashboard import values_of
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def choose(page: Page, subject: str) -> None:
    """Opens the list of runs and takes one; once more where the page was being drawn anew and closed the list."""
    for _ in range(3):
        page.get_by_role("combobox", name="Compare with").click()
        with suppress(Untouchable):
            page.get_by_role("option", name=re.compile(f"run {subject}")).click(timeout=5_000)
            return
    raise AssertionError(f"the list of runs has none of {subject} that can be pressed")


def test_what_changed_between_two_runs_is_marked(page: Page, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the run's table to the difference, and the address keeps it; markup in a value stays text."""
    sorting = values_of.tell(world, monkeypatch)
    runs = list(world.runs)
    page.goto(f"/runs?run={runs[0]}")
    page.get_by_role("link", name="Values").click()
    page.get_by_role("button", name="Compare with another").click()
    choose(page, world.runs[runs[3]].run.subject)
    expect(page.locator(".diff mark")).to_have_text(["3", "0", "3", "0"])
    expect(page.locator(".diff").first).to_contain_text('"hub": "<b>3</b>"')
    expect(page.locator(".diff .removed.text .sign").first).to_have_text("\N{MINUS SIGN}")
    widths = [cell["width"] for cell in (page.locator(".diff .text").nth(at).bounding_box() for at in (0, 1)) if cell]
    assert widths[0] == pytest.approx(widths[1], abs=2)
    assert f"with=run-{runs[3]}" in page.url
    assert sorting[0].node_id in page.url
    page.reload()
    expect(page.locator(".diff mark")).to_have_count(4)
