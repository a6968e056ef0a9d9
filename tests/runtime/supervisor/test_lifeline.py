"""A child holds its lifeline, and nobody else does."""

import os
import subprocess
import sys

from runtime.supervisor.lifeline import VARIABLE
from runtime.supervisor.python import child_environment

#: Prints what the lifeline left in the environment, then stays until it is ended.
HOLDER = """
import os, signal
from runtime.supervisor.lifeline import VARIABLE, hold_lifeline
hold_lifeline()
print(os.environ.get(VARIABLE), flush=True)
signal.sigwait({signal.SIGUSR1})
"""

#: Prints, and ends by itself.
FREE = """
import os, threading
from runtime.supervisor.lifeline import hold_lifeline
hold_lifeline()
print(threading.active_count())
"""


def test_a_child_ends_by_term_when_the_pipe_closes() -> None:
    """An orderly end comes before a kill."""
    lifeline, grip = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        stdout=subprocess.PIPE,
        pass_fds=(lifeline,),
        env=child_environment({VARIABLE: str(lifeline)}),
    ) as child:
        os.close(lifeline)
        assert child.stdout is not None
        assert child.stdout.readline() == b"None\n", "a grandchild must not take the number for its own"
        os.close(grip)

        assert child.wait(10) == -15


def test_without_a_parent_nothing_is_watched() -> None:
    """Started by hand, a process lives by itself."""
    assert _threads({}) == b"1\n"


def test_a_number_that_is_no_pipe_is_left_alone() -> None:
    """A stray variable must not make us read from somebody's file."""
    assert _threads({VARIABLE: "2000"}) == b"1\n"
    assert _threads({VARIABLE: "nonsense"}) == b"1\n"


def _threads(variables: dict[str, str]) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", FREE], capture_output=True, env=child_environment(variables), check=True
    ).stdout
