"""A world, a collector that speaks of it, the dashboard in a process of its own, and a browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
import streamlit as st
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, expect, sync_playwright

from tests.dashboard.server import FakeCollector
from tests.dashboard.world import World
from tests.servers import free_port
from tests.waiting import until_sync

ROOT = Path(__file__).parents[2]
#: Milliseconds in which a page shows what is awaited, on a busy machine too.
PATIENCE_MS = 30_000
VIEWPORT: Final[ViewportSize] = {"width": 1300, "height": 1000}
#: A quiet Chromium that runs as root in a container and asks nobody on the network for anything.
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def world() -> World:
    """Twelve shipments, four of whose SMS went dead."""
    return World()


@pytest.fixture
def collector(world: World) -> Iterator[FakeCollector]:
    """Answers about the world."""
    fake = FakeCollector(world)
    yield fake
    fake.close()


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    """A process asks one collector in its life; here each test has another."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def at_collector(collector: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> FakeCollector:
    """The same, and views drawn in this process ask it."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", collector.url)
    return collector


def up(url: str) -> bool:
    """Whether a dashboard answers there."""
    try:
        return httpx.get(f"{url}/_stcore/health", trust_env=False, timeout=60).status_code == 200
    except httpx.TransportError:
        return False


class Dashboard:
    """`python -m dashboard` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self, collector_url: str) -> None:
        """Start it, and wait until it answers."""
        self.launch(collector_url)
        until_sync(lambda: up(self.url), "the dashboard answers", patience=60)

    def launch(self, collector_url: str) -> None:
        """Start it from a folder that is not the repository."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CAUSELINE_COLLECTOR_URL": collector_url,
            "CAUSELINE_DASHBOARD_PORT": str(self.port),
        }
        command = [sys.executable, "-m", "dashboard"]
        self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dashboard, int]]:
    """One dashboard for all tests of this folder, and the port that it asks."""
    dashboard, port = Dashboard(tmp_path_factory.mktemp("elsewhere")), free_port()
    dashboard.start(f"http://127.0.0.1:{port}")
    yield dashboard, port
    dashboard.stop()


@pytest.fixture(scope="module")
def served(shared: tuple[Dashboard, int]) -> tuple[Dashboard, int]:
    """The same. Each test's collector listens on the port; where that is a real one, for all tests of a file, this
    fixture of the file begins it."""
    return shared


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What starts browsers, once for this folder. No longer: while it is there no coroutine can be tested."""
    if shutil.which("chromium") is None:
        message = "chromium is not on PATH: install it to run the browser's tests"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, for tests that need a profile of their own."""
    chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def kept(
    playwright: Playwright, shared: tuple[Dashboard, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A profile on disk: only there does Chromium keep what it has compiled of Streamlit's scripts, which takes it a
    third of what a page takes."""
    profile = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=shutil.which("chromium"),
        args=list(FLAGS),
        base_url=shared[0].url,
        viewport=VIEWPORT,
    )
    yield profile
    profile.close()


@pytest.fixture(scope="module")
def context(served: tuple[Dashboard, int], kept: BrowserContext) -> BrowserContext:
    """One profile for all tests of this folder, as a session lives in a tab. The dashboard has a collector to ask."""
    kept.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return kept


@pytest.fixture
def live(served: tuple[Dashboard, int], world: World) -> Iterator[FakeCollector]:
    """The collector that the served dashboard asks."""
    fake = FakeCollector(world, served[1])
    yield fake
    fake.close()


@pytest.fixture
def page(context: BrowserContext, live: FakeCollector) -> Iterator[Page]:
    """A tab, whose addresses are relative to the served dashboard; an error of a script in it fails the test."""
    tab = context.new_page()
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    yield tab
    tab.close()
    assert broken == []
