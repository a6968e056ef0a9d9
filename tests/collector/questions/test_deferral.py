"""What an attempt's attributes say of how long it was deferred; what can't be is left out."""

from datetime import UTC, datetime

import pytest

from collector.models import Deferral
from collector.questions import deferral
from runtime import semconv

SAID = {
    semconv.BREAKER: "carrier",
    semconv.DEFERRED: 3,
    semconv.DEFERRED_SINCE: "2026-01-01T00:00:00Z",
    semconv.DEFERRED_UNTIL: "2026-01-01T00:01:00Z",
}


def test_a_deferral_is_read_as_it_was_sent() -> None:
    """How often, since when, and until when."""
    since, until = (datetime(2026, 1, 1, 0, minute, tzinfo=UTC) for minute in (0, 1))
    assert deferral.parse_deferral(SAID) == Deferral(breaker="carrier", times=3, since=since, until=until)


@pytest.mark.parametrize(
    "wrong",
    [{semconv.DEFERRED: "often"}, {semconv.DEFERRED_SINCE: "then"}, {semconv.DEFERRED_UNTIL: None}],
    ids=str,
)
def test_what_can_not_be_is_left_out(wrong: dict[str, object]) -> None:
    """Senders are strangers."""
    assert deferral.parse_deferral(SAID | wrong) is None


def test_an_attempt_that_was_never_deferred_says_nothing() -> None:
    """Though a breaker guards it."""
    assert deferral.parse_deferral({semconv.BREAKER: "carrier"}) is None
