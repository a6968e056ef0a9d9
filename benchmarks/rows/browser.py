"""The dashboard in a browser: how long each view takes to draw all that it opens with, and a press."""

import json
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from statistics import median
from typing import Any, Final

from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.collector_server import CollectorServer
from benchmarks.contest import Contestant, Figures, Row
from benchmarks.dashboard_server import DashboardServer
from benchmarks.ground import ROOT, Ground
from benchmarks.rows.questions import home

_CHROMIUM: Final = shutil.which("chromium") or "chromium"
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")

#: How often each page is loaded and each press made in one run; the first is not counted.
_TIMES: Final = 4

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


def _empty(ground: Ground, _: int) -> Figures:
    with DashboardServer.empty(ground.folder / "empty") as server, _tab() as page:
        return {"empty page": _loaded(page, server.url)}


def _views(*, before: bool = False) -> Callable[[Ground, int], Figures]:
    def run(ground: Ground, size: int) -> Figures:
        checkout = ground.before if before and ground.before else ROOT
        folder = home(ground, size, before=before)
        with ExitStack() as stack:
            collector = stack.enter_context(CollectorServer(folder, checkout))
            dashboard = stack.enter_context(DashboardServer.ours(folder, checkout, collector.url))
            page = stack.enter_context(_tab())
            figures = {name: _loaded(page, dashboard.url + path) for name, path in _paths(collector.url).items()}
            figures |= _pressed(page, dashboard.url, collector.url)
            figures |= _left_open(page, dashboard, collector)
        shutil.rmtree(folder)
        return figures

    return run


def _paths(url: str) -> dict[str, str]:
    """The pages, by what they are called; ids are of what is there."""
    run = _answer(f"{url}/api/runs?source=own&limit=10")["items"][0]["run_id"]
    trace = _answer(f"{url}/api/traces?limit=10")["items"][0]["trace_id"]
    return {
        "Overview": "/",
        "Steps": "/steps",
        "one step": "/steps?workflow=order&step=step-3&kind=step",
        "Runs": "/runs",
        "one run": f"/runs?run={run}",
        "events": "/event",
        "one event": f"/event?id={_event(url)}",
        "Traces": "/traces",
        "one trace": f"/traces?trace={trace}",
        "Dead letters": "/dead-letters",
        "Alerts": "/alerts",
    }


def _event(url: str) -> str:
    found: str = _answer(f"{url}/api/events?limit=10")["items"][0]["event_id"]
    return found


def _answer(url: str) -> Any:
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


def _loaded(page: Page, url: str) -> float:
    """Milliseconds until a page has all that it opens with; the median of several times."""

    def load() -> None:
        page.goto(url, wait_until="commit")
        _until(page, _DRAWN)

    return _median(load)


def _until(page: Page, script: str, told: object = None) -> None:
    """Waits until a function of the page says so, frame by frame: a locator looks again after half a second."""
    page.wait_for_function(script, arg=told, polling="raf")


def _pressed(page: Page, url: str, collector: str) -> dict[str, float]:
    """Milliseconds from a press until what it is made for is there."""
    page.goto(f"{url}/event?id={_event(collector)}")
    _until(page, _DRAWN)
    page.locator(".tree .row").first.wait_for()
    rows = cycle(page.locator(".tree .row").all()[:4])
    figures = {"press: a node": _median(lambda: _node(page, next(rows)))}
    page.goto(f"{url}/steps")
    tabs = cycle(["Models", "Agents"])
    figures["press: a tab"] = _median(lambda: _tab_of(page, next(tabs)))
    page.goto(f"{url}/runs?last=all")
    _until(page, _DRAWN)
    figures["press: next page"] = _median(lambda: _next_page(page))
    return figures


def _node(page: Page, row: Locator) -> None:
    name = row.locator(".name").inner_text()
    row.click()
    _until(page, _PANEL, name)


def _tab_of(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).click()
    _until(page, "(by) => location.search.includes(by)", f"by={name.lower().removesuffix('s')}")
    _until(page, _SETTLED)


def _next_page(page: Page) -> None:
    address = page.url
    page.get_by_role("button", name="Next page").click()
    _until(page, "(address) => location.href !== address", address)
    _until(page, _SETTLED)


def _median(act: Callable[[], None]) -> float:
    act()
    taken = []
    for _ in range(_TIMES - 1):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


def _left_open(page: Page, dashboard: DashboardServer, collector: CollectorServer) -> dict[str, float]:
    """Shares of a core that an open Overview costs, in per cent; nothing comes in meanwhile."""
    page.goto(dashboard.url)
    _until(page, _DRAWN)
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
        "Pages of the dashboard over 300,000 spans in Chromium, until all they open with is drawn, and presses; ms",
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
