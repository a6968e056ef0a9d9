"""The books of provider and carrier beside what became of the runs. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from sample_agents.orders import books
from sample_agents.orders.fates import Fate
from sample_agents.orders.journal import Journal
from sample_agents.orders.ledger import Entry, Kind


def check_ends(journal: Journal) -> Iterator[str]:
    """Orders whose runs have ended otherwise than their fate has it."""
    for number, fate in journal.fates.items():
        should = books.fails_in(fate) or "ok"
        is_so = journal.ends.get(number, "nowhere")
        if is_so != should:
            yield f"order {journal.subjects[number]} ({fate}) has ended in {is_so!r}; it should have in {should!r}"


def check_entries(journal: Journal, made: Iterable[Entry]) -> Iterator[str]:
    """Money that was taken, kept or given back, and parcels that were fetched, otherwise than once each where that was
    due, and not at all elsewhere. Counted by order, not by key: an order that is charged with two keys pays twice.

    Args:
        journal: of the workload.
        made: the books, also of other workloads.
    """
    counted = Counter((entry.kind, entry.subject) for entry in made)
    for number, fate in journal.fates.items():
        subject = journal.subjects[number]
        due = {Kind.CHARGE: fate.is_charged, Kind.REFUND: fate.is_refunded, Kind.PARCEL: fate.is_shipped}
        for kind, should in due.items():
            count = counted[kind, subject]
            if count != should:
                yield f"the books have {count} {kind}(s) of order {subject} ({fate}); there should be {int(should)}"


def sum_cents(made: Iterable[Entry], subjects: Iterable[str]) -> dict[Kind, int]:
    """Cents by kind of entry, of these orders alone."""
    known, cents = set(subjects), dict.fromkeys(Kind, 0)
    for entry in made:
        if entry.subject in known:
            cents[entry.kind] += entry.cents
    return cents


def check_kept_money(cents: Mapping[Kind, int]) -> Iterator[str]:
    """Whether what was kept is worth more or less than what was shipped."""
    left = cents[Kind.CHARGE] - cents[Kind.REFUND]
    if left != cents[Kind.PARCEL]:
        yield f"{left} cents were kept, and parcels worth {cents[Kind.PARCEL]} were shipped"


def check_refunds(made: Iterable[Entry]) -> Iterator[str]:
    """Refunds of another sum than the charge that they name, or of none."""
    made = list(made)
    charged = {entry.key: entry.cents for entry in made if entry.kind is Kind.CHARGE}
    for entry in made:
        if entry.kind is Kind.REFUND and charged.get(entry.key) != entry.cents:
            yield f"the refund of order {entry.subject} is {entry.cents} cents; {charged.get(entry.key)} were taken"


def check_requests(journal: Journal, asked: Mapping[str, int]) -> Iterator[str]:
    """Charges that were asked for less often than answers were lost, and those that were asked for again although an
    answer had been recorded.

    Args:
        journal: of the workload.
        asked: how often the provider was asked for a charge, by order.
    """
    for number, fate in journal.fates.items():
        subject = journal.subjects[number]
        count, should = asked.get(subject, 0), fate.asks
        # Whoever dies between an answer and its record asks once more than the fate says: allowed, and harmless.
        if count < should or (fate is Fate.CRASHED and count != should):
            yield f"the provider was asked {count} time(s) to charge order {subject} ({fate}); it should be {should}"
