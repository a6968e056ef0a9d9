"""Lost spans are counted, and said without flooding the log."""

import pytest

from runtime.telemetry.losses import Losses
from tests.runtime.telemetry.clocks import TurnedClock


def test_losses_are_counted_always_and_said_once_a_minute(caplog: pytest.LogCaptureFixture):
    """The first at once, later ones together, by reason."""
    clock = TurnedClock()
    losses = Losses(clock)
    losses.add(2, "full")
    losses.add(3, "full")
    losses.add(1, "refused")
    assert losses.total == 6
    assert [record.getMessage() for record in caplog.records] == ["2 spans were dropped: full. 2 since the start."]
    clock.turn(60)
    losses.add(1, "full")
    assert [record.getMessage() for record in caplog.records[1:]] == [
        "4 spans were dropped: full. 7 since the start.",
        "1 spans were dropped: refused. 7 since the start.",
    ]
