"""What a workload reports is read line by line, and what it promises to be seen is asked of the collector."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from runtime.cli import demo_report
from runtime.cli.demo_report import (
    ExpectedPicture,
    ExpectedRunCount,
    ExpectedScores,
    Report,
    ReportTable,
    explain_missing_traces,
    find_missing,
    follow_workload,
)
from runtime.errors import ServerError
from runtime.settings import Settings


def test_progress_is_told_and_the_report_returned() -> None:
    """A JSON object a line."""
    seen: list[tuple[int, int]] = []
    last = {
        "summary": {"sent": 2},
        "ok": False,
        "failures": ["one is missing"],
        "focus_event_id": "e1",
        "focus_kinds": {"run": 1},
        "scores": [{"workflow": "w", "step": "s", "n": 2, "right": 1}],
        "tables": [{"title": "t", "columns": ["a", "b"], "rows": [["1", 2]]}],
        "pictures": [{"id": "r1", "kinds": {"step": 3}}],
        "runs": [{"workflow": "w", "status": "ok", "n": 2}],
        "places": [["what failed", "/runs"]],
    }
    lines = [b'{"done": 1, "total": 2}\n', b'{"done": 2, "total": 2}\n', json.dumps(last).encode()]

    report = follow_workload(lines, lambda done, total: seen.append((done, total)))

    assert seen == [(1, 2), (2, 2)]
    assert report == Report(
        {"sent": 2},
        False,
        ("one is missing",),
        "e1",
        focus_kinds={"run": 1},
        scores=(ExpectedScores("w", "s", 2, 1),),
        tables=(ReportTable("t", ("a", "b"), (("1", "2"),)),),
        pictures=(ExpectedPicture("r1", {"step": 3}),),
        runs=(ExpectedRunCount("w", "ok", 2),),
        places=(("what failed", "/runs"),),
    )


def test_what_a_workload_says_on_the_way_is_handed_on() -> None:
    """Whoever drives it knows what to do with it; progress and the report are no part of that."""
    heard: list[object] = []
    lines = [b'{"act": "1."}\n', b'{"done": 1}\n', b'{"kill": "worker-1"}\n', b'{"summary": {}, "ok": true}\n']

    assert follow_workload(lines, lambda _done, _total: None, heard.append) == Report({}, ok=True)
    assert heard == [{"act": "1."}, {"kill": "worker-1"}]


def test_what_is_no_json_object_is_passed_over() -> None:
    """A stray print of a library breaks nothing."""
    lines = [b"Downloading...\n", b"[1, 2]\n", b"\xff\n", b'{"summary": {}, "ok": true}\n']

    assert follow_workload(lines, lambda _done, _total: None) == Report({}, ok=True)


def test_a_workload_that_dies_without_a_report_has_none() -> None:
    """Silence is no success."""
    assert follow_workload([b'{"done": 1, "total": 2}\n'], lambda _done, _total: None) is None


@pytest.mark.parametrize("ok", [True, False])
def test_what_else_did_not_happen_is_added(ok: bool) -> None:
    """Nothing more changes nothing; anything more breaks a promise."""
    report = Report({}, ok, ("one",))

    assert report.with_failures([]) == report
    assert report.with_failures(["two"]) == Report({}, False, ("one", "two"))


BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = "0190"
REPORT = Report(
    {},
    ok=True,
    focus_event_id=EVENT,
    focus_kinds={"run": 1, "step": 2, "dead_letter": 1},
    scores=(ExpectedScores("w", "s", 8, 7),),
)


class Collector:
    """Answers as the collector's API does, about one event and one step."""

    def __init__(self) -> None:
        self.kinds = ["run", "step", "step", "dead_letter"]
        self.holes: list[str] = []
        self.accuracy: dict[str, Any] = {"n": 8, "value": 7 / 8}
        self.fallback = False

    def ask(self, _url: str, path: str, _shape: type, parameters: dict[str, str] | None = None) -> Any:
        if path == f"/api/nodes/{EVENT}/causality":
            return {"nodes": [{"kind": kind} for kind in self.kinds], "holes": self.holes}
        assert (path, parameters) == ("/api/steps", {"start": BEGAN.isoformat()})
        return {
            "window": {"fallback": self.fallback},
            "items": [
                {"kind": "step", "workflow": "w", "step": "s", "accuracy": self.accuracy},
                {"kind": "delivery", "workflow": "w", "step": "s", "accuracy": {"n": 1, "value": 1.0}},
            ],
        }


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Collector:
    found = Collector()
    monkeypatch.setattr(demo_report, "ask_collector", found.ask)
    return found


def test_a_collector_that_shows_everything_lacks_nothing(collector: Collector) -> None:
    """More than was promised is no harm: somebody may have replayed meanwhile."""
    assert find_missing("", REPORT, BEGAN) == []
    collector.kinds.append("replay")
    assert find_missing("", REPORT, BEGAN) == []


