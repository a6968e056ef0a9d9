"""What few things are so is known for as long as nothing but additions may have changed it."""

import pyarrow as pa

from collector.store.shortlist import Shortlist

FIRST, LATER = (1, 1), (1, 2)
ONE, TWO = (pa.table({"id": pa.array([bytes([number] * 16)])}) for number in (1, 2))


def test_a_snapshot_is_told_what_was_found_until_it_or_before() -> None:
    """Also one that was opened before somebody looked last."""
    shortlist = Shortlist()
    assert shortlist.get(FIRST, 10) is None
    shortlist.keep(ONE, FIRST, 10)
    shortlist.keep(TWO, FIRST, 20)
    assert [shortlist.get(FIRST, as_of) for as_of in (9,)] == [None]
    found = [listed for as_of in (10, 19, 20, 30) if (listed := shortlist.get(FIRST, as_of)) is not None]
    assert [(listed.ids, listed.as_of) for listed in found] == [(ONE, 10), (ONE, 10), (TWO, 20), (TWO, 20)]


def test_what_an_older_snapshot_finds_is_not_told_to_newer_ones() -> None:
    """Nor is anything told to a snapshot of another version."""
    shortlist = Shortlist()
    shortlist.keep(ONE, LATER, 20)
    shortlist.keep(TWO, FIRST, 30)
    shortlist.keep(TWO, LATER, 15)
    assert shortlist.get(FIRST, 40) is None
    listed = shortlist.get(LATER, 40)
    assert listed is not None
    assert listed.ids is ONE


def test_that_there_are_too_many_is_looked_at_again_after_a_minute() -> None:
    """There may be fewer then."""
    shortlist = Shortlist()
    shortlist.keep(None, FIRST, 0)
    known = shortlist.get(FIRST, 60 * 10**6)
    assert known is not None
    assert known.ids is None
    assert shortlist.get(FIRST, 60 * 10**6 + 1) is None
