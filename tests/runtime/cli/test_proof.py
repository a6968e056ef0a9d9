"""What a workload promises to be seen is asked of the collector; `test_demo` does so of a real one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from runtime.cli import proof
from runtime.cli.proof import left_out, missing
from runtime.cli.workload import Report, Scores
from runtime.errors import ServerError
from runtime.settings import Settings

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = "0190"
REPORT = Report(
    {},
    ok=True,
    focus_event_id=EVENT,
    focus_kinds={"run": 1, "step": 2, "dead_letter": 1},
    scores=(Scores("w", "s", 8, 7),),
)


class Collector:
    """Answers as the collector's API does, about one event and one step."""

    def __init__(self) -> None:
        self.kinds = ["run", "step", "step", "dead_letter"]
        self.holes: list[str] = []
        self.accuracy: dict[str, Any] = {"n": 8, "value": 7 / 8}
        self.fallback = False

    def ask(self, _url: str, path: str, parameters: dict[str, str] | None = None) -> Any:
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
    monkeypatch.setattr(proof, "ask", found.ask)
    return found


def test_a_collector_that_shows_everything_lacks_nothing(collector: Collector) -> None:
    """More than was promised is no harm: somebody may have replayed meanwhile."""
    assert missing("", REPORT, BEGAN) == []
    collector.kinds.append("replay")
    assert missing("", REPORT, BEGAN) == []


def test_a_picture_without_a_node_of_a_kind_is_told(collector: Collector) -> None:
    """With how many of which kind."""
    collector.kinds = ["run", "step"]
    assert missing("", REPORT, BEGAN) == ["the picture of event 0190 lacks 1 step, 1 dead letter"]


def test_a_picture_with_a_hole_is_told(collector: Collector) -> None:
    """A cause that never arrived is missing, even where all kinds are there."""
    collector.holes = ["0191"]
    assert missing("", REPORT, BEGAN) == ["the picture of event 0190 lacks a cause that others name"]


@pytest.mark.parametrize(("n", "value", "words"), [(8, 1.0, "8, 8"), (7, 1.0, "7, 7"), (0, None, "0, 0")])
def test_other_scores_are_told(collector: Collector, n: int, value: float | None, words: str) -> None:
    """With what should be there."""
    collector.accuracy = {"n": n, "value": value}
    assert missing("", REPORT, BEGAN) == [
        f"step s should have 8 scores, 7 of them good; the collector knows {words} of them good"
    ]


def test_scores_of_an_earlier_workload_do_not_count(collector: Collector) -> None:
    """The collector falls back on them where it has no others."""
    collector.fallback = True
    assert len(missing("", REPORT, BEGAN)) == 1


def test_what_the_collector_refuses_is_told_in_its_words(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as an event that it does not know."""

    def refuse(*_: object) -> None:
        raise ServerError("there is no node 0190")

    monkeypatch.setattr(proof, "ask", refuse)
    assert missing("", REPORT, BEGAN) == ["there is no node 0190"]


def test_settings_that_keep_spans_back_are_named() -> None:
    """There is nothing to wait for then."""
    assert left_out(Settings(telemetry=True, sample_ratio=1)) == ""
    assert left_out(Settings(telemetry=False)) == "nothing can be traced with CAUSELINE_TELEMETRY=false"
    assert left_out(Settings(sample_ratio=0.5)) == "not everything can be traced with a sample ratio of 0.5"
