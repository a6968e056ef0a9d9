"""What a run streams, as it is printed."""

import json
from typing import Any

import pytest

from runtime.cli.streams import StreamPrinter
from runtime.redaction.redactor import Redactor
from runtime.runs.streams import StreamEvent, StreamEventKind

TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture
def printer() -> StreamPrinter:
    """One that has printed nothing yet."""
    return StreamPrinter(Redactor())


def chunk(value: Any, step: str = "write", attempt: int = 1, offset: int = 1) -> StreamEvent:
    """A chunk."""
    return StreamEvent(StreamEventKind.CHUNK, offset, step, attempt, 5, value)


def printed(printer: StreamPrinter, *events: StreamEvent) -> str:
    """All that is printed of events."""
    return "".join(printer.format_event(event).plain for event in events)


def test_texts_of_one_step_run_on(printer: StreamPrinter) -> None:
    """Who speaks is said when that is another; other values have lines of their own."""
    end = StreamEvent(StreamEventKind.END, 6, status="ok")
    events = [chunk("Hel"), chunk("lo\nyou"), chunk({"ü": 1}), chunk("x", "check"), chunk("!"), end]
    assert printed(printer, *events) == (
        "--- step write, attempt 1 ---\n"
        "Hello\nyou\n"
        '{"ü": 1}\n'
        "--- step check, attempt 1 ---\n"
        "x\n"
        "--- step write, attempt 1 ---\n"
        "!\n"
        "--- the run is ok ---\n"
    )


def test_what_is_missing_or_void_is_said(printer: StreamPrinter) -> None:
    """With how much, and why the run failed."""
    events = [
        StreamEvent(StreamEventKind.GAP, 7, count=7),
        chunk("a"),
        StreamEvent(StreamEventKind.ATTEMPT, 9, "write", 2, 5),
        chunk("b", attempt=2),
        StreamEvent(StreamEventKind.LOST, 11, "write", 2, 5, count=3),
        StreamEvent(StreamEventKind.END, 11, status="failed", error="OSError: no route"),
    ]
    assert printed(printer, *events) == (
        "--- 7 entries up to offset 7 are kept no longer ---\n"
        "--- step write, attempt 1 ---\n"
        "a\n"
        "--- step write begins anew, attempt 2: what it has streamed before is void ---\n"
        "b\n"
        "--- 3 chunks of step write could not be written down ---\n"
        "--- the run is failed: OSError: no route ---\n"
    )


def test_secrets_and_control_characters_are_not_printed(printer: StreamPrinter) -> None:
    """Neither in texts nor below names of secrets."""
    told = printed(printer, chunk(f"use {TOKEN}\x1b[31m"), chunk({"password": "x7-hidden"}))
    assert TOKEN not in told
    assert "hidden" not in told
    assert "\x1b" not in told
    assert "hidden" not in printer.as_json(chunk({"password": "x7-hidden"}))


def test_each_event_is_a_line_of_json(printer: StreamPrinter) -> None:
    """A chunk has its value, also where that is null; others have what they say."""
    end = StreamEvent(StreamEventKind.END, 3, status="failed", error="OSError")
    assert [json.loads(printer.as_json(event)) for event in (chunk(None), end)] == [
        {"kind": "chunk", "offset": 1, "step": "write", "attempt": 1, "at_ms": 5, "value": None},
        {"kind": "end", "offset": 3, "status": "failed", "error": "OSError"},
    ]
