"""Circles over channels."""

from hypothesis import given
from hypothesis import strategies as st

from collector.questions import loops

PARTS = [f"c{number}" for number in range(4)] + [f"s{number}" for number in range(4)]
CHANNELS = {part for part in PARTS if part.startswith("c")}
EDGES = st.dictionaries(st.sampled_from(PARTS), st.sets(st.sampled_from(PARTS)))


def test_what_comes_back_over_a_channel_is_a_loop_told_from_its_channel_on() -> None:
    """The shortest way round of each knot."""
    effects = {"c1": ["g"], "g": ["c2", "x"], "c2": ["h"], "h": ["c1"], "x": ["y"], "y": ["h"]}
    assert loops.find_loops(effects, {"c1", "c2"}) == [["c1", "g", "c2", "h"]]


def test_rounds_of_a_workflow_are_no_loop() -> None:
    """No channel lies on the way."""
    assert loops.find_loops({"review": ["revise"], "revise": ["review"], "c1": ["review"]}, {"c1"}) == []


def test_what_comes_back_right_away_is_a_loop_as_well() -> None:
    """A group that publishes to its own channel."""
    assert loops.find_loops({"c1": ["g"], "g": ["c1"]}, {"c1"}) == [["c1", "g"]]


@given(EDGES)
def test_a_loop_runs_along_what_there_is_and_there_is_one_where_a_channel_leads_back_to_itself(
    effects: dict[str, set[str]],
) -> None:
    """Whatever the picture is: by every pair of neighbours, for every channel that reaches itself by way of others."""
    found = loops.find_loops(effects, CHANNELS)
    for circle in found:
        assert circle[0] in CHANNELS
        assert len(set(circle)) == len(circle)
        assert all(after in effects[at] for at, after in zip(circle, [*circle[1:], circle[0]], strict=True))
    knots = {
        part
        for part in CHANNELS
        if any(_reaches(effects, after, part) for after in effects.get(part, ()) if after != part)
    }
    assert bool(found) == bool(knots)


def _reaches(effects: dict[str, set[str]], start: str, end: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        at = waiting.pop()
        if at == end:
            return True
        new = set(effects.get(at, ())) - seen
        seen |= new
        waiting += new
    return False
