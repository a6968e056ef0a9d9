"""What a newcomer does on the live demo, in a real browser: see what is wrong, trace it, put it right."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.dashboard.conftest import FLAGS
from tests.servers import free_port
from tests.waiting import wait_until

SHIPMENTS: Final = 60

PATIENCE_MS: Final = 30_000
"""Milliseconds that a page may take to show what it must."""


class Demo:
    """`causeline demo`, started as a user would; attributes: `address` (the dashboard's), `process`, `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        collector = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CAUSELINE_")},
            "CAUSELINE_HOME": str(home),
            "CAUSELINE_DASHBOARD_PORT": str(port),
            "CAUSELINE_COLLECTOR_PORT": str(collector),
            "CAUSELINE_COLLECTOR_URL": f"http://127.0.0.1:{collector}",
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "80",
        }
        self._output = home / "demo.out"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "causeline", "demo", "--shipments", str(SHIPMENTS)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    def family(self) -> list[int]:
        """The processes that belong to this demo: those that carry its home in their environment or command line."""
        mark = str(self.home).encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if mark in (entry / "environ").read_bytes() or mark in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, its workload done."""
    found = Demo(tmp_path_factory.mktemp("home"))
    try:
        wait_until(lambda: "Ctrl-C" in found.said or found.process.poll() is not None, "the demo's last words", 120)
        assert found.process.poll() is None, found.said
        yield found
    finally:
        if found.process.poll() is None:
            os.killpg(found.process.pid, signal.SIGKILL)
            found.process.wait()


@pytest.fixture
def page(chromium: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        found = browser.new_page(viewport={"width": 1300, "height": 900})
        found.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield found
        browser.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_newcomer_sees_what_is_wrong_traces_it_and_puts_it_right(demo: Demo, page: Page) -> None:
    """Overview leads to the dead letters; replays succeed but two; the picture, the steps and a run tell why."""
    # The demo names one event, the dead letters, and what comes next.
    [event_link] = re.findall(r"http\S+/event\?id=[0-9a-f-]{36}", demo.said)
    assert f"{demo.address}/dead-letters" in demo.said
    assert "causeline dev" in demo.said

    # The Overview says what is wrong; one click leads there.
    page.goto(demo.address)
    expect(page.get_by_text(re.compile(r"\d+ sms deliveries on shipment.delivered are dead"))).to_be_visible()
    page.get_by_role("link", name="Show").first.click()
    expect(page).to_have_url(re.compile(r"/dead-letters\?.*group=sms"))

    # Two letters have numbers that no carrier accepts: they come back with the next round.
    page.get_by_role("button", name=re.compile(r"^2 sms")).click()
    page.get_by_role("button", name=re.compile("Tick all 2")).click()
    replay_ticked(page, 2)
    expect(page.get_by_text(re.compile("round 1")).first).to_be_visible()

    # The event that the demo named: its cause, and its dead letter, which is replayed from where it is read.
    page.goto(event_link)
    picture = page.get_by_role("group", name=re.compile("Space-time"))
    for step in ("shipment", "pickup", "sorting", "transit", "delivery", "tracking", "billing", "sms"):
        expect(picture.get_by_role("button", name=re.compile(f"^{step}")).first).to_be_visible()
    letter = picture.get_by_role("button", name=re.compile("^dead letter"))
    letter.click()
    expect(page).to_have_url(re.compile("node="))
    expect(page.get_by_text("GatewayError").first).to_be_visible()

    # All that an outage held up goes through now.
    page.goto(f"{demo.address}/dead-letters?group=sms&reason=max_attempts")
    page.get_by_role("button", name=re.compile("Tick all")).click()
    replay_ticked(page, None)
    page.goto(f"{demo.address}/")
    expect(page.get_by_text(re.compile(r"^2 sms deliveries on shipment.delivered are dead"))).to_be_visible()

    # The replay is a node in the picture, and so is the delivery that succeeded.
    page.goto(event_link)
    replay = picture.get_by_role("button", name=re.compile("^replay"))
    replay.click()
    expect(page.get_by_text("ada", exact=True)).to_be_visible()
    expect(picture.get_by_role("button", name=re.compile(r"delivery: sms.*, ok"))).to_be_visible()

    # Steps: how often sorting is right, out of how many.
    page.goto(f"{demo.address}/steps")
    expect(page.get_by_text(re.compile(rf"n {SHIPMENTS}"))).to_be_visible()

    # Runs: a shipment is found by its number, and its DAG is drawn.
    page.goto(f"{demo.address}/runs")
    page.get_by_role("textbox", name="Search").fill("S1-0042")
    page.get_by_role("textbox", name="Search").press("Enter")
    expect(page.get_by_text("S1-0042")).to_be_visible()
    expect(page.get_by_text("S1-0041")).to_be_hidden()
    page.get_by_role("button", name="Open").click()
    for step in ("pickup", "sorting", "transit", "delivery"):
        expect(page.get_by_role("button", name=re.compile(f"{step}.*ok")).first).to_be_visible()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_ctrl_c_ends_everything(demo: Demo) -> None:
    """No process of the demo outlives it, and it ends well."""
    assert len(demo.family()) > 4
    os.kill(demo.process.pid, signal.SIGINT)
    assert wait_until(lambda: demo.process.poll() is not None, "the demo's end", 60)
    assert demo.process.returncode == 0, demo.said
    wait_until(lambda: not demo.family(), f"the end of {demo.family()}", 20)


def replay_ticked(page: Page, count: int | None) -> None:
    """Presses Replay, says who one is, confirms, and waits until nothing is under way."""
    page.get_by_role("button", name=re.compile(r"^Replay \d+")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("ada")
    dialog.get_by_role("button", name=re.compile(r"^Send \d*" if count is None else f"^Send {count}")).click()
    expect(dialog).to_be_hidden()
