"""What a tour promised, beside the day book."""

from pathlib import Path

import pytest

from sample_agents.daybook import Daybook, Deed
from sample_agents.proof import Proof


@pytest.fixture
def proof(tmp_path: Path) -> Proof:
    """Of a book with a text message too many."""
    book = Daybook(tmp_path / "book.sqlite")
    for subject, key in (("S1", "a"), ("S2", "b"), ("S2", "c"), ("S9", "d")):
        book.enter(Deed.TEXTED, subject, key)
    return Proof(book)


def test_what_was_done_twice_or_for_others_does_not_count_as_done_once(proof: Proof) -> None:
    """Nor does what was not done."""
    assert proof.count_once(Deed.TEXTED, ["S1", "S2", "S3"]) == 1
    assert proof.count_entries(Deed.TEXTED) == 4


def test_a_count_that_is_not_as_promised_is_a_failure(proof: Proof, capsys: pytest.CaptureFixture[str]) -> None:
    """Named with its act, said at once, and the tour is not well."""
    act = proof.act("outage")
    act("texts", 1, 2)
    act("letters", 3, at_least=1)
    assert proof.failures == ["outage: texts: 1; promised: 2"]
    assert proof.report()["ok"] is False
    assert [line for line in capsys.readouterr().out.splitlines() if "promised: 2" in line]
    assert proof.rows == [("outage", "texts", "1", "2"), ("outage", "letters", "3", "1 or more")]


def test_a_tour_that_keeps_all_is_well(proof: Proof, capsys: pytest.CaptureFixture[str]) -> None:
    """And its report has a row a promise."""
    proof.act("outage")("texts", 2, 2)
    report = proof.report()
    assert (report["ok"], report["tables"][0]["rows"]) == (True, [("outage", "texts", "2", "2")])
    assert capsys.readouterr().out
