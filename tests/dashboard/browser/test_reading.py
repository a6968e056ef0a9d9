"""What a picture and a page tell a reader, in a real browser against a real server."""

import csv
import re
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from collector.models import AttemptBar, NodeKind
from tests.dashboard.world import World

pytestmark = pytest.mark.browser


def test_a_letter_leads_to_the_whole_picture_of_its_event(page: Page, world: World) -> None:
    """The groups that fared better are there too, and the letter is selected."""
    letter = next(iter(world.letters))
    page.goto(f"/dead-letters?letter={letter}")
    page.get_by_role("link", name="See it in the picture").click()
    expect(page.locator(f'.mark[data-id="{letter}"]')).to_have_class(re.compile("selected"))
    expect(page.get_by_role("treeitem").filter(has_text="tracking-board")).to_be_visible()
    expect(page.get_by_text("Gave up: max attempts")).to_be_visible()


def test_moments_of_one_second_are_told_apart_along_the_axis(page: Page, world: World) -> None:
    """A break between two times that read the same would say nothing."""
    picture = next(iter(world.pictures.values()))
    step = next(node for node in picture.nodes.values() if node.kind == NodeKind.STEP)
    begin = world.now - timedelta(minutes=9)
    spans = [(begin + timedelta(milliseconds=at), begin + timedelta(milliseconds=at + 10)) for at in (0, 800)]
    bars = [AttemptBar(attempt=number, start=start, end=end) for number, (start, end) in enumerate(spans, 1)]
    picture.nodes = {step.id: step.model_copy(update={"start": begin, "end": spans[1][1], "bars": bars})}
    picture.edges = []
    page.goto(f"/event?id={step.id}")
    expect(page.locator(".clock")).to_have_text([re.compile(r"\.000$"), re.compile(r"\.800$")])


def test_what_waits_is_shown_on_the_overview_itself(page: Page, world: World) -> None:
    """The backlog tells how much each group owes, and since when."""
    page.set_viewport_size({"width": 1300, "height": 500})
    page.goto("/")
    backlog = page.get_by_role("heading", name="What each group owes")
    expect(backlog).not_to_be_in_viewport()
    page.get_by_role("link", name="What waits").click()
    expect(backlog).to_be_in_viewport()


def test_a_letter_far_down_the_list_is_read_and_sent_where_it_is(page: Page, world: World) -> None:
    """What is read stands beside the row, and what is done with it above, however far one has scrolled."""
    page.set_viewport_size({"width": 1300, "height": 500})
    page.goto("/dead-letters")
    last = page.locator(".st-key-dead-letter-rows a.link").last
    last.scroll_into_view_if_needed()
    last.click()
    expect(page.get_by_role("button", name="Replay this one")).to_be_in_viewport()
    page.get_by_role("checkbox", name=re.compile("^Pick")).last.click(force=True)
    expect(page.get_by_role("button", name="Replay 1 letter")).to_be_in_viewport()


def test_a_node_far_down_the_tree_is_read_where_it_is(page: Page, world: World) -> None:
    """Its details stand beside the row, in a window that holds nothing but the row and its neighbours."""
    page.set_viewport_size({"width": 1300, "height": 300})
    page.goto(f"/event?id={next(iter(world.events))}")
    last = page.get_by_role("treeitem").last
    last.scroll_into_view_if_needed()
    last.click()
    expect(page.locator(".st-key-node-panel").get_by_role("heading").first).to_be_in_viewport()


@pytest.mark.parametrize(
    ("view", "name", "rows"),
    [
        ("dead-letters", "dead-letters", 4),
        ("event?q=SHIP", "events", 12),
        ("workers", "workers", 3),
        pytest.param("runs", "runs", 12, marks=pytest.mark.battery),
        pytest.param("steps", "steps", 7, marks=pytest.mark.battery),
    ],
)
def test_a_list_is_saved_as_a_file(page: Page, world: World, view: str, name: str, rows: int) -> None:
    """All that matches, as a spreadsheet reads it."""
    page.goto(f"/{view}")
    with page.expect_download() as saved:
        page.locator(f".st-key-export-{name}-csv").get_by_role("button").click()
    with saved.value.path().open(newline="") as file:
        assert len(list(csv.DictReader(file))) == rows
    with page.expect_download() as saved:
        page.locator(f".st-key-export-{name}-parquet").get_by_role("button").click()
    assert pq.read_table(saved.value.path()).num_rows == rows
