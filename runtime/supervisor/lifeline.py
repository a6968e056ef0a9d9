"""The lifeline: a pipe from the parent. Its end means that the parent is gone, however it died."""

import os
import signal
import stat
import threading
import time
from typing import Final

VARIABLE: Final = "CAUSELINE_PARENT_FD"
"""Names the descriptor that a child inherits."""

GRACE: Final = 10.0
"""Seconds that an orphan has for an orderly end."""


def hold_lifeline() -> None:
    """End this process once its parent is gone: TERM first, KILL after the grace. Call it early in a child; does
    nothing where no parent gave a lifeline.

    The variable is taken out of the environment: in a grandchild its number would mean some other file.
    """
    number = os.environ.pop(VARIABLE, "")
    if number.isdecimal() and _is_pipe(int(number)):
        os.set_inheritable(int(number), False)
        threading.Thread(target=_watch, args=(int(number),), name="lifeline", daemon=True).start()


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
