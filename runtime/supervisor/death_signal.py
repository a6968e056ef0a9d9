"""Ending with the parent process, where that is asked for."""

import ctypes
import os
import signal
import sys
from typing import Final

VARIABLE: Final = "CAUSELINE_DIE_WITH_PARENT"
"""Asks for it with `1`: a program such as make that is killed outright tells its children nothing."""

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def die_with_parent() -> None:
    """Have the kernel send TERM once the parent is gone; does nothing on other systems than Linux, or unasked."""
    if os.environ.pop(VARIABLE, "") == "1" and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
