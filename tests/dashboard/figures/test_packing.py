"""Bars find a sub-row where they cover nothing."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures import packing
from dashboard.figures.packing import Extent


def test_lanes_come_in_the_order_of_their_first_effect() -> None:
    """The picture reads from its upper left corner."""
    extents = [Extent("1", "late", 0, 1, 9.0), Extent("2", "early", 5, 6, 2.0), Extent("3", "late", 7, 8, 1.0)]
    assert packing.lanes(extents) == ["late", "early"]


def test_what_fits_behind_its_neighbour_shares_the_row() -> None:
    """A lane grows only as far as it must."""
    extents = [Extent("1", "a", 0, 10, 0), Extent("2", "a", 5, 12, 0), Extent("3", "a", 14, 20, 0)]
    assert packing.rows(extents, gap=4) == {"1": 0, "2": 1, "3": 0}


bars = st.builds(
    lambda lane, x0, wide: (lane, x0, x0 + wide), st.sampled_from("abc"), st.floats(0, 500), st.floats(6, 200)
)


@given(st.lists(bars, max_size=40), st.floats(0, 12))
def test_no_two_bars_of_one_row_ever_overlap(drawn: list[tuple[str, float, float]], gap: float) -> None:
    """However many there are, wherever they lie."""
    extents = [Extent(str(at), lane, x0, x1, x0) for at, (lane, x0, x1) in enumerate(drawn)]
    rows = packing.rows(extents, gap=gap)
    for one, other in combinations(extents, 2):
        if one.lane == other.lane and rows[one.node_id] == rows[other.node_id]:
            assert one.x1 <= other.x0 or other.x1 <= one.x0
