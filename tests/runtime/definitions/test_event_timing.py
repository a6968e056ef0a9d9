"""Delays and expiries as publishers say them."""

from datetime import timedelta
from typing import Any

import pytest

from runtime.bus.timing import Timing
from runtime.definitions.event_timing import build_timing
from runtime.errors import DefinitionError

NOW = 1_000_000_000


@pytest.mark.parametrize(
    ("delay", "expires", "expected"),
    [
        (None, None, None),
        (2, None, Timing(2000)),
        (timedelta(minutes=1), None, Timing(60_000)),
        (None, 0.5, Timing(0, NOW + 500_000_000)),
        (1, timedelta(seconds=2), Timing(1000, NOW + 2_000_000_000)),
    ],
)
def test_seconds_and_timedeltas_are_taken(delay: Any, expires: Any, expected: Timing | None):
    """Nothing said is nothing said."""
    assert build_timing("orders", delay, expires, NOW) == expected


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), float("inf"), "5", True, timedelta(0), timedelta(days=3651)])
@pytest.mark.parametrize("name", ["delay", "expires"])
def test_what_is_no_time_is_refused(name: str, wrong: Any):
    """The message names it, the channel, and what to give."""
    said = {"delay": None, "expires": None} | {name: wrong}
    with pytest.raises(DefinitionError, match=rf"^{name}= of an event for channel orders can't be .*give seconds"):
        build_timing("orders", said["delay"], said["expires"], NOW)


@pytest.mark.parametrize("expires", [1, 2])
def test_an_event_that_expires_before_it_comes_is_refused(expires: float):
    """Nobody would ever get it."""
    with pytest.raises(DefinitionError, match=r"can't expire after .* s, for it is held back for 2 s"):
        build_timing("orders", 2, expires, NOW)
