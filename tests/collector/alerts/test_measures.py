"""Amounts as people read them."""

import pytest

from collector.alerts.measures import format_duration


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.012, "12 ms"),
        (3.4, "3.4 s"),
        (59.0, "59 s"),
        (59.99, "1 min"),
        (60.0, "1 min"),
        (90.0, "1.5 min"),
        (900.0, "15 min"),
        (7_199.3, "2 h"),
        (7_200.0, "2 h"),
        (5_400.0, "1.5 h"),
        (86_400.0 * 3, "3 d"),
    ],
)
def test_a_length_is_rounded(seconds: float, told: str) -> None:
    """A clock that is two hours ahead was said to be ahead by one."""
    assert format_duration(seconds) == told
