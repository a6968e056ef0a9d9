"""Steps of a run that have not begun, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def test_a_run_under_way_shows_the_steps_to_come_pale(page: Page, world: World) -> None:
    """They are no buttons, for there is nothing to be read of them; once they begin they are steps as others."""
    run_id = next(iter(world.runs))
    world.begin(run_id, 2)
    page.goto(f"/runs?run={run_id}")
    graph = page.get_by_role("group", name="Steps of the run")
    expect(graph.get_by_role("button")).to_have_count(2)
    expect(graph.get_by_role("img", name="transit not begun", exact=False)).to_be_visible()
    expect(graph.get_by_role("img")).to_have_count(2)
    graph.get_by_role("img").first.click()
    assert "node=" not in page.url


def test_a_run_of_which_nothing_has_begun_shows_all_of_it(page: Page, world: World) -> None:
    """So that whoever waits sees for what."""
    run_id = next(iter(world.runs))
    world.begin(run_id, 0)
    page.goto(f"/runs?run={run_id}")
    expect(page.get_by_role("group", name="Steps of the run").get_by_role("img")).to_have_count(4)
