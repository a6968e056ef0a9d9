"""What is not as promised is said in sentences, from the books of the outside world."""

import json
from uuid import UUID

from sample_agents.daybook import Entry
from sample_agents.migration import outcome
from sample_agents.migration.books import SECONDS, Tally, tallies
from sample_agents.migration.journal import Act, Journal


def week() -> tuple[Journal, list[Entry]]:
    """Two payments of which the second was done by handlers, all as it should be."""
    journal = Journal(subjects={1: "P1", 2: "P2"}, runs={1: UUID(int=1), 2: UUID(int=2)}, took={1: 9, 2: 5})
    journal.stages = {1: (), 2: outcome.MOVED}
    journal.acts = [Act(3, "loyalty", "found wrong", 9, 4, "55 %", 2)]
    journal.acts += [Act(5, step, "moved", 9, 0, "100 %", 2) for step in outcome.MOVED]
    entries = [Entry(f"{work} by step", "P1", 0) for work in SECONDS]
    entries += [Entry(f"{work} by step", "P2", 0) for work in ("authorise", "settle")]
    entries += [Entry(f"{work} by handler", "P2", 0) for work in outcome.MOVED]
    return journal, entries


def test_a_week_in_which_all_went_well_has_no_failures():
    """Its report can be sent as JSON."""
    found = outcome.examine(*week())
    assert (found["failures"], found["ok"]) == ([], True)
    assert (found["summary"]["lost"], found["summary"]["done twice"]) == (0, 0)
    json.dumps(found)


def test_payments_are_told_by_what_was_moved_in_whichever_order():
    """One that was moved back, and again, is the last of them then."""
    journal, entries = week()
    journal.subjects[3], journal.runs[3], journal.took[3] = "P3", UUID(int=3), 7
    journal.stages[3] = outcome.MOVED[::-1]
    (latency,) = [one for one in outcome.examine(journal, entries)["tables"] if "payments" in one["columns"]]
    assert latency["rows"] == [["none", "1", "9 ms", "9 ms"], [", ".join(outcome.MOVED), "2", "6 ms", "7 ms"]]


def test_what_is_lost_or_done_twice_is_found_in_the_books():
    """By its step and its successor, or twice by one of them; what is of no payment of ours is nobody's."""
    journal, entries = week()
    entries = [one for one in entries if (one.deed, one.subject) != ("receipt by handler", "P2")]
    entries += [Entry("loyalty by step", "P2", 0), Entry("settle by step", "P1", 0), Entry("settle by step", "P9", 0)]
    assert outcome.examine(journal, entries)["failures"] == [
        "receipt: 1 payments have none",
        "settle: 1 payments have several",
        "loyalty: 1 payments have several",
    ]


def test_a_tally_says_who_did_the_work():
    """By kind of work."""
    _, entries = week()
    found = {one.work: one for one in tallies(entries, ["P1", "P2"])}
    assert found["settle"] == Tally("settle", 2, 0, 0, 0)
    assert found["receipt"] == Tally("receipt", 1, 1, 0, 0)


def test_payments_that_stop_and_steps_that_stay_are_told():
    """So is a wrong successor that nobody has seen before the step was moved."""
    journal, entries = week()
    del journal.took[2]
    journal.acts = [Act(5, "loyalty", "moved", 9, 0, "100 %", 2)]
    assert outcome.examine(journal, entries)["failures"] == [
        "payment P2 has not ended",
        "step fraud_score was not moved",
        "step receipt was not moved",
        "step analytics was not moved",
        "what is wrong with the successor of loyalty was not seen before it was moved",
    ]
