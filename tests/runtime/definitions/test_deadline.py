"""A deadline that can't be is refused where it is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runtime import App
from runtime.definitions.deadline import encode_deadline, encode_time_limit
from runtime.errors import DefinitionError


@pytest.mark.parametrize(
    ("given", "said"),
    [(None, ""), (90, "+90000"), (0.25, "+250"), (timedelta(hours=2), "+7200000")],
)
def test_a_deadline_is_seconds_or_a_timedelta(given: Any, said: str):
    """From the start of a run on."""
    assert encode_time_limit("workflow w", given) == encode_deadline("a run", given) == said


def test_a_start_may_say_a_moment():
    """With its zone; a workflow may not."""
    moment = datetime(2026, 11, 27, 21, 40, tzinfo=UTC)
    assert encode_deadline("a run", moment) == "1795815600000"
    with pytest.raises(DefinitionError, match="nobody knows in which time zone"):
        encode_deadline("a run", moment.replace(tzinfo=None))
    with pytest.raises(DefinitionError, match="the deadline of workflow w can't be datetime"):
        encode_time_limit("workflow w", moment)


@pytest.mark.parametrize("given", [0, -1, float("nan"), float("inf"), timedelta(0), "5m", True, 10**12, [], int])
def test_what_is_no_time_is_refused_when_it_is_declared(given: Any):
    """By the workflow's name."""
    with pytest.raises(DefinitionError, match="the deadline of workflow report can't be"):
        App("shop").workflow("report", deadline=given)
