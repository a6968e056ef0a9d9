"""The dashboard in a browser: how long each view takes to draw all that it opens with, and a press.

Before each of them something new has come in, and what the dashboard remembers of answers is over: nothing that is
measured was answered before.
"""

import json
import random
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from statistics import median
from typing import Any, Final
from uuid import UUID

from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks import chains
from benchmarks.collector_server import CollectorServer
from benchmarks.contest import Contestant, Figures, Row
from benchmarks.dashboard_server import DashboardServer
from benchmarks.rows.questions import make_collector_home, newest_ns
from benchmarks.testbed import ROOT, Testbed

_CHROMIUM: Final = shutil.which("chromium") or "chromium"
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")

#: How often each page is loaded and each press made in one run; the first is not counted.
_TIMES: Final = 4

#: Seconds after which the dashboard asks again what it has been told.
_REMEMBERED_S: Final = 2.1

#: Nodes of a large event.
_NODES: Final = 1_020

#: Milliseconds to wait for anything.
_PATIENCE_MS: Final = 60_000

#: Seconds that a tab is left open.
_OPEN_S: Final = 30.0

#: Whether a page has all that it opens with: its last line, and every chart and figure drawn.
_DRAWN: Final = """() => {
    const all = (wanted) => [...document.querySelectorAll(wanted)];
    const holds = (figure) => figure.closest(".st-key-copy") || [...figure.shadowRoot?.children ?? []].some(
        (each) => each.tagName !== "STYLE" && each.getBoundingClientRect().height > 1);
    return all("[data-testid=stCaptionContainer]").some((each) => each.textContent.includes("Causeline"))
        && !all("[data-testid=stSkeleton]").length
        && all("[data-testid=stBidiComponentIsolated]").every(holds)
        && all("[data-testid=stPlotlyChart]").every((each) => each.querySelector(".main-svg"))
        && all("[data-testid=stVegaLiteChart]").every((each) => each.querySelector("canvas, svg"));
}"""

#: Whether the script of a page has ended.
_SETTLED: Final = "() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')"

#: Whether the panel of a node is of the one that is called so.
_PANEL: Final = """(name) => [...document.querySelectorAll(".st-key-node-panel h3")].some(
    (each) => each.textContent.includes(name))"""


class _SpanFeed:
    """Has a chain of spans come in whenever it is called, as new as what is stored."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._at_ns = newest_ns(url)
        self._chance = random.Random(3)

    def __call__(self) -> None:
        time.sleep(_REMEMBERED_S)
        self._at_ns += 10**8
        self._send(chains.request(self._at_ns, self._at_ns, 1, self._chance))

    def send_large_event(self) -> UUID:
        """Has an event come in of which a thousand nodes come; returns its id."""
        body, event = chains.make_large_event(self._at_ns, _NODES, self._chance)
        self._send(body)
        return event

    def _send(self, body: bytes) -> None:
        headers = {"Content-Type": "application/x-protobuf"}
        request = urllib.request.Request(f"{self._url}/v1/traces", body, headers)  # noqa: S310 our own address
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 our own address
            answer.read()


def _send_nothing() -> None:
    """No news."""


def _empty(ground: Testbed, _: int) -> Figures:
    with DashboardServer.empty(ground.folder / "empty") as server, _tab() as page:
        return {"empty page": _measure_load_ms(page, server.url, _send_nothing)}


def _views(*, before: bool = False) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        checkout = ground.before if before and ground.before else ROOT
        folder = make_collector_home(ground, size, before=before)
        with ExitStack() as stack:
            collector = stack.enter_context(CollectorServer(folder, checkout))
            dashboard = stack.enter_context(DashboardServer.ours(folder, checkout, collector.url))
            page = stack.enter_context(_tab())
            news = _SpanFeed(collector.url)
            paths = _paths(collector.url, news.send_large_event())
            figures = {name: _measure_load_ms(page, dashboard.url + path, news) for name, path in paths.items()}
            figures |= _measure_presses(page, dashboard.url, collector.url, news)
            figures |= _measure_open_page(page, dashboard, collector)
        shutil.rmtree(folder)
        return figures

    return run


def _paths(url: str, large: UUID) -> dict[str, str]:
    """The pages, by what they are called; ids are of what is there, and of a large event."""
    run = _fetch_json(f"{url}/api/runs?source=own&limit=10")["items"][0]["run_id"]
    trace = _fetch_json(f"{url}/api/traces?limit=10")["items"][0]["trace_id"]
    talk = _fetch_json(f"{url}/api/sessions?limit=10")["items"][0]["session"]
    return {
        "Overview": "/",
        "Steps": "/steps",
        "one step": "/steps?workflow=order&step=step-3&kind=step",
        "Runs": "/runs",
        "one run": f"/runs?run={run}",
        "events": "/event",
        "one event": f"/event?id={_event(url)}",
        f"an event of {_NODES} nodes": f"/event?id={large}",
        "Traces": "/traces",
        "one trace": f"/traces?trace={trace}",
        "Topology": "/topology",
        "Sessions": "/sessions",
        "one session": f"/sessions?session={talk}",
        "Logs": "/logs",
        "Groups": "/groups",
        "Workers": "/workers",
        "Dead letters": "/dead-letters",
        "Alerts": "/alerts",
    }


def _event(url: str) -> str:
    found: str = _fetch_json(f"{url}/api/events?limit=10")["items"][0]["event_id"]
    return found


def _fetch_json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 our own address
        return json.loads(answer.read())


@contextmanager
def _tab() -> Iterator[Page]:
    """Yields a tab of a browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_FLAGS))
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.set_default_timeout(_PATIENCE_MS)
        yield page
        browser.close()


