"""Processes of other tests' making, as the kernel sees them."""

import os
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def children_of(pid: int) -> list[int]:
    """Those of a process that its main thread has started; none where it is gone."""
    try:
        return sorted(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except (ProcessLookupError, FileNotFoundError):
        return []


def parent_of(pid: int) -> int:
    """The parent's id."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
