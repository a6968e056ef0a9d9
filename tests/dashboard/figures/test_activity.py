"""Bars of what happened when."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.models import ActivityPoint
from dashboard.figures import activity

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def points(buckets: int, **counts: int) -> list[ActivityPoint]:
    """A bucket a minute, in each of which the same happened."""
    usual = {"runs": 0, "events": 0, "deliveries": 1, "errors": 0, "dead_letters": 0} | counts
    return [ActivityPoint(start=BEGIN + timedelta(minutes=at), **usual) for at in range(buckets)]


@pytest.mark.parametrize(("buckets", "every"), [(1, None), (10, 5), (30, 10), (60, 15)])
def test_few_enough_times_are_named_to_be_read(buckets: int, every: int | None) -> None:
    """Where the clock is even."""
    named = [mark.text for mark in activity.bars(points(buckets), UTC).across.marks]
    if every is None:
        assert named == ["12:00:00", "12:00:15", "12:00:30", "12:00:45", "12:01:00"]
    else:
        assert named == [f"{12 + minute // 60}:{minute % 60:02d}" for minute in range(0, buckets + 1, every)]


def test_what_went_wrong_stands_at_the_foot_of_its_bar() -> None:
    """One on top of the other, as high as all of them together."""
    chart = activity.bars(points(2, dead_letters=1, errors=2, deliveries=1), UTC)
    dead, failed, done = [series.bars for series in chart.series]
    assert dead == [(0.0, 0.5, 0.0, 0.25), (0.5, 1.0, 0.0, 0.25)]
    assert [bar[2:] for bar in failed] == [(0.25, 0.75)] * 2
    assert [bar[2:] for bar in done] == [(0.75, 1.0)] * 2


def test_a_bucket_says_what_happened_in_it() -> None:
    """Also that nothing did; what was not there is left out."""
    tips = activity.bars([*points(1, dead_letters=3), *points(2, deliveries=0)[1:]], UTC).tips
    assert [(tip.head, tip.says) for tip in tips] == [
        ("12:00", [(0, "3 dead letters"), (2, "1 deliveries")]),
        ("12:01", [(2, "0 deliveries")]),
    ]


def test_nothing_at_all_is_no_error() -> None:
    """And is said to those who can't see it."""
    assert activity.bars([], UTC).as_data()["label"] == "Activity: 0 dead letters, 0 failed attempts, 0 deliveries"
