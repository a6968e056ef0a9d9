"""What an envelope says of when its event is of use."""

import json

import pytest

from runtime.bus.envelope import decode
from runtime.bus.timing import Timing
from tests.contract.made import CHANNEL, event


@pytest.mark.parametrize(
    "timing",
    [Timing(delay_ms=1), Timing(expires_ns=1_750_000_000_123_456_789), Timing(3_600_000, 1_750_000_000_000_000_000)],
)
def test_timing_travels_with_its_event(timing: Timing):
    """To the nanosecond."""
    assert decode(event(1, timing=timing).encode(), CHANNEL).timing == timing


def test_the_expiry_is_told_as_cloudevents_has_it():
    """The extension Expiry Time."""
    members = json.loads(event(1, timing=Timing(expires_ns=1_750_000_000_000_000_000)).encode())
    assert members["expirytime"] == "2025-06-15T15:06:40.000000000Z"
    assert "delayms" not in members


@pytest.mark.parametrize("said", [{}, {"expirytime": "soon"}, {"delayms": -5}, {"delayms": "²"}, {"delayms": None}])
def test_what_can_not_be_read_says_nothing(said: dict[str, object]):
    """An event is not lost for it."""
    members = json.loads(event(1).encode()) | said
    assert decode(json.dumps(members).encode(), CHANNEL).timing is None


def test_an_event_of_others_that_says_when_it_expires_is_believed():
    """In whole seconds, and in another zone."""
    members = json.loads(event(1).encode()) | {"expirytime": "2025-06-15T17:06:40+02:00"}
    assert decode(json.dumps(members).encode(), CHANNEL).timing == Timing(expires_ns=1_750_000_000_000_000_000)


def test_it_is_over_from_its_moment_on():
    """Not before, and never where none is said."""
    assert [Timing(expires_ns=5).is_over(now) for now in (4, 5, 6)] == [False, True, True]
    assert not Timing(delay_ms=5).is_over(6)
