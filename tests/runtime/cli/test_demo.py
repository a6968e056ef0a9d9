"""The demo as a newcomer starts it: real server, collector, dashboard, workers and workload."""

import os
import re
import signal
from pathlib import Path

import pytest

from runtime.supervisor.readiness import answers
from tests.runtime.cli.commands import begin, causeline, processes_of, surroundings
from tests.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def test_headless_it_ends_with_a_summary_and_status_0_and_keeps_its_data(tmp_path: Path) -> None:
    """A second start finds the data of the first."""
    first = causeline("demo", "--headless", "--shipments", "8", folder=tmp_path)
    kept = (tmp_path / "home" / "causeline.duckdb").stat().st_ino
    second = causeline("demo", "--headless", "--shipments", "8", "--seed", "8", folder=tmp_path)

    assert (first.status, first.err) == (0, "")
    assert re.search(r"shipments arrived +8\b", first.out)
    assert (second.status, second.err) == (0, "")
    assert (tmp_path / "home" / "causeline.duckdb").stat().st_ino == kept


def test_it_shows_where_to_look_and_ctrl_c_ends_everything_in_order(tmp_path: Path) -> None:
    """Dashboard, one event, the dead letters, and the second day; then workers, dashboard, collector."""
    env = surroundings(tmp_path)
    with begin("demo", "--shipments", "8", folder=tmp_path, env=env) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        said = ""
        while "Ctrl-C" not in said:
            line = demo.stdout.readline()
            assert line, demo.stderr.read()
            said += line
        dashboard = f"http://127.0.0.1:{env['CAUSELINE_DASHBOARD_PORT']}"
        assert answers(f"{dashboard}/_stcore/health")
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()

    assert demo.returncode == 0
    assert re.search(rf"{dashboard}/event\?id=[0-9a-f-]{{36}}", said)
    assert f"{dashboard}/dead-letters" in said
    assert "causeline dev hello.py" in said
    assert rest.splitlines() == ["ending worker-1, worker-2", "ending dashboard", "ending collector"]
    wait_until(lambda: processes_of(tmp_path) == [], "nothing is left")


def test_a_demo_that_is_killed_outright_leaves_no_orphan(tmp_path: Path) -> None:
    """Children, server and keeper go by themselves."""
    with begin("demo", "--headless", "--shipments", "100000", folder=tmp_path, env=surroundings(tmp_path)) as demo:
        wait_until((tmp_path / "home" / "logs" / "workload.log").exists, "the workload is started")
        assert len(processes_of(tmp_path)) >= 6
        os.kill(demo.pid, signal.SIGKILL)

    wait_until(lambda: processes_of(tmp_path) == [], "nothing is left", patience=60)


def test_interrupted_before_its_end_the_headless_demo_does_not_claim_success(tmp_path: Path) -> None:
    """Nobody takes half a demo for a whole one."""
    with begin("demo", "--headless", "--shipments", "100000", folder=tmp_path, env=surroundings(tmp_path)) as demo:
        wait_until((tmp_path / "home" / "logs" / "workload.log").exists, "the workload is started")
        demo.send_signal(signal.SIGTERM)
        demo.communicate()

    assert demo.returncode == 130
    wait_until(lambda: processes_of(tmp_path) == [], "nothing is left")
