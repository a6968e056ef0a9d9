"""Random bits for ids and tokens: the system's own, asked for many at a time, as each question is a system call."""

import os
import threading
from typing import Final

#: Bytes that are asked for in one go.
_MANY: Final = 4096


class _Pool:
    """Bytes of the system that nobody has been given yet. A forked child begins with an empty one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        with self._lock:
            if self._at + count > len(self._bytes):
                self._bytes, self._at = os.urandom(_MANY), 0
            taken = self._bytes[self._at : self._at + count]
            self._at += count
            return taken


_pool = _Pool()


def _reset_pool() -> None:
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(after_in_child=_reset_pool)


def random_bytes(count: int) -> bytes:
    """So many random bytes, `_MANY` at most."""
    return _pool.take(count)
