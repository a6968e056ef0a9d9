"""A worker dies while an agent or a graph of others is under way: what it had paid for is not paid for again."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from runtime.supervisor.python import child_environment
from tests.diary import Diary
from tests.end_to_end.adapters_program import PAID

pytestmark = pytest.mark.redis


def ran(folder: Path, redis_url: str, run: str, deadly: int) -> subprocess.CompletedProcess[str]:
    """The program, run to its end."""
    settings = {"CAUSELINE_REDIS_URL": redis_url, "CAUSELINE_HOME": str(folder / "home"), "CAUSELINE_LEASE": "0.6"}
    return subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.adapters_program", folder, run, str(deadly)],
        env=child_environment() | settings | {"CAUSELINE_TELEMETRY": "false"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    "deadly", [pytest.param(at, marks=() if at in (3, 6, 9) else pytest.mark.battery) for at in range(1, len(PAID) + 1)]
)
def test_a_process_that_is_killed_anywhere_is_gone_on_with_from_there(
    redis_url: str, tmp_path: Path, deadly: int
) -> None:
    """In the model, in a tool, between two nodes, among those that run side by side, in the second round of a cycle:
    only what was under way is asked again."""
    killed = ran(tmp_path, redis_url, "", deadly)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    ended = ran(tmp_path, redis_url, (tmp_path / "run").read_text(), 0)
    assert ended.returncode == 0, ended.stderr
    notes = sorted(["item 0", "item 1", "item 2", "judge 0", "judge 1", "plan", "plan"])
    assert ended.stdout == f"{['well', *notes]}\n"
    paid = Diary(tmp_path).count("paid")
    # Items run side by side: those that had paid, and were not recorded when one of them died, pay again.
    twice = paid - Counter(PAID)
    assert sum(twice.values()) <= (2 if deadly in (6, 7) else 0), twice
    assert Counter(PAID) - paid == Counter()
