"""Provider and carrier: what they are asked for twice they do once, whatever becomes of their answers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sample_agents.orders import carrier
from sample_agents.orders.bank import AnswerLostError, Bank, CardDeclinedError
from sample_agents.orders.carrier import NobodyGoesThereError
from sample_agents.orders.fates import Fate, order
from sample_agents.orders.forms import Card, Receipt
from sample_agents.orders.ledger import Entry, Kind, Ledger

ORDER = order(7, 1)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Empty books."""
    return Ledger(tmp_path / "books.sqlite")


def test_the_same_key_takes_money_once_and_is_answered_alike(ledger: Ledger) -> None:
    """Another key takes it again: it is the key that protects the customer."""
    bank = Bank(ledger)
    assert [bank.charge("k1", "O1", ORDER) for _ in range(2)] == [Receipt(charge="k1", cents=ORDER.cents)] * 2
    assert ledger.entries() == [Entry(Kind.CHARGE, "k1", "O1", ORDER.cents)]
    bank.charge("k2", "O1", ORDER)
    assert [entry.key for entry in ledger.entries()] == ["k1", "k2"]
    assert ledger.requests(Kind.CHARGE) == {"O1": 3}


def test_a_lost_answer_has_taken_the_money(ledger: Ledger) -> None:
    """The first, or all of them: what was asked for is done once."""
    bank, first, never = Bank(ledger), order(7, 1, Fate.LOST), order(7, 2, Fate.UNHEARD)
    with pytest.raises(AnswerLostError, match="O1: it was made, or it was not"):
        bank.charge("k1", "O1", first)
    assert bank.charge("k1", "O1", first) == Receipt(charge="k1", cents=first.cents)
    for _ in range(3):
        with pytest.raises(AnswerLostError):
            bank.charge("k2", "O2", never)
    assert [entry.key for entry in ledger.entries()] == ["k1", "k2"]
    assert ledger.requests(Kind.CHARGE) == {"O1": 2, "O2": 3}


def test_a_refund_is_of_what_was_taken_and_made_once(ledger: Ledger) -> None:
    """Also where its first answer was lost; where nothing was taken there is nothing to give back."""
    bank = Bank(ledger)
    assert bank.refund("k1", Card.GOOD) == 0
    bank.charge("k1", "O1", ORDER)
    with pytest.raises(AnswerLostError, match="no answer to the refund for order O1"):
        bank.refund("k1", Card.DROPS_FIRST)
    assert bank.refund("k1", Card.DROPS_FIRST) == ORDER.cents
    assert ledger.entries()[1:] == [Entry(Kind.REFUND, "k1", "O1", ORDER.cents)]


def test_a_declined_card_is_not_worth_another_attempt_and_leaves_no_entry(ledger: Ledger) -> None:
    """Neither does a parcel that nobody takes."""
    with pytest.raises(CardDeclinedError):
        Bank(ledger).charge("k1", "O1", order(7, 1, Fate.DECLINED))
    with pytest.raises(NobodyGoesThereError):
        carrier.book(ledger, "k1", "O1", order(7, 1, Fate.UNDELIVERABLE))
    assert ledger.entries() == []


def test_a_parcel_is_fetched_once(ledger: Ledger) -> None:
    """Its number is the order's."""
    assert [carrier.book(ledger, "k1", "O1", ORDER) for _ in range(2)] == ["P-O1"] * 2
    assert ledger.entries() == [Entry(Kind.PARCEL, "k1", "O1", ORDER.cents)]


def test_many_at_once_are_entered_one_after_the_other(ledger: Ledger) -> None:
    """Workers are several processes: two of them with one key make one entry."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda place: Bank(ledger).charge(f"k{place % 4}", f"O{place % 4}", ORDER), range(16)))
    assert sorted(entry.key for entry in ledger.entries()) == ["k0", "k1", "k2", "k3"]
    assert set(ledger.requests(Kind.CHARGE).values()) == {4}
