"""What a demo workload says on its stdout, line by line, as JSON."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    """A workload's last line.

    summary          what it did, in numbers
    ok               whether everything promised happened
    focus_event_id   an event worth looking at
    failures         what did not happen, in sentences
    """

    summary: Mapping[str, Any]
    ok: bool
    focus_event_id: str = ""
    failures: tuple[str, ...] = field(default=())


def follow(lines: Iterable[bytes], progress: Callable[[int, int], None]) -> Report | None:
    """Read a workload to its end.

    Args:
        lines: its stdout.
        progress: told how much is done, and of how much.

    Returns:
        Its report; None when it ends without one.
    """
    report = None
    for line in lines:
        said = _object(line)
        if "summary" in said:
            report = Report(
                said["summary"], bool(said.get("ok")), str(said.get("focus_event_id") or ""), _failures(said)
            )
        elif "done" in said:
            progress(int(said["done"]), int(said.get("total", 0)))
    return report


def _failures(said: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(failure) for failure in said.get("failures") or ())


def _object(line: bytes) -> Mapping[str, Any]:
    """The line's JSON object; empty for anything else, such as a stray print of a library."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
