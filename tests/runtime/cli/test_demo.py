"""The demo as a newcomer starts it: real server, collector, dashboard, workers and workload."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from runtime.supervisor.readiness import is_answering
from tests.runtime.cli.commands import Ended, begin, causeline, forked, processes_of, surroundings
from tests.waiting import until_sync

pytestmark = [pytest.mark.redis, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all starts that may find each other's data."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(home: Path) -> Ended:
    """The first start."""
    return causeline("demo", "--headless", "--shipments", "8", folder=home)


def test_headless_it_ends_with_a_summary_and_status_0(first: Ended) -> None:
    """With the figures of its seed: one carrier was busy, and one label smudged."""
    assert (first.status, first.err) == (0, "")
    for words, count in {"arrived": 8, "had to be tried again": 1, "sorted wrong": 1}.items():
        assert re.search(rf"{words} +{count}\b", first.out)


def test_it_shows_where_to_look_finds_the_data_of_the_first_start_and_ends_in_order(home: Path, first: Ended) -> None:
    """Dashboard, one event, the dead letters, and the second day; on Ctrl-C workers, dashboard, collector. While it is
    up, more work can be sent alone."""
    env = surroundings(home)
    ports = {name: env[name] for name in ("CAUSELINE_DASHBOARD_PORT", "CAUSELINE_COLLECTOR_PORT")}
    dashboard, collector = (f"http://127.0.0.1:{port}" for port in ports.values())

    def shown(*words: str) -> str:
        ended = causeline(*words, folder=home, changes={**ports, "CAUSELINE_COLLECTOR_URL": collector})
        assert ended.status == 0, ended.err
        return ended.out

    letters = re.findall(r"^[0-9a-f-]{36}", shown("dlq", "list"), re.MULTILINE)
    assert re.search(rf"text messages dead +{len(letters)}\b", first.out)
    with begin("demo", "--shipments", "3", folder=home, env=env) as demo:
        said = until_invited(demo)
        assert is_answering(f"{dashboard}/_stcore/health")
        kept = shown("dlq", "list")
        assert [letter for letter in letters if letter not in kept] == []
        more = shown("demo", "--work-only", "--shipments", "2")
        runs = shown("runs", "list")
        assert set(re.findall(r"\bS\d-\d{4}\b", runs)) == {
            *(f"S1-{number:04}" for number in range(1, 9)),
            *(f"S2-{number:04}" for number in range(1, 4)),
            *(f"S3-{number:04}" for number in range(1, 3)),
        }
        demo.send_signal(signal.SIGINT)
        assert demo.stdout is not None
        rest = demo.stdout.read()

    assert demo.returncode == 0
    for words in (said, more):
        assert "did not happen" not in words
        assert re.search(rf"{dashboard}/event\?id=[0-9a-f-]{{36}}", words)
        assert f"{dashboard}/dead-letters" in words
    assert "causeline dev hello.py" in said
    assert re.search(r"shipments arrived +2\b", more)
    assert "Ctrl-C" not in more
    assert rest.splitlines() == ["ending worker-1, worker-2", "ending dashboard", "ending collector"]
    until_sync(lambda: processes_of(home) == [], "nothing is left")


def test_where_nothing_can_be_traced_a_line_says_so_and_the_status_is_1(tmp_path: Path) -> None:
    """The demo promises to show what happened."""
    ended = forked("demo", "--headless", "--shipments", "1", folder=tmp_path, changes={"CAUSELINE_TELEMETRY": "no"})

    assert (ended.status, ended.err) == (1, "")
    (line,) = [line for line in ended.out.splitlines() if line.startswith("did not happen")]
    assert line.split(maxsplit=3)[3].strip() == "nothing can be traced with CAUSELINE_TELEMETRY=false"


def until_invited(demo: "subprocess.Popen[str]") -> str:
    """What the demo says until it only waits for its end."""
    assert demo.stdout is not None
    assert demo.stderr is not None
    said = ""
    while "Ctrl-C" not in said:
        line = demo.stdout.readline()
        assert line, demo.stderr.read()
        said += line
    return said


def test_a_demo_that_is_killed_outright_leaves_no_orphan(tmp_path: Path) -> None:
    """Children, server and keeper go by themselves."""
    with begin(
        "demo",
        "--headless",
        "--shipments",
        "100000",
        folder=tmp_path,
        env=surroundings(tmp_path) | {"CAUSELINE_SHUTDOWN": "5"},
    ) as demo:
        until_sync((tmp_path / "home" / "logs" / "workload.log").exists, "the workload is started")
        until_sync(
            lambda: len(processes_of(tmp_path)) >= 6, "demo, keeper, server, collector, workers and workload run"
        )
        os.kill(demo.pid, signal.SIGKILL)

    until_sync(lambda: processes_of(tmp_path) == [], "nothing is left", patience=60)


def test_interrupted_before_its_end_the_headless_demo_does_not_claim_success(tmp_path: Path) -> None:
    """Nobody takes half a demo for a whole one."""
    with begin("demo", "--headless", "--shipments", "100000", folder=tmp_path, env=surroundings(tmp_path)) as demo:
        until_sync((tmp_path / "home" / "logs" / "workload.log").exists, "the workload is started")
        demo.send_signal(signal.SIGTERM)
        demo.communicate()

    assert demo.returncode == 130
    until_sync(lambda: processes_of(tmp_path) == [], "nothing is left")
