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
from playwright.sync_api import Page, expect

from collector.client import CollectorClient
from tests.servers import free_port
from tests.waiting import until_sync

SHIPMENTS: Final = 60


class Demo:
    """`causeline demo`, started as a user would.

    Attributes:
        address: the dashboard's.
        collector: the collector's.
        process: its own.
        home: its folder.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        collector = free_port()
        self.collector = f"http://127.0.0.1:{collector}"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CAUSELINE_")},
            "CAUSELINE_HOME": str(home),
            "CAUSELINE_DASHBOARD_PORT": str(port),
            "CAUSELINE_COLLECTOR_PORT": str(collector),
            "CAUSELINE_COLLECTOR_URL": self.collector,
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
        until_sync(lambda: "Ctrl-C" in found.said or found.process.poll() is not None, "the demo's last words", 120)
        assert found.process.poll() is None, found.said
        yield found
    finally:
        if found.process.poll() is None:
            os.killpg(found.process.pid, signal.SIGKILL)
            found.process.wait()


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
    page.get_by_role("link", name=re.compile(r"\d+ sms deliveries on shipment.delivered are dead")).first.click()
    expect(page).to_have_url(re.compile(r"/dead-letters\?.*group=sms"))

    # Reading one: its payload, and the traceback of every attempt.
    page.locator(".st-key-dead-letter-rows a.link").first.click()
    panel = page.locator(".st-key-letter-panel")
    expect(panel).to_contain_text("Traceback (most recent call last)")
    expect(panel).to_contain_text('"phone": "0171')

    # One is ticked, and a colleague's replay comes back as a new letter meanwhile: the tick stays where it is.
    with CollectorClient(demo.collector) as client:
        [bad, *_] = client.dead_letters(reason="non_retryable").items
        good = client.dead_letters(reason="max_attempts").items[2]
        tick = page.get_by_role("checkbox", name=f"Pick {good.subject}")
        page.locator("label").filter(has=tick).click()
        expect(page.get_by_role("button", name="Replay 1 letter")).to_be_visible()
        rows = page.locator(".st-key-dead-letter-rows .row")
        before = rows.all_inner_texts()
        assert len(before) > 2
        assert [one.status for one in client.replay([bad.id], "bob").items] == ["replayed"]
    expect(page.get_by_role("button", name="1 more: show")).to_be_visible()
    expect(tick).to_be_checked()
    assert [row.split()[0] for row in rows.all_inner_texts()] == [row.split()[0] for row in before]
    replay_ticked(page, 1)
    expect(page.get_by_text("1 of 1 succeeded")).to_be_visible()

    # Two letters have numbers that no carrier accepts: they come back with the next round.
    page.get_by_role("button", name=re.compile(r"^2 sms")).click()
    page.get_by_role("button", name=re.compile("Tick all 2")).click()
    replay_ticked(page, 2)
    expect(page.get_by_text(re.compile("came back as a new letter, round 1")).first).to_be_visible()
    expect(page.get_by_text(re.compile("came back as a new letter, round 2")).first).to_be_visible()

    # The event that the demo named, pasted into the search: its cause, and its dead letter.
    page.goto(f"{demo.address}/event")
    page.get_by_role("textbox", name="Search").fill(event_link.rpartition("=")[2])
    page.get_by_role("textbox", name="Search").press("Enter")
    expect(page).to_have_url(event_link)
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

    # Steps: how often sorting is right, in which interval and out of how many; how slow; what failed and was retried.
    page.goto(f"{demo.address}/steps")
    right = re.compile(rf"98.3\s%\s[\d.]+\S[\d.]+\s%, n\s{SHIPMENTS}")
    expect(page.get_by_role("cell", name=right)).to_be_visible()
    for figure in ("p50", "p95", "p99"):
        expect(page.get_by_text(figure, exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+\sms$"))).not_to_have_count(0)
    expect(page.get_by_text(re.compile(r"^10\s%$"))).to_be_visible()  # pickups that were tried again

    # Runs: a shipment is found by its number, and its DAG is drawn.
    page.goto(f"{demo.address}/runs")
    page.get_by_role("textbox", name="Search").fill("S1-0042")
    page.get_by_role("textbox", name="Search").press("Enter")
    expect(page.get_by_text("S1-0042")).to_be_visible()
    expect(page.get_by_text("S1-0041")).to_be_hidden()
    page.locator(".st-key-run-rows").get_by_role("link", name="S1-0042").click()
    for step in ("pickup", "sorting", "transit", "delivery"):
        expect(page.get_by_role("button", name=re.compile(f"{step}.*ok")).first).to_be_visible()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_ctrl_c_ends_everything(demo: Demo) -> None:
    """No process of the demo outlives it, and it ends well."""
    assert len(demo.family()) > 4
    os.kill(demo.process.pid, signal.SIGINT)
    assert until_sync(lambda: demo.process.poll() is not None, "the demo's end", 60)
    assert demo.process.returncode == 0, demo.said
    until_sync(lambda: not demo.family(), f"the end of {demo.family()}", 20)


def replay_ticked(page: Page, count: int | None) -> None:
    """Presses Replay, says who one is, confirms, and waits until nothing is under way."""
    page.get_by_role("button", name=re.compile(r"^Replay \d+")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("ada")
    dialog.get_by_role("button", name=re.compile(r"^Send \d*" if count is None else f"^Send {count}")).click()
    expect(dialog).to_be_hidden()
