"""Pages of the dashboard that stay open: what ten cost at once while spans come in, and what memory thousands of
refreshes leave behind. Without a browser, which would need more of the machine than what is measured."""

import random
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from typing import Final

from benchmarks import chains
from benchmarks.collector_server import CollectorServer
from benchmarks.contest import Contestant, Figures, Row
from benchmarks.dashboard_server import DashboardServer
from benchmarks.open_page import OpenPage
from benchmarks.rows.questions import make_collector_home, newest_ns
from benchmarks.testbed import ROOT, Testbed

#: Spans that are stored when it begins.
_STORED: Final = 40_000

#: Pages that are open at once, and for how many seconds.
_PAGES: Final = 10
_OPEN_S: Final = 30.0

#: Seconds between two requests of a chain of spans each, so that what pages show changes all the time.
_EVERY_S: Final = 1.0

#: Refreshes of one page until somebody opens another.
_STAYS: Final = 20
_VIEWS: Final = ("", "steps", "runs", "event", "alerts", "dead-letters")


def _open(*, before: bool = False) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        checkout = ground.before if before and ground.before else ROOT
        folder = make_collector_home(ground, _STORED, before=before)
        with ExitStack() as stack:
            collector = stack.enter_context(CollectorServer(folder, checkout))
            dashboard = stack.enter_context(DashboardServer.ours(folder, checkout, collector.url))
            stack.enter_context(_sending_chains(collector.url))
            figures = _measure_open_pages(dashboard, collector) | _measure_memory(dashboard, size)
        shutil.rmtree(folder)
        return figures

    return run


@contextmanager
def _sending_chains(url: str) -> Iterator[None]:
    """Has a chain of spans come in again and again, as new as what is stored, beside what the block does."""
    over, chance = threading.Event(), random.Random(2)
    begun_ns, begun = newest_ns(url), time.monotonic_ns()

    def send() -> None:
        while not over.wait(_EVERY_S):
            now = begun_ns + time.monotonic_ns() - begun
            headers = {"Content-Type": "application/x-protobuf"}
            request = urllib.request.Request(f"{url}/v1/traces", chains.request(now, now, 1, chance), headers)  # noqa: S310 our own address
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 our own address
                answer.read()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()


def _measure_open_pages(dashboard: DashboardServer, collector: CollectorServer) -> dict[str, float]:
    """Shares of a core that open Overviews cost together, in per cent."""
    with ExitStack() as stack:
        pages = [stack.enter_context(OpenPage(dashboard.url)) for _ in range(_PAGES)]
        before = sum(page.drawn for page in pages)
        begun, spent, asked = time.perf_counter(), dashboard.cpu_s(), collector.cpu_s()
        staying = [threading.Thread(target=page.stay, args=(_OPEN_S,)) for page in pages]
        for each in staying:
            each.start()
        for each in staying:
            each.join()
        took = time.perf_counter() - begun
        return {
            "ten open: dashboard, % of a core": (dashboard.cpu_s() - spent) / took * 100,
            "collector, % of a core": (collector.cpu_s() - asked) / took * 100,
            "refreshes a page and minute": (sum(page.drawn for page in pages) - before) / _PAGES / took * 60,
        }


def _measure_memory(dashboard: DashboardServer, refreshes: int) -> dict[str, float]:
    """MiB that the dashboard holds after a part of so many refreshes, one behind the other, and after all of them. Each
    draws a whole page, as when what it shows has changed; people open another view from time to time."""
    views, held, done = cycle(_VIEWS), {}, 0
    marks = {
        refreshes // 10: "MiB after a tenth",
        refreshes // 2: "after a half",
        refreshes: "after all refreshes",
    }
    while done < refreshes:
        with OpenPage(dashboard.url, next(views)) as page:
            for _ in range(min(_STAYS, refreshes - done)):
                page.draw()
                done += 1
                if done in marks:
                    held[marks[done]] = dashboard.memory_mib()
    return held


ROWS = (
    Row(
        "pages",
        "Ten open Overviews while a chain of spans comes in each second; then 5,000 refreshes that draw a whole page,"
        " one behind the other, with another view opened after every 20",
        "half of a core for ten, and memory that stays as it is",
        (Contestant("ours", _open()), Contestant("before", _open(before=True))),
        size=5_000,
        quick_size=300,
    ),
)
