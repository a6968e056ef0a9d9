"""The benchmarks run: a row prints its figures. How fast anything is, no test says: the machine may be busy."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)


@pytest.mark.redis
def test_a_row_runs_and_prints_its_figures() -> None:
    """Ours and the limit; peers are left out of a quick run, and named."""
    done = bench("--rows", "events", "--rounds", "1", "--quick")

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "| | events/s | CPU us/event | of it publisher | server CPU us/event |" in lines
    assert any(line.startswith("| ours | ") for line in lines)
    assert any(line.startswith("FastStream was left out: ") for line in lines)


def test_a_row_of_the_collector_runs_beside_a_limit() -> None:
    """Its collector listens on ports of its own, and ends with the row."""
    done = bench("--rows", "ingest4", "--rounds", "1", "--quick")

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "| | spans/s | CPU us/span | p50 ms | p99 ms | bytes/span on disk |" in lines
    assert any(line.startswith("| ours | ") for line in lines)
    assert any(line.startswith("| limit: DuckDB alone") for line in lines)


@pytest.mark.redis
@pytest.mark.usefixtures("rabbit_server")  # skipped where there is none
def test_the_rows_of_the_bridge_run_on_a_broker_of_their_own() -> None:
    """Both directions; the peer is left out of a quick run, and named."""
    done = bench("--rows", "bridge-in bridge-out", "--rounds", "1", "--quick")

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines.count("| | messages/s | CPU us/message |") == 2
    assert sum(line.startswith("| ours | ") for line in lines) == 2
    assert any(line.startswith("FastStream was left out: ") for line in lines)


def test_a_row_that_nobody_knows_is_refused_with_the_names_of_those_there_are() -> None:
    done = bench("--rows", "evnts")

    assert done.returncode == 1
    assert "no row is called evnts; there are: events" in done.stderr


@pytest.mark.battery
def test_open_pages_refresh_without_a_browser() -> None:
    """A web socket asks for what a browser would: pages are drawn, and drawn again while spans come in."""
    done = bench("--rows", "pages", "--rounds", "1", "--quick")

    assert done.returncode == 0, done.stderr
    names, _, ours = [line for line in done.stdout.splitlines() if line.startswith("|")]
    found = dict(zip(names.split("|"), ours.split("|"), strict=True))
    assert float(found[" refreshes a page and minute "].split()[0]) > 0
    assert float(found[" after all refreshes "].split()[0]) > 0
