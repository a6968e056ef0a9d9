"""Axes: where values are, and the few marks that make them readable."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.figures import scale
from dashboard.figures.scale import Scale

BEGIN = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)


def texts(axis: Scale) -> list[str]:
    """What its marks say."""
    return [mark.text for mark in axis.marks]


@pytest.mark.parametrize(
    ("highest", "marks"),
    [
        (0, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (82, ["0", "25", "50", "75", "100"]),
        (9_000, ["0", "2.5 k", "5 k", "7.5 k", "10 k"]),
        (3_000_000, ["0", "1 M", "2 M", "3 M"]),
    ],
)
def test_counts_begin_at_none_and_are_whole(highest: float, marks: list[str]) -> None:
    """No attempt is half a one."""
    assert texts(scale.counts(highest)) == marks


@pytest.mark.parametrize(
    ("highest", "marks"),
    [
        (0.0, ["0", "1 ms", "2 ms", "3 ms", "4 ms"]),
        (0.02, ["0", "0.005 ms", "0.01 ms", "0.015 ms", "0.02 ms"]),
        (4.0, ["0", "1 ms", "2 ms", "3 ms", "4 ms"]),
        (1_800.0, ["0", "500 ms", "1 s", "1.5 s", "2 s"]),
        (100_000.0, ["0", "30 s", "1 min", "1.5 min", "2 min"]),
        (7_200_000.0, ["0", "30 min", "1 h", "1.5 h", "2 h"]),
        (4e9, ["0", "20 d", "40 d", "60 d"]),
    ],
)
def test_lengths_of_time_read_as_whole_numbers_of_their_unit(highest: float, marks: list[str]) -> None:
    """From microseconds to months."""
    assert texts(scale.lengths(highest)) == marks


@pytest.mark.parametrize("highest", [1e-12, 0.3, 17.0, 250_000.0, 3e10, 1e16])
def test_no_length_is_above_its_axis_nor_has_too_many_marks(highest: float) -> None:
    """Tiny and huge ones alike, and no two marks say the same."""
    axis = scale.lengths(highest)
    assert axis.high >= highest or highest > 1e15
    assert 2 <= len(axis.marks) <= 7 or highest > 1e15
    assert axis.place(highest) <= 1


def test_shares_end_at_all_and_begin_below_the_lowest() -> None:
    """What differs by little is seen."""
    assert texts(scale.shares()) == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    assert texts(scale.shares(0.83)) == ["80 %", "85 %", "90 %", "95 %", "100 %"]
    assert texts(scale.shares(-0.02))[0] == "0 %"
    assert texts(scale.shares(1.0))[-1] == "100 %"


def test_depths_are_whole_and_one_alone_is_in_the_middle() -> None:
    """Each has a mark while they have room."""
    assert texts(scale.depths(3)) == ["1", "2", "3"]
    assert scale.depths(1).place(1) == 0.5
    assert len(scale.depths(900).marks) <= 7


def test_sizes_double_from_mark_to_mark() -> None:
    """As far apart as each other, and few enough."""
    axis = scale.sizes([2, 4, 8], "bytes")
    low, middle, high = [axis.place(each) for each in (2, 4, 8)]
    assert middle - low == pytest.approx(high - middle)
    assert len(scale.sizes([2**at for at in range(40)], "bytes").marks) <= 13
    assert scale.sizes([], "bytes").place(1) == 0.5


@pytest.mark.parametrize(
    ("span", "marks"),
    [
        (timedelta(0), ["11:59:45", "12:00:00", "12:00:15", "12:00:30"]),
        (timedelta(minutes=1), ["12:00:15", "12:00:30", "12:00:45", "12:01:00"]),
        (timedelta(hours=1), ["12:15", "12:30", "12:45", "13:00"]),
        (timedelta(hours=24), ["18:00", "2 Mar", "06:00", "12:00"]),
        (timedelta(days=7), ["3 Mar", "5 Mar", "7 Mar"]),
    ],
)
def test_times_are_marked_where_the_clock_is_even(span: timedelta, marks: list[str]) -> None:
    """Of seconds and of days; another day is told where it begins."""
    assert texts(scale.times(BEGIN, BEGIN + span, UTC)) == marks


def test_times_are_the_readers_and_stay_at_whole_hours_when_summer_begins() -> None:
    """On the wall, where an hour is left out."""
    zone = ZoneInfo("Europe/Zurich")
    night = datetime(2026, 3, 28, 18, tzinfo=zone)
    axis = scale.times(night, night + timedelta(hours=24), zone)
    assert texts(axis) == ["18:00", "29 Mar", "06:00", "12:00", "18:00"]
    six = next(mark.at for mark in axis.marks if mark.text == "06:00")
    assert datetime.fromtimestamp(six, zone).hour == 6
