"""What a demo workload reports, and whether the collector shows what it promises."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from runtime.cli.collector_answers import Accuracy, CausalGraph, RunPage, StepFigures, StepList
from runtime.cli.collector_api import ask_collector
from runtime.errors import CauselineError
from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class ExpectedScores:
    """The scores that a step must have: how many, and how many of them good; of this name, else those that were given
    most often."""

    workflow: str
    step: str
    n: int
    right: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedPicture:
    """The causal picture of a node must have so many nodes of each kind, and no others of these kinds."""

    id: str
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ExpectedRunCount:
    """So many runs of a workflow must have ended so since the work began: `ok` or `failed`."""

    workflow: str
    status: str
    n: int


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Figures that want rows and columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A workload's last line.

    summary          what it did, in numbers
    ok               whether everything promised happened
    failures         what did not happen, in sentences
    focus_event_id   an event worth looking at
    focus_kinds      how many nodes of each kind its picture must have
    scores           of the steps that are judged
    tables           printed above the summary
    pictures         further nodes worth looking at
    runs             how many ended how
    places           where else to look in the dashboard: words, and a path such as `/steps`
    """

    summary: Mapping[str, Any]
    ok: bool
    failures: tuple[str, ...] = ()
    focus_event_id: str = ""
    focus_kinds: Mapping[str, int] = field(default_factory=dict)
    scores: tuple[ExpectedScores, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    pictures: tuple[ExpectedPicture, ...] = ()
    runs: tuple[ExpectedRunCount, ...] = ()
    places: tuple[tuple[str, str], ...] = ()

    def with_failures(self, failures: Iterable[str]) -> "Report":
        """The same report, with more that did not happen."""
        more = tuple(failures)
        return replace(self, ok=self.ok and not more, failures=(*self.failures, *more))


def follow_workload(
    lines: Iterable[bytes],
    progress: Callable[[int, int], None],
    hear: Callable[[Mapping[str, Any]], None] = lambda _said: None,
) -> Report | None:
    """Reads a workload to its end.

    Args:
        lines: its stdout.
        progress: told how much is done, and of how much.
        hear: told what else it says, such as `{"act": "words"}`.

    Returns:
        Its report; None when it ends without one.
    """
    report = None
    for line in lines:
        said = _parse_object(line)
        if "summary" in said:
            report = _parse_report(said)
        elif "done" in said:
            progress(int(said["done"]), int(said.get("total", 0)))
        elif said:
            hear(said)
    return report


def _parse_report(said: Mapping[str, Any]) -> Report:
    return Report(
        summary=said["summary"],
        ok=bool(said.get("ok")),
        failures=tuple(str(failure) for failure in said.get("failures") or ()),
        focus_event_id=str(said.get("focus_event_id") or ""),
        focus_kinds=said.get("focus_kinds") or {},
        scores=tuple(ExpectedScores(**scores) for scores in said.get("scores") or ()),
        tables=tuple(_parse_table(table) for table in said.get("tables") or ()),
        pictures=tuple(ExpectedPicture(**picture) for picture in said.get("pictures") or ()),
        runs=tuple(ExpectedRunCount(**count) for count in said.get("runs") or ()),
        places=tuple((str(words), str(path)) for words, path in said.get("places") or ()),
    )


def _parse_table(said: Mapping[str, Any]) -> ReportTable:
    columns, rows = (str(one) for one in said["columns"]), (tuple(map(str, row)) for row in said["rows"])
    return ReportTable(str(said["title"]), tuple(columns), tuple(rows))


def _parse_object(line: bytes) -> Mapping[str, Any]:
    """The line's JSON object; empty for anything else, such as a stray print of a library."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def find_missing(collector: str, report: Report, began: datetime) -> list[str]:
    """What the collector does not show (yet), in sentences.

    Args:
        collector: its address.
        report: names an event to look at, the kinds of nodes around it, and the scores of steps.
        began: before the workload did; what is older is another's.
    """
    try:
        return [
            *_check_focus_event(collector, report),
            *_check_scores(collector, report, began),
            *(failure for picture in report.pictures if (failure := _check_picture(collector, picture))),
            *(failure for count in report.runs if (failure := _check_run_count(collector, count, began))),
        ]
    except CauselineError as error:
        return [str(error)]


def explain_missing_traces(settings: Settings) -> str:
    """Why what happened can't all be shown, where a setting keeps it from the collector; else empty."""
    if not settings.telemetry:
        return "nothing can be traced with CAUSELINE_TELEMETRY=false"
    if settings.sample_ratio < 1:
        return f"not everything can be traced with a sample ratio of {settings.sample_ratio:g}"
    return ""


def _check_focus_event(collector: str, report: Report) -> list[str]:
    if not report.focus_event_id:
        return []
    graph = ask_collector(collector, f"/api/nodes/{report.focus_event_id}/causality", CausalGraph)
    found = Counter(str(node["kind"]) for node in graph["nodes"])
    lacking = Counter(report.focus_kinds) - found
    if not lacking and not graph.get("holes"):
        return []
    words = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in lacking.items())
    return [f"the picture of event {report.focus_event_id} lacks {words or 'a cause that others name'}"]


def _check_picture(collector: str, picture: ExpectedPicture) -> str:
    graph = ask_collector(collector, f"/api/nodes/{picture.id}/causality", CausalGraph)
    found = Counter(str(node["kind"]) for node in graph["nodes"])
    should = {kind: count for kind, count in picture.kinds.items() if count != found[kind]}
    if not should and not graph.get("holes"):
        return ""
    words = ", ".join(f"{found[kind]} {kind.replace('_', ' ')} instead of {count}" for kind, count in should.items())
    return f"the picture of {picture.id} has {words or 'a cause that others name'}"


def _check_run_count(collector: str, count: ExpectedRunCount, began: datetime) -> str:
    found, cursor = 0, None
    while True:
        asked = {"workflow": count.workflow, "status": count.status, "start": began.isoformat(), "cursor": cursor}
        page = ask_collector(collector, "/api/runs", RunPage, asked)
        found += 0 if page["window"] and page["window"]["fallback"] else len(page["items"])
        cursor = page["next"]
        if cursor is None:
            break
    if found == count.n:
        return ""
    return f"{count.n} runs of {count.workflow} have ended as {count.status}; the collector knows {found}"


def _check_scores(collector: str, report: Report, began: datetime) -> list[str]:
    if not report.scores:
        return []
    answer = ask_collector(collector, "/api/steps", StepList, {"start": began.isoformat()})
    steps = [] if answer["window"]["fallback"] else answer["items"]
    found = {(step["workflow"], step["step"]): step for step in steps if step["kind"] == "step"}
    return [
        failure
        for scores in report.scores
        if (failure := _compare_scores(scores, _find_accuracy(found.get((scores.workflow, scores.step)), scores.name)))
    ]


def _find_accuracy(step: StepFigures | None, name: str) -> Accuracy | None:
    if step is None or not name:
        return step and step["accuracy"]
    return next((score["accuracy"] for score in step["scores"] if score["name"] == name), None)


def _compare_scores(scores: ExpectedScores, accuracy: Accuracy | None) -> str:
    n, share = (accuracy["n"], accuracy["value"] or 0.0) if accuracy else (0, 0.0)
    if (n, round(n * share)) == (scores.n, scores.right):
        return ""
    return (
        f"step {scores.step} should have {scores.n} scores{f' {scores.name!r}' if scores.name else ''}, "
        f"{scores.right} of them good; "
        f"the collector knows {n}, {n * share:.0f} of them good"
    )
