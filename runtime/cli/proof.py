"""Whether the collector shows what a workload promises to be seen."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runtime.cli.asking import ask
from runtime.cli.workload import Report, Scores
from runtime.errors import CauselineError
from runtime.settings import Settings


def missing(collector: str, report: Report, began: datetime) -> list[str]:
    """What the collector does not show (yet), in sentences.

    Args:
        collector: its address.
        report: names an event to look at, the kinds of nodes around it, and the scores of steps.
        began: before the workload did; what is older is another's.
    """
    try:
        return [*_untraced(collector, report), *_unscored(collector, report, began)]
    except CauselineError as error:
        return [str(error)]


def left_out(settings: Settings) -> str:
    """Why what happened can't all be shown, where a setting keeps it from the collector; else empty."""
    if not settings.telemetry:
        return "nothing can be traced with CAUSELINE_TELEMETRY=false"
    if settings.sample_ratio < 1:
        return f"not everything can be traced with a sample ratio of {settings.sample_ratio:g}"
    return ""


def _untraced(collector: str, report: Report) -> list[str]:
    if not report.focus_event_id:
        return []
    graph = ask(collector, f"/api/nodes/{report.focus_event_id}/causality")
    found = Counter(str(node["kind"]) for node in graph["nodes"])
    lacking = Counter(report.focus_kinds) - found
    if not lacking and not graph["holes"]:
        return []
    words = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in lacking.items())
    return [f"the picture of event {report.focus_event_id} lacks {words or 'a cause that others name'}"]


def _unscored(collector: str, report: Report, began: datetime) -> list[str]:
    if not report.scores:
        return []
    answer = ask(collector, "/api/steps", {"start": began.isoformat()})
    steps = [] if answer["window"].get("fallback") else answer["items"]
    found = {(step["workflow"], step["step"]): step["accuracy"] for step in steps if step["kind"] == "step"}
    return [
        failure for scores in report.scores if (failure := _judged(scores, found.get((scores.workflow, scores.step))))
    ]


def _judged(scores: Scores, accuracy: Mapping[str, Any] | None) -> str:
    n, share = (accuracy["n"], accuracy["value"] or 0.0) if accuracy else (0, 0.0)
    if (n, round(n * share)) == (scores.n, scores.right):
        return ""
    return (
        f"step {scores.step} should have {scores.n} scores, {scores.right} of them good; "
        f"the collector knows {n}, {n * share:.0f} of them good"
    )
