"""The day book notes what was done once for each key, and each time that somebody asked."""

from pathlib import Path

from sample_agents.daybook import Daybook, Deed


def test_who_asks_again_with_a_key_gets_no_second_one(tmp_path: Path) -> None:
    """Both requests are noted."""
    book = Daybook(tmp_path / "book.sqlite")
    for _ in range(2):
        book.enter(Deed.BOOKED, "S1", "a")
    assert [(entry.deed, entry.subject) for entry in book.entries()] == [(Deed.BOOKED, "S1")]
    assert book.requests(Deed.BOOKED) == {"S1": 2}


def test_another_key_is_another_deed_and_so_is_another_kind(tmp_path: Path) -> None:
    """Who forgets the key is charged twice."""
    book = Daybook(tmp_path / "book.sqlite")
    for deed, key in ((Deed.TEXTED, "a"), (Deed.TEXTED, "b"), (Deed.INVOICED, "a")):
        book.enter(deed, "S1", key)
    assert sorted(entry.deed for entry in book.entries()) == [Deed.INVOICED, Deed.TEXTED, Deed.TEXTED]
