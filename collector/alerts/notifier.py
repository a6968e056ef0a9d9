"""Tells webhooks, each in order and in a task of its own: a slow one holds up nobody, a deaf one is told again."""

import asyncio
import logging
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import Final

import httpx

from collector.alerts.alert_store import Notice
from collector.alerts.webhook_table import Webhook
from collector.times import SECOND_NS

_LOG: Final = logging.getLogger(__name__)

#: Seconds that one attempt may take, whatever the other side does.
ATTEMPT_SECONDS: Final = 10.0

#: Seconds before the second attempt; each later one waits twice as long, at most so many.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0

#: Seconds after which a notice is given up: it is news no more.
NOTICE_LIFETIME_SECONDS: Final = 86_400.0

#: Notices that may wait for one webhook; then the oldest are given up.
MOST: Final = 1_000

#: What the client would log by itself, with the address and the secret in it.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(slots=True)
class WebhookQueue:
    """One webhook: what it is still to be told, and how that goes."""

    webhook: Webhook
    waiting: deque[Notice] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None
    failures: int = 0
    error: str = ""
    sent_ns: int | None = None


class Notifier:
    """Holds a line to each webhook.

    Args:
        forget: forgets a notice that was told, or was given up.
        first_pause: seconds before the second attempt.
        wall: nanoseconds since 1970.
    """

    def __init__(
        self,
        forget: Callable[[Notice], Awaitable[None]],
        first_pause: float = FIRST_PAUSE,
        wall: Callable[[], int] = time.time_ns,
    ) -> None:
        self._forget = forget
        self._first_pause = first_pause
        self._wall = wall
        self.lines: dict[str, WebhookQueue] = {}
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def set_webhooks(self, webhooks: Mapping[str, Webhook]) -> list[Notice]:
        """Takes webhooks as they are now. Returns what nobody is to be told any more."""
        lost: list[Notice] = []
        for name in [name for name in self.lines if name not in webhooks]:
            line = self.lines.pop(name)
            lost += line.waiting
            if line.task is not None:
                line.task.cancel()
        for name, webhook in webhooks.items():
            line = self.lines.setdefault(name, WebhookQueue(webhook))
            if line.webhook != webhook:
                line.webhook, line.failures = webhook, 0
                line.news.set()
            if line.task is None:
                line.task = asyncio.create_task(self._deliver_forever(line), name=f"webhook {name}")
        return lost

    def enqueue(self, notices: Iterable[Notice]) -> list[Notice]:
        """Has webhooks told. Returns what nobody is to be told: their webhook is gone, or too much waits for it."""
        lost = []
        for notice in notices:
            line = self.lines.get(notice.webhook)
            if line is None:
                lost.append(notice)
                continue
            line.waiting.append(notice)
            if len(line.waiting) > MOST:
                lost.append(line.waiting.popleft())
            line.news.set()
        return lost

    async def end(self) -> None:
        """Ends; what is not told waits for the next start."""
        tasks = [line.task for line in self.lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)
        for client in self._clients.values():
            await client.aclose()

    async def _deliver_forever(self, line: WebhookQueue) -> None:
        while True:
            if not line.waiting:
                line.news.clear()
                await line.news.wait()
                continue
            try:
                pause = await self._deliver_first(line)
            except Exception as error:  # noqa: BLE001 it would end the line, and nobody would hear of that
                where = "".join(traceback.format_tb(error.__traceback__))  # not its words: they may hold the address
                pause = self._record_failure(line, f"it failed ({type(error).__name__})", where=where)
            if pause is not None:
                line.news.clear()
                with suppress(TimeoutError):  # a webhook that was mended is tried at once
                    async with asyncio.timeout(pause):
                        await line.news.wait()

    async def _deliver_first(self, line: WebhookQueue) -> float | None:
        """Tells the first notice that waits, or gives it up. Returns how many seconds to wait before it is tried again;
        None once it waits no more."""
        notice = line.waiting[0]
        is_old = self._wall() - notice.made_ns > NOTICE_LIFETIME_SECONDS * SECOND_NS
        pause = None if is_old else await self._attempt_delivery(line, notice)
        if pause is None:
            if line.waiting and line.waiting[0] is notice:
                line.waiting.popleft()
            await self._forget(notice)
        return pause

    async def _attempt_delivery(self, line: WebhookQueue, notice: Notice) -> float | None:
        """Tells one notice. Returns how many seconds to wait before it is tried again; None once it is told."""
        reason, asked = await self._post(line.webhook, notice.body)
        if reason:
            return self._record_failure(line, reason, asked)
        if line.error:
            _LOG.warning("webhook %s is told again", line.webhook.name)
        line.failures, line.error, line.sent_ns = 0, "", self._wall()
        return None

    def _record_failure(self, line: WebhookQueue, reason: str, asked: float = 0.0, where: str = "") -> float:
        """Notes why a webhook was not told, and where in the code that was. Returns how many seconds to wait."""
        if reason != line.error:
            _LOG.warning(
                "webhook %s was not told: %s; it is tried again%s", line.webhook.name, reason, where and f"\n{where}"
            )
        line.failures, line.error = line.failures + 1, reason
        return min(LONGEST_PAUSE, max(asked, self._first_pause * float(2 ** min(line.failures - 1, 20))))

    async def _post(self, webhook: Webhook, body: str) -> tuple[str, float]:
        """Returns why it was not told (without its address; empty where it was), and the seconds it wants to wait."""
        if webhook.error:
            return webhook.error, 0.0
        headers = {"content-type": "application/json", "user-agent": "causeline"}
        try:
            client = await self._get_client(is_here=_is_loopback(webhook.place))
            # Its answer is not read: one that never ends must not matter.
            async with (
                asyncio.timeout(ATTEMPT_SECONDS),
                client.stream("POST", webhook.url, content=body.encode(), headers=headers) as answer,
            ):
                if answer.is_success:
                    return "", 0.0
                return f"it answers with status {answer.status_code}", _parse_retry_after(
                    answer.headers.get("retry-after", "")
                )
        except TimeoutError:
            return f"it does not answer within {ATTEMPT_SECONDS:g} s", 0.0
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:  # their words may hold the address
            return f"it can't be reached ({type(error).__name__})", 0.0

    async def _get_client(self, *, is_here: bool) -> httpx.AsyncClient:
        """Returns the client for this machine, or for elsewhere: proxies of the environment lead to the internet,
        and not to a neighbour. Made in a thread, because reading the certificates takes a while."""
        if is_here not in self._clients:
            make = partial(httpx.AsyncClient, timeout=None, trust_env=not is_here)  # `ATTEMPT_SECONDS` limits all of it
            self._clients[is_here] = await asyncio.to_thread(make)
        return self._clients[is_here]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parse_retry_after(text: str) -> float:
    return float(text) if text.isdecimal() and len(text) < 9 else 0.0
