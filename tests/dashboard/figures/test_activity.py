"""Bars of what happened when."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.models import ActivityPoint
from dashboard.figures import activity

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("buckets", "every"), [(1, 1), (10, 1), (30, 3), (60, 6)])
def test_few_enough_times_are_named_to_be_read(buckets: int, every: int) -> None:
    """At most ten, evenly apart."""
    points = [
        ActivityPoint(start=BEGIN + timedelta(minutes=at), runs=0, events=0, deliveries=1, errors=0, dead_letters=0)
        for at in range(buckets)
    ]
    named = activity.bars(points, UTC).to_dict()["encoding"]["x"]["axis"]["values"]
    assert named == [f"12:{minute:02d}" for minute in range(0, buckets, every)]
