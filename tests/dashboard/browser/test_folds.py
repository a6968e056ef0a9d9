"""Items and rounds that are more than a few: one mark, unfolded by a press and folded again, in a real browser."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from collector.models import Coordination, Node, NodeKind, NodeStatus, RunStep
from tests.dashboard.picture import edge
from tests.dashboard.world import World

pytestmark = pytest.mark.browser

ITEMS = 40


def fan_out(world: World) -> str:
    """The first run of a world, with a step over forty items, of which one failed."""
    run_id, detail = next(iter(world.runs.items()))
    picture = next(each for each in world.pictures.values() if run_id in each.nodes)
    begin = detail.run.start
    items = []
    for index in range(ITEMS):
        status = NodeStatus.FAILED if index == ITEMS - 1 else NodeStatus.OK
        node = Node(
            id=world.new_id(),
            kind=NodeKind.STEP,
            name=f"weigh [{index}]",
            step="weigh",
            place=f"[{index}]",
            agent="weigh",
            status=status,
            start=begin + timedelta(milliseconds=index),
            end=begin + timedelta(milliseconds=20 + index),
            attempts=1,
            run_id=run_id,
            workflow="shipment",
            subject=detail.run.subject,
        )
        picture.nodes[node.id] = node
        picture.edges.append(edge(run_id, node.id, Coordination.COMMANDED))
        items.append(
            RunStep(
                node_id=node.id,
                step="weigh",
                name=node.name,
                place=node.place,
                agent="weigh",
                status=status,
                depth=1,
                attempts=1,
                start=node.start or begin,
                end=node.end,
                duration_ms=20,
            )
        )
    world.runs[run_id] = detail.model_copy(update={"steps": [*items, *detail.steps]})
    return run_id


def test_a_fold_tells_what_failed_and_is_unfolded_by_a_press(page: Page, world: World) -> None:
    """The address keeps it, and a button folds it again."""
    run_id = fan_out(world)
    page.goto(f"/event?id={run_id}")
    fold = page.locator('.mark[data-id^="fold-"]')
    expect(fold).to_have_count(1)
    expect(fold).to_have_attribute("aria-label", re.compile("weigh: 40 items, 1 failed"))
    items = page.locator('.mark[aria-label*="weigh ["]')
    expect(items).to_have_count(0)
    fold.click()
    expect(items).to_have_count(ITEMS)
    expect(page).to_have_url(re.compile("unfolded=fold-"))
    expect(page.get_by_role("heading", name="weigh: 40 items")).to_be_visible()
    page.reload()
    expect(items).to_have_count(ITEMS)
    page.get_by_role("button", name="Fold weigh: 40 items").first.click()
    expect(items).to_have_count(0)
    expect(page).not_to_have_url(re.compile("unfolded="))


def test_a_run_s_graph_and_its_table_are_folded_alike(page: Page, world: World) -> None:
    """A press on either unfolds both."""
    run_id = fan_out(world)
    page.goto(f"/runs?run={run_id}")
    box = page.locator('.step[data-id^="fold-"]')
    expect(box).to_contain_text("40 items, 1 failed")
    table = page.locator(".st-key-run-step-rows")
    expect(table).to_contain_text("weigh: 40 items, 1 failed")
    expect(table).not_to_contain_text("weigh [39]")
    box.click()
    expect(table).to_contain_text("weigh [39]")
    expect(box).to_contain_text("20 more")
    page.go_back()
    expect(table).not_to_contain_text("weigh [39]")
