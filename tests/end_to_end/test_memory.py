"""What is said of memory: a line through samples, whether that is flat, and a whole look of some seconds."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.memory.figures import LEAST_MIB, Trend, held_mib


def test_a_slope_is_growth_and_a_peak_is_none() -> None:
    """A few peaks, as of a large answer, don't bend the line."""
    steady = [(float(at), 300.0 + (80.0 if at % 50 == 0 else at % 3)) for at in range(480)]
    assert Trend.of(steady).is_flat
    assert abs(Trend.of(steady).growth) < 1
    growing = [(at, held + at / 10) for at, held in steady]
    assert not Trend.of(growing).is_flat
    assert Trend.of(growing).growth == pytest.approx(47.9, abs=1)
    assert "GROWS" in str(Trend.of(growing))


def test_little_may_grow_by_little() -> None:
    """Of a small process a share would be less than an allocator's whim."""
    small = [(float(at), 20.0 + LEAST_MIB * 0.9 * at / 100) for at in range(101)]
    assert Trend.of(small).is_flat


def test_what_a_process_holds_is_read() -> None:
    """And that it is gone."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert held_mib(gone.pid) is None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        held = held_mib(child.pid)
        assert held is not None
        assert 0 < held < 1000
    finally:
        child.kill()
        child.communicate()


@pytest.mark.battery
@pytest.mark.redis
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_look_of_some_seconds_tells_of_every_process() -> None:
    """As `make soak` does it; so short a time says nothing of growth, so both ends are good."""
    command = [sys.executable, "-m", "tests.end_to_end.memory", "--minutes", "0.5"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=500, check=False
    )
    assert (done.returncode in (0, 1), "Traceback" in done.stderr) == (True, False), done.stdout + done.stderr
    told = {line.partition(":")[0] for line in done.stdout.splitlines()}
    assert {"collector", "worker", "worker's parent", "dashboard"} <= told, done.stdout
