"""A message that has died in RabbitMQ, as its operator sees it in a real browser, and sends it back from there."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aio_pika.abc import AbstractIncomingMessage
from playwright.sync_api import Page, expect

from tests.dashboard.conftest import Dashboard
from tests.end_to_end.letters_app import DEAD
from tests.end_to_end.stack import Stack
from tests.rabbit_servers import RabbitServer
from tests.stranger import Stranger

Answer = TypeVar("Answer")


def strangers(url: str, act: Callable[[Stranger], Awaitable[Answer]]) -> Answer:
    """What another program does on the broker, in a thread of its own: the browser has the event loop of this one."""

    async def acted() -> Answer:
        async with Stranger(url) as stranger:
            return await act(stranger)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, acted()).result()


async def died(stranger: Stranger) -> tuple[str, str]:
    """The queue that a message has died in, and the one that it lies in now."""
    dead = await stranger.queue()
    work = await stranger.dying_queue(dead)
    await stranger.send(work, {"parcel": "p-17"}, message_id="p-17", headers={"tries": 2})
    await stranger.reject(work)
    return work, dead


@pytest.mark.browser
@pytest.mark.redis
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_letter_of_rabbitmqs_is_found_in_the_backlog_and_replayed_to_where_it_died(
    page: Page, redis_url: str, rabbit_server: RabbitServer, tmp_path: Path
) -> None:
    """Why it died, from there to the question of who one is, and the same message in its queue again."""
    work, dead = strangers(rabbit_server.url, died)
    home = tmp_path / "home"
    home.mkdir()
    dashboard = Dashboard(tmp_path)
    with Stack(home, redis_url) as stack:
        dashboard.start(stack.url)
        try:
            stack.worker("tests.end_to_end.letters_app:app", CAUSELINE_RABBITMQ_URL=rabbit_server.url, **{DEAD: dead})
            replayed(page, dashboard.url, work, dead)

            async def back(stranger: Stranger) -> AbstractIncomingMessage:
                return await stranger.taken(work)

            message = strangers(rabbit_server.url, back)
        finally:
            dashboard.stop()
    headers: dict[str, Any] = dict(message.headers)
    assert (message.body, message.message_id, headers["tries"]) == (b'{"parcel": "p-17"}', "p-17", 2)
    assert (headers["x-causeline-replays"], "x-death" in headers) == (1, False)


def replayed(page: Page, url: str, work: str, dead: str) -> None:
    """The Overview names the group; its letter is found in the backlog, and sent by somebody who says who it is."""
    page.goto(f"{url}/overview")
    of_group = re.compile(re.escape(f"rabbitmq.{dead}"))  # its step in trouble has a link of that name, too
    page.get_by_role("link", name=of_group).and_(page.locator("[href*='dead-letters']")).first.click()
    expect(page).to_have_url(re.compile("/dead-letters"))
    expect(page.get_by_text(re.compile(f"a consumer of queue {re.escape(work)} rejected it")).first).to_be_visible()
    page.get_by_role("button", name="Tick this one").click()
    page.get_by_role("button", name="Replay 1 letter").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"1 letter to rabbitmq.{dead} only")
    dialog.get_by_label("Your name").fill("ana")
    dialog.get_by_role("button", name="Send 1 letter").click()
    expect(page.get_by_text("1 of 1 succeeded")).to_be_visible()
