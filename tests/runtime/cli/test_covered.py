"""A list of the collector's says which time it covers."""

import re

import pytest

from runtime.cli.tables import describe_window

WINDOW = {"start": "2026-01-01T10:00:00Z", "end": "2026-01-01T11:00:00.5Z"}


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (None, "of all time"),
        ({**WINDOW, "fallback": False}, r"of 20\d\d-\d\d-\d\d \d\d:\d\d:00 to 20\d\d-\d\d-\d\d \d\d:\d\d:00"),
        ({**WINDOW, "fallback": True}, r"of .+ to .+, the latest time with data"),
    ],
)
def test_the_time_is_said(window: dict[str, object] | None, told: str) -> None:
    """In the reader's own zone."""
    assert re.fullmatch(told, describe_window(window))
