"""Readers of the dashboard: a browser that goes from view to view, and from one visit to the next."""

import threading
from itertools import count, cycle
from pathlib import Path
from typing import Final

from playwright.sync_api import Error, Page, sync_playwright

from collector.client import ApiError, CollectorClient
from tests.dashboard.conftest import FLAGS

#: Milliseconds that a view is looked at, and for which one is waited.
_LOOK: Final = 3_000
_PATIENCE: Final = 30_000

_VIEWS: Final = ("overview", "dead-letters", "steps", "runs", "traces", "groups", "alerts", "event")


class Reader(threading.Thread):
    """Opens one visit after the other, each of a few views.

    Args:
        chromium: the browser's program.
        url: of the dashboard.
        collector: its address, to look for what can be shown.
        ending: set when it is to end.
    """

    def __init__(self, chromium: Path, url: str, collector: str, ending: threading.Event) -> None:
        super().__init__(name="reader", daemon=True)
        self.views = 0
        self.broken: list[str] = []
        self._chromium, self._url, self._collector = chromium, url, collector
        self._ending = ending

    def run(self) -> None:
        """Reads until it is told to end."""
        views = cycle(_VIEWS)
        with sync_playwright() as playwright, CollectorClient(self._collector, timeout=30) as client:
            browser = playwright.chromium.launch(executable_path=self._chromium, args=list(FLAGS))
            context = browser.new_context(base_url=self._url)
            context.set_default_timeout(_PATIENCE)
            for _ in count():
                page = context.new_page()
                for _ in range(3):
                    if self._ending.is_set():
                        return
                    self._look(page, self._address(client, next(views)))
                page.close()

    def _look(self, page: Page, address: str) -> None:
        try:
            page.goto(address)
            page.get_by_test_id("stMainBlockContainer").wait_for()
            page.wait_for_timeout(_LOOK)
            self.views += 1
        except Error as error:
            self.broken.append(str(error).splitlines()[0])

    @staticmethod
    def _address(client: CollectorClient, view: str) -> str:
        try:
            if view == "event" and (events := client.events(last="1h", limit=1).items):
                return f"/event?id={events[0].event_id}"
            if view == "runs" and (runs := client.runs(last="1h", limit=1).items):
                return f"/runs?run={runs[0].run_id}"
        except ApiError:
            pass
        return f"/{view}"
