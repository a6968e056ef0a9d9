"""What a demo workload says on its stdout, line by line, as JSON."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores that a step must have: how many, and how many of them good."""

    workflow: str
    step: str
    n: int
    right: int


@dataclass(frozen=True, slots=True)
class Report:
    """A workload's last line.

    summary          what it did, in numbers
    ok               whether everything promised happened
    failures         what did not happen, in sentences
    focus_event_id   an event worth looking at
    focus_kinds      how many nodes of each kind its picture must have
    scores           of the steps that are judged
    """

    summary: Mapping[str, Any]
    ok: bool
    failures: tuple[str, ...] = ()
    focus_event_id: str = ""
    focus_kinds: Mapping[str, int] = field(default_factory=dict)
    scores: tuple[Scores, ...] = ()

    def less(self, failures: Iterable[str]) -> "Report":
        """The same report, with more that did not happen."""
        more = tuple(failures)
        return replace(self, ok=self.ok and not more, failures=(*self.failures, *more))


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
            report = _report(said)
        elif "done" in said:
            progress(int(said["done"]), int(said.get("total", 0)))
    return report


def _report(said: Mapping[str, Any]) -> Report:
    return Report(
        summary=said["summary"],
        ok=bool(said.get("ok")),
        failures=tuple(str(failure) for failure in said.get("failures") or ()),
        focus_event_id=str(said.get("focus_event_id") or ""),
        focus_kinds=said.get("focus_kinds") or {},
        scores=tuple(Scores(**scores) for scores in said.get("scores") or ()),
    )


def _object(line: bytes) -> Mapping[str, Any]:
    """The line's JSON object; empty for anything else, such as a stray print of a library."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