def test_a_picture_without_a_node_of_a_kind_is_told(collector: Collector) -> None:
    """With how many of which kind."""
    collector.kinds = ["run", "step"]
    assert find_missing("", REPORT, BEGAN) == ["the picture of event 0190 lacks 1 step, 1 dead letter"]


def test_a_picture_with_a_hole_is_told(collector: Collector) -> None:
    """A cause that never arrived is missing, even where all kinds are there."""
    collector.holes = ["0191"]
    assert find_missing("", REPORT, BEGAN) == ["the picture of event 0190 lacks a cause that others name"]


@pytest.mark.parametrize(("n", "value", "words"), [(8, 1.0, "8, 8"), (7, 1.0, "7, 7"), (0, None, "0, 0")])
def test_other_scores_are_told(collector: Collector, n: int, value: float | None, words: str) -> None:
    """With what should be there."""
    collector.accuracy = {"n": n, "value": value}
    assert find_missing("", REPORT, BEGAN) == [
        f"step s should have 8 scores, 7 of them good; the collector knows {words} of them good"
    ]


def test_scores_of_an_earlier_workload_do_not_count(collector: Collector) -> None:
    """The collector falls back on them where it has no others."""
    collector.fallback = True
    assert len(find_missing("", REPORT, BEGAN)) == 1


def test_what_the_collector_refuses_is_told_in_its_words(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as an event that it does not know."""

    def refuse(*_: object) -> None:
        raise ServerError("there is no node 0190")

    monkeypatch.setattr(demo_report, "ask_collector", refuse)
    assert find_missing("", REPORT, BEGAN) == ["there is no node 0190"]


def test_settings_that_keep_spans_back_are_named() -> None:
    """There is nothing to wait for then."""
    assert explain_missing_traces(Settings(telemetry=True, sample_ratio=1)) == ""
    assert explain_missing_traces(Settings(telemetry=False)) == "nothing can be traced with CAUSELINE_TELEMETRY=false"
    assert (
        explain_missing_traces(Settings(sample_ratio=0.5)) == "not everything can be traced with a sample ratio of 0.5"
    )


def test_scores_of_a_name_are_told_apart_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question about an answer is not another."""
    scores = [{"name": "tests pass", "accuracy": {"n": 3, "value": 1 / 3}}]
    step = {"kind": "step", "workflow": "w", "step": "s", "accuracy": {"n": 9, "value": 1.0}, "scores": scores}
    monkeypatch.setattr(demo_report, "ask_collector", lambda *_: {"window": {"fallback": False}, "items": [step]})
    assert find_missing("", Report({}, ok=True, scores=(ExpectedScores("w", "s", 3, 1, "tests pass"),)), BEGAN) == []
    assert find_missing("", Report({}, ok=True, scores=(ExpectedScores("w", "s", 3, 1, "polite"),)), BEGAN) == [
        "step s should have 3 scores 'polite', 1 of them good; the collector knows 0, 0 of them good"
    ]


class Runs:
    """Answers about runs in pages of two, and with one picture."""

    def __init__(self, runs: int) -> None:
        self.left = runs
        self.fallback = False
        self.asked: list[dict[str, str]] = []

    def ask(self, _url: str, path: str, _shape: type, parameters: dict[str, str] | None = None) -> Any:
        if path == "/api/nodes/r1/causality":
            return {"nodes": [{"kind": "run"}, {"kind": "step"}, {"kind": "step"}], "holes": []}
        assert (path, parameters is not None) == ("/api/runs", True)
        self.asked.append(dict(parameters or {}))
        items, self.left = min(2, self.left), max(0, self.left - 2)
        return {"window": {"fallback": self.fallback}, "items": [{}] * items, "next": "on" if self.left else None}


def test_runs_are_counted_over_all_pages_of_the_time_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one workflow and one end; what is older is another's, also where the collector has nothing newer."""
    report = Report({}, ok=True, runs=(ExpectedRunCount("w", "failed", 3),))
    monkeypatch.setattr(demo_report, "ask_collector", (runs := Runs(3)).ask)
    assert find_missing("", report, BEGAN) == []
    first = {"workflow": "w", "status": "failed", "start": BEGAN.isoformat()}
    assert runs.asked == [first | {"cursor": None}, first | {"cursor": "on"}]
    few = Runs(3)
    few.fallback = True
    monkeypatch.setattr(demo_report, "ask_collector", few.ask)
    assert find_missing("", report, BEGAN) == ["3 runs of w have ended as failed; the collector knows 0"]


def test_a_picture_with_more_or_fewer_nodes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An undo that nobody should have made is a step too many."""
    monkeypatch.setattr(demo_report, "ask_collector", Runs(0).ask)
    assert find_missing("", Report({}, ok=True, pictures=(ExpectedPicture("r1", {"run": 1, "step": 2}),)), BEGAN) == []
    wrong = Report({}, ok=True, pictures=(ExpectedPicture("r1", {"step": 1, "dead_letter": 1}),))
    assert find_missing("", wrong, BEGAN) == ["the picture of r1 has 2 step instead of 1, 0 dead letter instead of 1"]
