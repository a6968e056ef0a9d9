"""Whole-file locks (`flock`): the kernel drops them when their holder dies, however it dies.

A lock file is never deleted: two processes could then hold locks on two files of one name. A lock belongs to the open
file, so a child that inherits the descriptor holds it too; Python's descriptors are not inherited unless asked.
"""

import os
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

AVAILABLE: Final = find_spec("fcntl") is not None
"""Whether this system has such locks; Windows does not, and importing this module must still work there."""

if AVAILABLE:
    import fcntl

POLL = 0.02
"""Seconds between two tries for a lock that is taken."""


def open_lock(path: Path) -> int:
    """Opens a lock file, made if need be; returns its descriptor, which locks nothing yet."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_exclusive(descriptor: int) -> bool:
    """Whether an exclusive lock was got at once."""
    return _try_lock(descriptor, fcntl.LOCK_EX)


def wait_exclusive(descriptor: int) -> None:
    """Waits, for ever, until nobody else holds the lock."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def unlock(descriptor: int) -> None:
    """Gives the lock up, for every process that shares this open file."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def try_shared_until(descriptor: int, deadline: float) -> bool:
    """Whether a shared lock was got before `deadline` (seconds of `time.monotonic`)."""
    return _try_until(descriptor, fcntl.LOCK_SH, deadline)


def try_exclusive_until(descriptor: int, deadline: float) -> bool:
    """Whether an exclusive lock was got before `deadline` (seconds of `time.monotonic`)."""
    return _try_until(descriptor, fcntl.LOCK_EX, deadline)


def _try_until(descriptor: int, kind: int, deadline: float) -> bool:
    while not _try_lock(descriptor, kind):
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL)
    return True


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
