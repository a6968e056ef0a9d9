"""What steps have streamed is put together by step, from their present attempts."""

from typing import Any

from collector.models import RunStreamEvent, RunStreamKind
from dashboard.parts.streamed_text import TAIL, RunText, StepText


def event(kind: RunStreamKind, offset: int, step: str | None = None, **more: Any) -> RunStreamEvent:
    """One of a stream."""
    return RunStreamEvent(kind=kind, offset=offset, step=step, **more)


def chunk(offset: int, value: Any, step: str = "write", attempt: int = 1) -> RunStreamEvent:
    """A chunk."""
    return event(RunStreamKind.CHUNK, offset, step, attempt=attempt, value=value)


def test_texts_run_on_and_other_values_are_lines() -> None:
    """Each step for itself, in the order in which they first spoke."""
    streamed = RunText()
    streamed.add_events([chunk(1, "Hel"), chunk(2, 7, "count"), chunk(3, "lo"), chunk(4, {"ü": 1}), chunk(5, [2])])
    streamed.add_events([chunk(6, "!")])
    assert streamed.steps == {
        "write": StepText("write", 1, 'Hello\n{"ü": 1}\n[2]\n!'),
        "count": StepText("count", 1, "7\n"),
    }
    assert (streamed.last, streamed.is_over) == (6, False)


def test_another_attempt_takes_the_place_of_the_one_before() -> None:
    """By its mark, or by its first chunk where that is not kept any more."""
    streamed = RunText()
    streamed.add_events([chunk(1, "a"), event(RunStreamKind.ATTEMPT, 2, "write", attempt=2)])
    assert streamed.steps["write"] == StepText("write", 2)
    streamed.add_events([chunk(3, "b", attempt=2), chunk(4, "c", attempt=3)])
    assert streamed.steps["write"].text == "c"
    assert streamed.steps["write"].facts == "attempt 3: what earlier ones streamed is void"


def test_what_is_missing_is_counted() -> None:
    """Lost chunks by step, gone entries of the run; and its end is known."""
    streamed = RunText()
    streamed.add_events(
        [
            event(RunStreamKind.GAP, 9, count=9),
            event(RunStreamKind.LOST, 10, "write", attempt=1, count=2),
            chunk(11, "x" * (TAIL + 5)),
            event(RunStreamKind.END, 11),
        ]
    )
    assert (streamed.gone, streamed.is_over, streamed.last) == (9, True, 11)
    assert streamed.steps["write"].facts == "2 chunks lost · its beginning is not shown"
    assert len(streamed.steps["write"].text) == TAIL
