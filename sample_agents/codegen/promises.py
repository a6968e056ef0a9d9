"""What the plan says beside what came out. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from sample_agents.codegen.catalog import Flaw
from sample_agents.codegen.journal import Journal
from sample_agents.codegen.plan import Fate, Plan

DELIVERED: Final = "delivered"
REFUSED: Final = "refused"
WAITING: Final = "waiting"
SPENT: Final = "tests: RoundsSpentError"

#: How a verdict names a flaw; a process that gets no time on a busy machine hangs by the clock.
_SIGNS: Final[Mapping[Flaw, tuple[str, ...]]] = {
    Flaw.WRONG: ("AssertionError",),
    Flaw.HANGS: ("CPU time", "still ran"),
    Flaw.GREEDY: ("of memory",),
    Flaw.QUITS: ("ended before its tests",),
}


def check_ends(journal: Journal) -> Iterator[str]:
    """Features that have ended otherwise than their plan has it."""
    for number, plan in journal.plans.items():
        should = DELIVERED if plan.fate.is_delivered else REFUSED if plan.fate.is_right else SPENT
        found = journal.ends.get(number, "nowhere")
        if found != should and not (found == WAITING and plan.fate.is_right):
            subject = journal.subjects[number]
            yield f"feature {subject} ({plan.fate}) has ended as {found!r}; it should have as {should!r}"


def check_verdicts(journal: Journal) -> Iterator[str]:
    """Drafts with a flaw that no test has found, or found as another one, and drafts without one that were refused."""
    for number, run in journal.tested.items():
        plan = journal.plans[number]
        for name in plan.names:
            flaws, reasons = drafts(plan, name), run.remarks.get(name, ())
            is_so = len(flaws) == len(reasons) and all(map(_is_found, flaws, reasons))
            if not is_so:
                said = "; ".join(reasons) or "nothing"
                yield f"{name} of feature {journal.subjects[number]} had the flaws {flaws}; its tests said: {said}"


def check_retries(journal: Journal) -> Iterator[str]:
    """Calls that were tried again although the endpoint had answered, or the other way round."""
    for number, run in journal.tested.items():
        overloaded = journal.plans[number].overloaded
        if run.retried != ((overloaded,) if overloaded else ()):
            yield (
                f"feature {journal.subjects[number]}: the coder was asked again for {run.retried or 'nothing'}; "
                f"its endpoint was overloaded for {overloaded or 'nothing'}"
            )


def drafts(plan: Plan, name: str) -> list[Flaw]:
    """The flaws of a function's drafts, round by round."""
    found = [plan.flaws(round_).get(name) for round_ in range(1, plan.fate.rounds + 1)]
    return [flaw for flaw in found if flaw is not None]


def count_rounds(journal: Journal) -> int:
    """How many rounds all features that have come to their end took."""
    return sum(plan.fate.rounds for number, plan in journal.plans.items() if number in journal.ends)


def count_passes(journal: Journal) -> int:
    """In how many of these all tests pass."""
    return sum(plan.fate.is_right for number, plan in journal.plans.items() if number in journal.ends)


def count_right_reviews(journal: Journal) -> int:
    """In how many of these the reviewer is right: it sees each flaw but that which looks right."""
    return sum(
        not flaws or any(flaw is not Flaw.WRONG for flaw in flaws)
        for number, plan in journal.plans.items()
        if number in journal.ends
        for flaws in (plan.flaws(round_).values() for round_ in range(1, plan.fate.rounds + 1))
    )


def pick_feature_to_show(journal: Journal) -> int:
    """The feature that shows most, of those that nobody waits for: one that was revised, and delivered; 0 for none."""
    order = [Fate.REVISED_TWICE, Fate.REVISED, Fate.AT_ONCE, Fate.REFUSED]
    ended = [number for fate in order for number in journal.of(fate) if journal.ends[number] != WAITING]
    return next(iter(ended), 0)


def _is_found(flaw: Flaw, reason: str) -> bool:
    return any(sign in reason for sign in _SIGNS[flaw])
