"""The books beside the runs: each kind of difference is found, and nothing else."""

import pytest

from runtime.causality import identity
from sample_agents.orders import books, reconciling
from sample_agents.orders.fates import Fate
from sample_agents.orders.journal import Journal
from sample_agents.orders.ledger import Entry, Kind

CENTS = 1_000


@pytest.fixture
def journal() -> Journal:
    """One order of each fate, ended as that has it."""
    found = Journal()
    for number, fate in enumerate(Fate, 1):
        found.subjects[number], found.fates[number] = f"O{number}", fate
        found.runs[number], found.ends[number] = identity.mint(), books.fails_in(fate) or "ok"
    return found


@pytest.fixture
def made(journal: Journal) -> list[Entry]:
    """The books that belong to it, and an entry of another workload."""
    due = {Kind.CHARGE: Fate.is_charged, Kind.REFUND: Fate.is_refunded, Kind.PARCEL: Fate.is_shipped}
    ours = [
        Entry(kind, f"k{number}", journal.subjects[number], CENTS)
        for number, fate in journal.fates.items()
        for kind, is_due in due.items()
        if is_due.fget(fate)
    ]
    return [*ours, Entry(Kind.CHARGE, "other", "another's", CENTS)]


def test_books_that_agree_with_the_runs_are_left_alone(journal: Journal, made: list[Entry]) -> None:
    """With what was kept as much as what was shipped."""
    asked = {journal.subjects[number]: fate.asks for number, fate in journal.fates.items()}
    sums = reconciling.sum_cents(made, journal.subjects.values())
    assert sums == {Kind.CHARGE: 7 * CENTS, Kind.REFUND: 3 * CENTS, Kind.PARCEL: 4 * CENTS}
    found = [
        *reconciling.check_ends(journal),
        *reconciling.check_entries(journal, made),
        *reconciling.check_refunds(made),
        *reconciling.check_requests(journal, asked),
        *reconciling.check_kept_money(sums),
    ]
    assert found == []


@pytest.mark.parametrize("kind", Kind)
def test_what_was_done_twice_is_found_also_under_another_key(kind: Kind, journal: Journal, made: list[Entry]) -> None:
    """An order that is charged with two keys pays twice, whatever the keys say."""
    first = next(entry for entry in made if entry.kind is kind)
    (words,) = reconciling.check_entries(journal, [*made, Entry(kind, "again", first.subject, CENTS)])
    assert f"have 2 {kind}(s) of order {first.subject}" in words


@pytest.mark.parametrize("kind", Kind)
def test_what_is_missing_is_found(kind: Kind, journal: Journal, made: list[Entry]) -> None:
    """A failed order without a refund, above all."""
    first = next(entry for entry in made if entry.kind is kind)
    (words,) = reconciling.check_entries(journal, [entry for entry in made if entry is not first])
    assert f"have 0 {kind}(s) of order {first.subject}" in words


def test_a_refund_of_an_order_that_went_through_is_found(journal: Journal, made: list[Entry]) -> None:
    """By the orders, and by the sums."""
    more = [*made, Entry(Kind.REFUND, "k1", "O1", CENTS)]
    assert list(reconciling.check_entries(journal, more)) == [
        "the books have 1 refund(s) of order O1 (goes through); there should be 0"
    ]
    assert list(reconciling.check_kept_money(reconciling.sum_cents(more, journal.subjects.values()))) == [
        "3000 cents were kept, and parcels worth 4000 were shipped"
    ]


def test_a_refund_of_another_sum_or_of_nothing_is_found(made: list[Entry]) -> None:
    """Each names the charge that it gives back."""
    wrong = [Entry(Kind.REFUND, "k1", "O1", 1), Entry(Kind.REFUND, "k99", "O99", 5)]
    assert list(reconciling.check_refunds([*made, *wrong])) == [
        "the refund of order O1 is 1 cents; 1000 were taken",
        "the refund of order O99 is 5 cents; None were taken",
    ]


def test_a_run_that_ended_otherwise_is_found(journal: Journal) -> None:
    """In another step, or not at all."""
    journal.ends[1] = "ship"
    del journal.ends[2]
    first, second = reconciling.check_ends(journal)
    assert "order O1 (goes through) has ended in 'ship'; it should have in 'ok'" in first
    assert "'nowhere'" in second


def test_a_recorded_call_that_was_made_again_is_found(journal: Journal) -> None:
    """And a lost answer that nobody asked for again; one request more of any other is allowed."""
    asked = {journal.subjects[number]: fate.asks for number, fate in journal.fates.items()}
    numbers = {fate: journal.subjects[number] for number, fate in journal.fates.items()}
    assert list(reconciling.check_requests(journal, asked | {numbers[Fate.PLAIN]: 2})) == []
    again = {numbers[Fate.CRASHED]: 2, numbers[Fate.LOST]: 1}
    assert len(list(reconciling.check_requests(journal, asked | again))) == 2
