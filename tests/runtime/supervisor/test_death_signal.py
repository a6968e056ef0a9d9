"""A process that asks for it ends with its parent."""

import subprocess
import sys

import pytest

from runtime.supervisor.death_signal import VARIABLE
from runtime.supervisor.python import child_environment
from tests.processes import is_running
from tests.waiting import until_sync

_CHILD = """
import signal
from runtime.supervisor.death_signal import die_if_asked
die_if_asked()
print(flush=True)
signal.pause()
"""

_PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not tell")
def test_a_parent_that_is_killed_outright_takes_it_along() -> None:
    """As make does, whatever killed it."""
    command = [sys.executable, "-c", _PARENT, _CHILD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=child_environment({VARIABLE: "1"})) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()

    until_sync(lambda: not is_running(child), "the child ends")
