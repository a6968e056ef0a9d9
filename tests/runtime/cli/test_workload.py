"""Reading what a workload says."""

from runtime.cli.workload import Report, follow


def test_progress_is_told_and_the_report_returned() -> None:
    """A JSON object a line."""
    seen: list[tuple[int, int]] = []
    lines = [
        b'{"done": 1, "total": 2}\n',
        b'{"done": 2, "total": 2}\n',
        b'{"summary": {"sent": 2}, "ok": false, "focus_event_id": "e1", "failures": ["one is missing"]}\n',
    ]

    report = follow(lines, lambda done, total: seen.append((done, total)))

    assert seen == [(1, 2), (2, 2)]
    assert report == Report({"sent": 2}, ok=False, focus_event_id="e1", failures=("one is missing",))


def test_what_is_no_json_object_is_passed_over() -> None:
    """A stray print of a library breaks nothing."""
    lines = [b"Downloading...\n", b"[1, 2]\n", b"\xff\n", b'{"summary": {}, "ok": true}\n']

    assert follow(lines, lambda _done, _total: None) == Report({}, ok=True)


def test_a_workload_that_dies_without_a_report_has_none() -> None:
    """Silence is no success."""
    assert follow([b'{"done": 1, "total": 2}\n'], lambda _done, _total: None) is None
