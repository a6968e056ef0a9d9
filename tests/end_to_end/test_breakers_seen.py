"""A breaker as its operator sees it, in a real browser: it opens and closes, and is opened and held by hand."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from collector.models import RunDetail
from runtime.causality import identity
from runtime.settings import Settings
from tests.dashboard.conftest import Dashboard
from tests.end_to_end.guarded_app import DOWN, made
from tests.end_to_end.stack import Stack
from tests.waiting import until_sync


def begin(redis_url: str, home: Path, *numbers: int) -> list[str]:
    """Starts runs, in a thread of its own: the browser has the event loop of this one. Their ids."""

    async def start() -> list[str]:
        app, parcel = made(Settings(home=home, redis_url=redis_url, telemetry=False))
        async with app.client():
            return [str((await app.start(parcel, number=number)).id) for number in numbers]

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, start()).result()


def press(page: Page, label: str, verb: str, why: str) -> None:
    """Presses a button of the breaker, says who one is and why, and confirms."""
    page.get_by_role("button", name=label, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_label("Why, for the audit").fill(why)
    dialog.get_by_role("button", name=verb).click()
    expect(dialog).to_be_hidden()


@pytest.mark.browser
@pytest.mark.redis
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_breaker_is_seen_opening_and_closing_and_is_operated_by_hand(
    page: Page, redis_url: str, tmp_path: Path
) -> None:
    """An outage of the carrier, its end, and a day on which nobody is to call it."""
    down, home = tmp_path / "down", tmp_path / "home"
    home.mkdir()
    down.touch()
    dashboard = Dashboard(tmp_path)
    with Stack(home, redis_url) as stack:
        dashboard.start(stack.url)
        try:
            stack.worker("tests.end_to_end.guarded_app:app", **{DOWN: str(down)})
            runs = begin(redis_url, home, *range(6))
            outage(page, dashboard.url, down)
            ended(stack, runs)
            by_hand(page, dashboard.url, stack, redis_url, home)
            late(page, dashboard.url, stack, runs)
        finally:
            dashboard.stop()


def outage(page: Page, url: str, down: Path) -> None:
    """It opens, which the Overview says; when the carrier is back, it closes by itself."""
    page.goto(f"{url}/overview")
    named = page.get_by_role("link", name=re.compile("^Breaker carrier-api is (half )?open")).first
    expect(named).to_be_visible()
    named.click()
    expect(page.get_by_role("heading", name="What does this breaker hold back?")).to_be_visible()
    expect(page.get_by_text(re.compile("the carrier is down")).first).to_be_visible()
    rows = page.locator(".st-key-deferred-rows .row:not(.titles)")
    expect(rows.first).to_contain_text("deferred")
    page.get_by_text("All groups and breakers").click()
    state = page.locator(".st-key-breakers-rows")
    expect(state).to_contain_text(re.compile("(half )?open"))
    down.unlink()
    expect(state).to_contain_text("closed")
    expect(page.locator(".st-key-outages-rows .row:not(.titles)").first).to_contain_text("carrier-api")


def by_hand(page: Page, url: str, stack: Stack, redis_url: str, home: Path) -> None:
    """Held, it keeps what comes until it is closed; opened, it closes by itself when a probe goes well."""
    page.goto(f"{url}/groups?breaker=carrier-api")
    press(page, "Hold", "Hold this breaker open", "no calls today")
    expect(page.get_by_text("is held open until somebody closes it")).to_be_visible()
    (run,) = begin(redis_url, home, 7)
    rows = page.locator(".st-key-deferred-rows .row:not(.titles)")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("deferred once")
    press(page, "Close", "Close this breaker", "the day is over")
    expect(page.get_by_text("is closed.").first).to_be_visible()
    ended(stack, [run])
    press(page, "Open", "Open this breaker", "a short rest")
    expect(page.get_by_text("Breaker carrier-api is open.")).to_be_visible()
    (run,) = begin(redis_url, home, 8)
    ended(stack, [run])
    changes = page.locator(".st-key-changes-rows")
    expect(changes).to_contain_text("no calls today")
    expect(changes).to_contain_text("a probe went well")


def late(page: Page, url: str, stack: Stack, runs: list[str]) -> None:
    """In the picture an attempt that was deferred says so, in a run that needed no attempt for it."""
    waited = next(run for run in runs if any(deferrals(stack, run)))
    node = identity.step_id(identity.as_uuid(waited, "run"), "send")
    assert all(each.outcome != "failed" for each in stack.client.node(str(node)).attempts)
    page.goto(f"{url}/event?id={waited}&node={node}")
    expect(page.get_by_text("Deferred", exact=True).first).to_be_visible()


def deferrals(stack: Stack, run: str) -> Iterator[int]:
    node = identity.step_id(identity.as_uuid(run, "run"), "send")
    return (each.deferred.times for each in stack.client.node(str(node)).attempts if each.deferred)


def ended(stack: Stack, runs: list[str]) -> None:
    """Waits until runs have ended well, as spans tell."""

    def all_well() -> bool:
        found: list[RunDetail] = [stack.client.run(run) for run in runs]
        return all(one.run.status == "ok" for one in found)

    until_sync(all_well, "all runs have ended well", 60)
