"""A step's charts: what is where, what pointing says, and what is told to those who can't see."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.models import Accuracy, AccuracyBand, AccuracyMeasure, LatencyBin, NodeKind, StepPoint
from dashboard.figures import step_charts
from dashboard.figures.chart import HEIGHT

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def points(*p95: float | None, every: timedelta = timedelta(minutes=1)) -> list[StepPoint]:
    """Buckets of time with a p95 each; half of each attempts failed."""
    return [
        StepPoint(
            start=BEGIN + at * every,
            attempts=0 if value is None else 2,
            errors=0 if value is None else 1,
            p50_ms=None if value is None else value / 2,
            p95_ms=value,
        )
        for at, value in enumerate(p95)
    ]


def band(first: int, value: float, workflow: str = "order", kind: NodeKind = NodeKind.STEP) -> AccuracyBand:
    """A share of right answers at a depth."""
    given = Accuracy(n=10, value=value, low=value - 0.1, high=min(value + 0.1, 1.0))
    return AccuracyBand(
        workflow=workflow, kind=kind, measure=AccuracyMeasure.DEPTH, first=first, last=first, accuracy=given
    )


def test_a_bucket_without_attempts_leaves_a_gap_in_the_line() -> None:
    """Nothing is known between, and nothing is said of it."""
    chart = step_charts.trend(points(4.0, 8.0, None, 2.0), UTC)
    assert [len(piece) for piece in chart.series[1].pieces] == [2, 1]
    assert [tip.head for tip in chart.tips] == ["12:00", "12:01", "12:03"]
    assert chart.tips[1].says == [(0, "p50 4 ms"), (1, "p95 8 ms")]
    assert chart.label == ("Latency over time: p50 from 1 ms to 4 ms, last 1 ms; p95 from 2 ms to 8 ms, last 2 ms")


def test_one_point_stands_in_the_middle() -> None:
    """Of the minute around it."""
    chart = step_charts.trend(points(4.0), UTC)
    assert chart.series[1].pieces == [[(0.5, 1.0)]]


@pytest.mark.parametrize("given", [[], points(None, None)], ids=["no bucket", "empty buckets"])
def test_no_point_is_told_in_words(given: list[StepPoint]) -> None:
    """And draws no line."""
    for chart in (step_charts.trend(given, UTC), step_charts.shares(given, UTC)):
        assert not any(series.pieces for series in chart.series)
        assert list(chart.tips) == []
        assert "nothing in this time" in chart.label


@pytest.mark.parametrize("value", [1e-9, 0.004, 7.5e10])
def test_tiny_and_huge_values_stay_within_the_plot(value: float) -> None:
    """Whatever their unit."""
    chart = step_charts.trend(points(value, value / 3), UTC)
    places = [each for series in chart.series for piece in series.pieces for point in piece for each in point]
    assert all(0 <= place <= 1 for place in places)
    assert len(chart.up.marks) <= 7


@pytest.mark.parametrize(("every", "head"), [(timedelta(seconds=5), "12:00:05"), (timedelta(days=1), "2 Mar 12:00")])
def test_moments_are_told_as_exactly_as_their_axis_needs(every: timedelta, head: str) -> None:
    """With seconds, or with the day."""
    assert step_charts.trend(points(1.0, 2.0, 3.0, every=every), UTC).tips[1].head == head


def test_what_failed_is_drawn_and_what_was_right_where_something_was_scored() -> None:
    """Two lines that are told apart by more than their colour."""
    found = points(4.0, 8.0)
    assert [series.name for series in step_charts.shares(found, UTC).series] == ["failed"]
    scored = [point.model_copy(update={"accuracy": 0.75}) for point in found]
    failed, right = step_charts.shares(scored, UTC).as_data()["series"]
    assert failed["pieces"][0][0][1] == 0.5
    assert right["pieces"][0][0][1] == 0.75
    assert failed["shape"] != right["shape"]


def test_a_histogram_has_a_bar_for_each_bin_with_attempts() -> None:
    """A lone bin does not fill the plot; its ends are told."""
    bins = [LatencyBin(low_ms=2**at, high_ms=2 ** (at + 1), count=at % 2 * 3) for at in range(12)]
    chart = step_charts.histogram(bins)
    assert len(chart.series[0].bars) == 6
    assert (len(chart.tips), chart.tips[1].says) == (12, [(0, "3 attempts")])
    assert [mark.text for mark in chart.across.marks][-1] == "4.1 s"
    assert chart.label.startswith("How long attempts take: 18 attempts from 2 ms to 4.1 s, most often 2 ms to 4 ms")
    alone = step_charts.histogram(bins[1:2])
    assert alone.series[0].bars == [(0.0, 0.125, 0.0, 1.0)]
    assert step_charts.histogram([]).label.endswith("nothing in this time")


def test_each_chain_has_its_line_with_intervals() -> None:
    """What reacted is dashed; many names get more room above the plot."""
    bands = [band(1, 0.9), band(3, 0.6), band(2, 0.8, kind=NodeKind.DELIVERY)]
    chart = step_charts.accuracy(bands, AccuracyMeasure.DEPTH)
    assert [(series.name, series.is_dashed) for series in chart.series] == [
        ("order, orchestrated", False),
        ("order, choreographed", True),
    ]
    assert [len(series.spreads) for series in chart.series] == [2, 1]
    assert [tip.head for tip in chart.tips] == ["Depth 1", "Depth 2", "Depth 3"]
    assert chart.label.endswith("order, orchestrated: 90 % at 1, 60 % at 3; order, choreographed: 80 % at 2")
    assert chart.height == HEIGHT
    many = [band(1, 0.9, workflow=str(number)) for number in range(8)]
    assert step_charts.accuracy(many, AccuracyMeasure.DEPTH).height > HEIGHT


def test_a_hostile_name_is_cut_and_stays_text() -> None:
    """The script makes no markup of it (`test_no_script_writes_markup`)."""
    name = '<svg onload="x">' + "a" * 500
    (series,) = step_charts.accuracy([band(1, 0.9, workflow=name)], AccuracyMeasure.DEPTH).series
    assert series.name.startswith('<svg onload="x">')
    assert len(series.name) < 70
