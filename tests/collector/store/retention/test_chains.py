"""Chains as numbers alone: what is tied goes together, what is held holds all of its own."""

from hypothesis import given
from hypothesis import strategies as st

from collector.store.retention.chains import OldTrace, group_chains, make_portions

NUMBERS = st.integers(0, 11)


def trace(number: int, records: int = 1) -> OldTrace:
    """A trace that ended when its number says."""
    return OldTrace(str(number), number, number, number, records)


def test_a_chain_goes_whole_and_the_one_that_ended_first_goes_first() -> None:
    """0 and 5 belong together and ended with 5; 3 is held by 2."""
    traces = [trace(number) for number in range(6)]
    chains = group_chains(traces, [(0, 5), (2, 3)], [2])
    assert [[one.trace_id for one in chain] for chain in chains] == [["1"], ["4"], ["0", "5"]]


def test_portions_hold_whole_chains() -> None:
    """A chain that is too large has a portion of its own."""
    chains = [[trace(1, 2), trace(2, 2)], [trace(3, 3)], [trace(4, 90)], [trace(5, 1)]]
    dealt = [[one.trace_id for one in portion.traces] for portion in make_portions(chains, 5)]
    assert dealt == [["1", "2"], ["3"], ["4"], ["5"]]


@given(ties=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20), held=st.sets(NUMBERS, max_size=4))
def test_nothing_that_goes_is_tied_to_what_stays(ties: list[tuple[int, int]], held: set[int]) -> None:
    """However traces are tied, no tie has one end that goes and one that stays, or two chains."""
    chains = group_chains([trace(number) for number in range(12)], ties, held)
    of = {one.trace_id: index for index, chain in enumerate(chains) for one in chain}
    assert not {str(number) for number in held} & set(of)
    for one, other in ties:
        assert of.get(str(one)) == of.get(str(other))
