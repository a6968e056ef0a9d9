"""Moments become places, and idle gaps become breaks."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures import timescale

WIDTH = 560.0


def test_an_idle_gap_over_a_fifth_becomes_one_break_of_fixed_width() -> None:
    """A replay tomorrow does not squeeze today's chain to a pixel."""
    day = 86_400_000.0
    scale = timescale.build([(0, 1_000), (day, day + 1_000)], WIDTH)
    assert [gap.millis for gap in scale.breaks] == [day - 1_000]
    assert scale.breaks[0].x1 - scale.breaks[0].x0 == timescale.BREAK_WIDTH
    assert scale.place(1_000) - scale.place(0) > WIDTH / 3


def test_a_gap_of_less_than_a_fifth_is_drawn_to_scale() -> None:
    """Short waits stay what they are."""
    scale = timescale.build([(0, 500), (600, 1_000)], WIDTH)
    assert scale.breaks == ()
    assert scale.place(500) == WIDTH / 2


def test_an_hour_is_a_break_once_a_day_is_gone() -> None:
    """Whether a gap is wide is asked of what is still drawn."""
    hour, day = 3_600_000.0, 86_400_000.0
    scale = timescale.build([(0, 1_000), (hour, hour + 1_000), (day, day + 1_000)], WIDTH)
    assert len(scale.breaks) == 2


def test_a_picture_of_one_moment_has_a_place_for_it() -> None:
    """Nothing is divided by a span of nought."""
    scale = timescale.build([(5, 5)], WIDTH)
    assert 0 <= scale.place(5) <= WIDTH


def test_nothing_at_all_still_makes_a_scale() -> None:
    """An empty picture is no error."""
    assert timescale.build([], WIDTH).breaks == ()


moments = st.floats(0, 1e9, allow_nan=False)


@given(st.lists(st.tuples(moments, moments).map(lambda pair: (min(pair), max(pair))), min_size=1, max_size=30))
def test_later_is_never_further_left_and_nothing_leaves_the_picture(busy: list[tuple[float, float]]) -> None:
    """Whatever happened when, its order is kept."""
    scale = timescale.build(busy, WIDTH)
    every = sorted(moment for interval in busy for moment in interval)
    places = [scale.place(moment) for moment in every]
    assert all(one <= other + 1e-6 for one, other in pairwise(places))
    assert places[0] >= -1e-6
    assert places[-1] <= max(segment.x1 for segment in scale.segments) + 1e-6
