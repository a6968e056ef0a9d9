"""Code that nobody has read, in a process with limits: each is met, and nothing is left."""

from pathlib import Path

import pytest

from sample_agents.codegen.catalog import FUNCTIONS, Flaw
from sample_agents.codegen.sandbox import Limits, Verdict, run
from tests.waiting import until_sync


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_passes_its_tests_and_its_subtle_flaw_does_not(name: str) -> None:
    """Or the flaw would be none; the verdict says which line found it."""
    function = FUNCTIONS[name]
    assert function.draft(Flaw.WRONG) != function.right
    assert run(function.right, function.tests) == Verdict(passed=True)
    found = run(function.draft(Flaw.WRONG), function.tests)
    assert not found.passed
    assert found.reason.startswith('AssertionError, File "tests.py", line ')


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        (Flaw.HANGS, "used more than 1 s of CPU time"),
        (Flaw.GREEDY, "wanted more than 256 MiB of memory"),
        (Flaw.QUITS, "ended before its tests did"),
    ],
)
def test_a_limit_that_is_met_is_named(flaw: Flaw, reason: str) -> None:
    """An exit with status 0 passes for nothing."""
    assert run(FUNCTIONS["slug"].draft(flaw), FUNCTIONS["slug"].tests) == Verdict(passed=False, reason=reason)


def test_what_sleeps_is_ended_with_all_that_it_has_started(tmp_path: Path) -> None:
    """It uses no CPU time, and its child would outlive it."""
    note = tmp_path / "pid"
    code = (
        "import signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "signal.pause()\n"
    )
    assert run(code, "", Limits(wall=5.0)) == Verdict(passed=False, reason="still ran after 5 s")
    pid = int(note.read_text())
    until_sync(lambda: _is_gone(pid), "the child of the code is gone")


def test_a_child_that_outlives_its_code_is_ended_too(tmp_path: Path) -> None:
    """Also where the tests have passed."""
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "child.returncode = 0\n"
    )
    assert run(code, "") == Verdict(passed=True)
    until_sync(lambda: _is_gone(int(note.read_text())), "the child of the code is gone")


def test_code_sees_neither_our_environment_nor_our_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are in the one, and code in the other."""
    monkeypatch.setenv("CAUSELINE_TOKEN", "secret")
    tests = (
        "import os, sys\nassert 'CAUSELINE_TOKEN' not in os.environ\n"
        "assert sorted(os.listdir()) == ['code.py', 'output', 'tests.py']\nassert sys.stdin.read() == ''\n"
    )
    assert run("", tests) == Verdict(passed=True)


def test_endless_output_fills_no_disk() -> None:
    """A file that it writes, its output among them, has a limit."""
    found = run("import sys\nwhile True:\n    sys.stdout.write('x' * 65536)\n", "", Limits(cpu=20))
    assert not found.passed
    assert found.reason


def _is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"  # dead, and whoever it was left to has not waited for it
