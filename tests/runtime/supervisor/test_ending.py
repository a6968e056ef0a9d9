"""A process ends with its status and its exit functions, and waits for nothing else."""

import subprocess
import sys

import pytest

#: What goes on in a process as it ends.
LEFT = {
    "nothing": "",
    "a thread": "threading.Thread(target=threading.Event().wait).start()",
    "a pool": "concurrent.futures.ThreadPoolExecutor().submit(threading.Event().wait)",
    "an exit function that fails": "atexit.register(lambda: 1 / 0)",
    "an exit function that never ends": "ending.EXIT_FUNCTIONS = 0.1; atexit.register(threading.Event().wait)",
}

PROGRAM = """
import atexit, concurrent.futures, logging, sys, threading
from runtime.supervisor import ending

atexit.register(print, "exit function")
print("last words", end=" ")
{left}
ending.end_process(7)
"""


@pytest.mark.parametrize("left", LEFT)
def test_a_process_ends_for_certain(left: str):
    """Whatever still goes on in it; what it has printed is written, and its exit functions run, the last one first."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(left=LEFT[left])], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 7, ended.stderr
    is_held_up = left == "an exit function that never ends"
    assert ended.stdout.split() == ["last", "words", *([] if is_held_up else ["exit", "function"])]
