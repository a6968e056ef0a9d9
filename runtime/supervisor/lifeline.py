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
    """Ends this process once its parent is gone: TERM first, KILL after the grace. Call it early in a child; does
    nothing where no parent gave a lifeline.

    The variable is taken out of the environment: in a grandchild its number would mean some other file.
    """
    number = take_lifeline()
    if number is not None:
        watch_lifeline(number, GRACE)


def take_lifeline() -> int | None:
    """The descriptor of the lifeline, for whoever watches it by itself; None where no parent gave one."""
    number = os.environ.pop(VARIABLE, "")
    if not (number.isdecimal() and _is_pipe(int(number))):
        return None
    os.set_inheritable(int(number), False)
    return int(number)


def watch_lifeline(descriptor: int, grace: float) -> None:
    """Ends this process once the other end of a pipe is closed: TERM first, KILL after `grace` seconds."""
    threading.Thread(target=_watch, args=(descriptor, grace), name="lifeline", daemon=True).start()


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def _watch(descriptor: int, grace: float) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace)
    os.kill(os.getpid(), signal.SIGKILL)
