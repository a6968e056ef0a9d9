"""Ending with the parent process, however that dies: the kernel sends a signal. Only Linux does."""

import ctypes
import os
import signal
import sys
from typing import Final

VARIABLE: Final = "CAUSELINE_DIE_WITH_PARENT"
"""Asks for it with `1`: a program such as make that is killed outright tells its children nothing."""

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def die_if_asked() -> None:
    """Has this process told to end when its parent dies, if the variable asks for that."""
    if os.environ.pop(VARIABLE, "") == "1":
        die_with_parent()


def die_with_parent() -> None:
    """Has this process told to end (TERM) when its parent dies; does nothing on other systems than Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
