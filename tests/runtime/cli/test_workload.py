"""Reading what a workload says."""

import json

import pytest

from runtime.cli.workload import Report, Scores, follow


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
    }
    lines = [b'{"done": 1, "total": 2}\n', b'{"done": 2, "total": 2}\n', json.dumps(last).encode()]

    report = follow(lines, lambda done, total: seen.append((done, total)))

    assert seen == [(1, 2), (2, 2)]
    assert report == Report(
        {"sent": 2}, False, ("one is missing",), "e1", focus_kinds={"run": 1}, scores=(Scores("w", "s", 2, 1),)
    )


def test_what_is_no_json_object_is_passed_over() -> None:
    """A stray print of a library breaks nothing."""
    lines = [b"Downloading...\n", b"[1, 2]\n", b"\xff\n", b'{"summary": {}, "ok": true}\n']

    assert follow(lines, lambda _done, _total: None) == Report({}, ok=True)


def test_a_workload_that_dies_without_a_report_has_none() -> None:
    """Silence is no success."""
    assert follow([b'{"done": 1, "total": 2}\n'], lambda _done, _total: None) is None


@pytest.mark.parametrize("ok", [True, False])
def test_what_else_did_not_happen_is_added(ok: bool) -> None:
    """Nothing more changes nothing; anything more breaks a promise."""
    report = Report({}, ok, ("one",))

    assert report.less([]) == report
    assert report.less(["two"]) == Report({}, False, ("one", "two"))
