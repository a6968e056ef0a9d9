"""The plan beside what came out: each kind of difference is found, and nothing else."""

import pytest

from runtime.causality import identity
from sample_agents.codegen import promises
from sample_agents.codegen.catalog import Flaw
from sample_agents.codegen.forms import TestRun
from sample_agents.codegen.journal import Journal
from sample_agents.codegen.plan import Fate, Plan

SAID = {
    Flaw.WRONG: "AssertionError, somewhere",
    Flaw.HANGS: "used more than 1 s of CPU time",
    Flaw.GREEDY: "wanted more than 256 MiB of memory",
    Flaw.QUITS: "ended before its tests did",
}
ENDS = {Fate.NEVER: promises.SPENT, Fate.REFUSED: promises.REFUSED}


@pytest.fixture
def journal() -> Journal:
    """Seven features that fared as planned."""
    found = Journal()
    for number in range(1, 8):
        plan = found.plans[number] = Plan(7, number)
        found.subjects[number], found.runs[number] = f"F{number}", identity.mint()
        found.ends[number] = ENDS.get(plan.fate, promises.DELIVERED)
        if plan.fate.is_right:
            remarks = {name: tuple(SAID[flaw] for flaw in promises.drafts(plan, name)) for name in plan.names}
            retried = (plan.overloaded,) if plan.overloaded else ()
            found.tested[number] = TestRun(passed=True, remarks=remarks, retried=retried)
    return found


def all_of(journal: Journal) -> list[str]:
    return [*promises.check_ends(journal), *promises.check_verdicts(journal), *promises.check_retries(journal)]


def test_what_came_out_as_planned_is_left_alone(journal: Journal) -> None:
    """Also where a person has not answered yet."""
    assert all_of(journal) == []
    journal.ends[journal.of(Fate.AT_ONCE)[0]] = promises.WAITING
    assert all_of(journal) == []


@pytest.mark.parametrize("fate", Fate)
def test_another_end_is_found(fate: Fate, journal: Journal) -> None:
    """Delivered though nobody approved, given up though it was right, and waiting though it never can be."""
    number = journal.of(fate)[0]
    journal.ends[number] = promises.WAITING if fate is Fate.NEVER else promises.SPENT
    (words,) = all_of(journal)
    assert words.startswith(f"feature F{number} ({fate}) has ended as ")


def test_a_flaw_that_no_test_has_found_is_told(journal: Journal) -> None:
    """As is one that was found as another, and a right draft that was refused."""
    number = journal.of(Fate.REVISED_TWICE)[0]
    run = journal.tested[number]
    name = max(run.remarks, key=lambda one: len(run.remarks[one]))
    for wrong in (run.remarks[name][1:], ("a flat tyre", *run.remarks[name][1:]), (*run.remarks[name], "again")):
        journal.tested[number] = run.model_copy(update={"remarks": run.remarks | {name: wrong}})
        (words,) = all_of(journal)
        assert words.startswith(f"{name} of feature F{number} had the flaws ")


def test_a_call_that_was_not_tried_again_is_found(journal: Journal) -> None:
    """And one that was, without need."""
    for number, run in journal.tested.items():
        journal.tested[number] = run.model_copy(update={"retried": () if run.retried else ("roman",)})
    assert len(all_of(journal)) == len(journal.tested)


def test_the_reviewer_is_wrong_where_all_flaws_look_right(journal: Journal) -> None:
    """Counted round by round."""
    rounds = [plan.flaws(one).values() for plan in journal.plans.values() for one in range(1, plan.fate.rounds + 1)]
    wrong = sum(set(flaws) == {Flaw.WRONG} for flaws in rounds)
    assert wrong > 0
    assert promises.count_right_reviews(journal) == len(rounds) - wrong == promises.count_rounds(journal) - wrong
    assert promises.count_passes(journal) == 6