def _measure_load_ms(page: Page, url: str, news: Callable[[], None]) -> float:
    """Milliseconds until a page has all that it opens with; the median of several times."""

    def load() -> None:
        page.goto(url, wait_until="commit")
        _wait_until(page, _DRAWN)

    return _measure_median_ms(load, news)


def _wait_until(page: Page, script: str, told: object = None) -> None:
    """Waits until a function of the page says so, frame by frame: a locator looks again after half a second."""
    page.wait_for_function(script, arg=told, polling="raf")


def _measure_presses(page: Page, url: str, collector: str, news: Callable[[], None]) -> dict[str, float]:
    """Milliseconds from a press until what it is made for is there."""
    page.goto(f"{url}/event?id={_event(collector)}")
    _wait_until(page, _DRAWN)
    page.locator(".tree .row").first.wait_for()
    rows = cycle(page.locator(".tree .row").all()[:_TIMES])
    figures = {"press: a node": _measure_median_ms(lambda: _open_node(page, next(rows)), news)}
    page.goto(f"{url}/steps")
    tabs = cycle(["Models", "Agents"])
    figures["press: a tab"] = _measure_median_ms(lambda: _open_tab(page, next(tabs)), news)
    page.goto(url)
    _wait_until(page, _DRAWN)
    periods = cycle(["15 min", "1 h"])
    figures["press: a period"] = _measure_median_ms(lambda: _press_and_wait(page, _period(page, next(periods))), news)
    page.goto(f"{url}/runs?last=all")
    _wait_until(page, _DRAWN)
    figures["press: next page"] = _measure_median_ms(lambda: _press_and_wait(page, _next_page(page)), news)
    page.goto(f"{url}/runs")
    _wait_until(page, _DRAWN)
    subjects = cycle(_subjects(collector))
    figures["press: a search"] = _measure_median_ms(lambda: _press_and_wait(page, _search(page, next(subjects))), news)
    return figures


def _subjects(url: str) -> list[str]:
    """What some events are about, each once: the same search changes nothing."""
    events = _fetch_json(f"{url}/api/events?limit=200")["items"]
    return list(dict.fromkeys(event["subject"] for event in events if event["subject"]))[: 2 * _TIMES]


def _open_node(page: Page, row: Locator) -> None:
    name = row.locator(".name").inner_text()
    row.click()
    _wait_until(page, _PANEL, name)
    _wait_until(page, _SETTLED)
    _wait_until(page, _DRAWN)


def _open_tab(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).click()
    _wait_until(page, "(by) => location.search.includes(by)", f"by={name.lower().removesuffix('s')}")
    _wait_until(page, _SETTLED)
    _wait_until(page, _DRAWN)


def _next_page(page: Page) -> Callable[[], None]:
    return page.get_by_role("button", name="Next page").click


def _period(page: Page, name: str) -> Callable[[], None]:
    return page.get_by_role("radio", name=name, exact=True).click


def _search(page: Page, text: str) -> Callable[[], None]:
    def enter() -> None:
        page.get_by_role("textbox", name="Search").fill(text)
        page.keyboard.press("Enter")

    return enter


def _press_and_wait(page: Page, press: Callable[[], None]) -> None:
    """Presses what changes the address, and waits until the page has all that it shows there."""
    address = page.url
    press()
    _wait_until(page, "(address) => location.href !== address", address)
    _wait_until(page, _SETTLED)
    _wait_until(page, _DRAWN)


def _measure_median_ms(act: Callable[[], None], news: Callable[[], None]) -> float:
    act()
    taken = []
    for _ in range(_TIMES - 1):
        news()
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


def _measure_open_page(page: Page, dashboard: DashboardServer, collector: CollectorServer) -> dict[str, float]:
    """Shares of a core that an open Overview costs, in per cent; nothing comes in meanwhile."""
    page.goto("about:blank")
    collector.wait_until_idle()
    page.goto(dashboard.url)
    _wait_until(page, _DRAWN)
    begun, spent, asked = time.perf_counter(), dashboard.cpu_s(), collector.cpu_s()
    page.wait_for_timeout(_OPEN_S * 1000)
    took = time.perf_counter() - begun
    return {
        "open Overview, % of a core: dashboard": (dashboard.cpu_s() - spent) / took * 100,
        "open Overview, % of a core: collector": (collector.cpu_s() - asked) / took * 100,
    }


ROWS = (
    Row(
        "browser",
        "Pages in Chromium over `STORE`, or 300,000 spans, until all they open with is drawn, and presses; ms",
        "pages 500 ms more than the empty one, presses 500, an open tab 5 % of a core, at ten million",
        (
            Contestant("ours", _views()),
            Contestant("before", _views(before=True)),
            Contestant("limit: an empty page of Streamlit", _empty),
        ),
        size=300_000,
        quick_size=40_000,
    ),
)
