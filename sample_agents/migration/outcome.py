"""What the workload has to show in the end: figures for people, promises kept or broken, what the collector must know.

Pure.
"""

from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any, Final

from runtime.causality import identity
from runtime.semconv import NodeKind
from sample_agents.daybook import Entry
from sample_agents.migration import books
from sample_agents.migration.books import Tally
from sample_agents.migration.journal import Journal
from sample_agents.migration.moves import WRONG

#: The workflow, and those of its steps that are moved.
WORKFLOW: Final = "payment"
MOVED: Final = tuple(books.SECONDS)[2:]


def examine(journal: Journal, entries: Sequence[Entry]) -> dict[str, Any]:
    """Compares what happened with what was promised.

    Args:
        journal: of the workload.
        entries: of the books.

    Returns:
        `summary`, `tables`, `places`, `ok`, `failures`, and what the collector must show: `focus_event_id`,
        `focus_kinds`, `pictures` and `runs`.
    """
    found = books.tallies(entries, journal.subjects.values())
    failures = [
        *journal.failures,
        *check_ends(journal),
        *check_books(found),
        *check_moves(journal),
        *check_detection(journal),
    ]
    last = max((number for number in journal.took if set(journal.stages[number]) == set(MOVED)), default=None)
    return {
        "summary": _summary(journal, found),
        "tables": [_acts(journal), _latency(journal), _books(found)],
        "places": [["steps beside their successors", "/topology?see=advice"]],
        "ok": not failures,
        "failures": failures,
        "focus_event_id": str(_receipt(journal, last)) if last else "",
        "focus_kinds": {NodeKind.RUN: 1, NodeKind.STEP: 3, NodeKind.EVENT: 1, NodeKind.DELIVERY: 1} if last else {},
        "pictures": _pictures(journal, last),
        "runs": [{"workflow": WORKFLOW, "status": "ok", "n": len(journal.subjects)}],
    }


def check_ends(journal: Journal) -> list[str]:
    """Payments that have stopped on the way."""
    return [
        f"payment {subject} has not ended" for number, subject in journal.subjects.items() if number not in journal.took
    ]


def check_books(found: Sequence[Tally]) -> list[str]:
    """What the books have too little of, or too much."""
    lost = [f"{one.work}: {one.lost} payments have none" for one in found if one.lost]
    return lost + [f"{one.work}: {one.doubled} payments have several" for one in found if one.doubled]


def check_moves(journal: Journal) -> list[str]:
    """Steps that should have been moved and were not."""
    moved = {act.step for act in journal.acts if act.what == "moved"}
    return [f"step {step} was not moved" for step in MOVED if step not in moved]


def check_detection(journal: Journal) -> list[str]:
    """Whether what was wrong with a successor was not seen before its step was moved."""
    acts = [act for act in journal.acts if act.step == WRONG]
    if acts and acts[0].disagreed:
        return []
    return [f"what is wrong with the successor of {WRONG} was not seen before it was moved"]


def _summary(journal: Journal, found: Sequence[Tally]) -> dict[str, Any]:
    return {
        "payments": len(journal.subjects),
        "payments that went through": len(journal.took),
        "steps moved": len({act.step for act in journal.acts if act.what == "moved"}),
        "done by their steps": sum(one.by_step for one in found if one.work in MOVED),
        "done by their successors": sum(one.by_handler for one in found if one.work in MOVED),
        "lost": sum(one.lost for one in found),
        "done twice": sum(one.doubled for one in found),
    }


def _acts(journal: Journal) -> dict[str, Any]:
    rows = [
        [str(act.day), act.step, act.what, str(act.compared), act.agreement, str(act.under_way)] for act in journal.acts
    ]
    columns = ["day", "step", "what was done", "compared before", "agreement", "payments under way"]
    return {"title": "What was moved, and what was known of it", "columns": columns, "rows": rows}


def _latency(journal: Journal) -> dict[str, Any]:
    stages: dict[tuple[str, ...], list[int]] = {}
    for number in sorted(journal.took):
        # In whichever order they were moved: one that was moved back is the last of them when it is moved again.
        stage = tuple(step for step in MOVED if step in journal.stages[number])
        stages.setdefault(stage, []).append(journal.took[number])
    rows = [
        [", ".join(stage) or "none", str(len(took)), f"{median(took):.0f} ms", f"{_p95(took):.0f} ms"]
        for stage, took in stages.items()
    ]
    columns = ["moved", "payments", "median", "95 %"]
    return {"title": "A payment, from its start to the end of its run", "columns": columns, "rows": rows}


def _p95(took: Sequence[int]) -> float:
    return quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]


def _books(found: Sequence[Tally]) -> dict[str, Any]:
    rows = [[one.work, str(one.by_step), str(one.by_handler), str(one.lost), str(one.doubled)] for one in found]
    columns = ["work", "by the step", "by its successor", "lost", "twice"]
    return {"title": "What the books say", "columns": columns, "rows": rows}


def _receipt(journal: Journal, number: int) -> Any:
    """The event by which the receipt of a payment was asked for."""
    return identity.event_id(identity.step_id(journal.runs[number], "receipt"), 0)


def _pictures(journal: Journal, last: int | None) -> list[dict[str, Any]]:
    """A payment whose steps were all compared, and one whose were all moved: both have as many nodes of each kind."""
    first = next((number for number in journal.took if not journal.stages[number]), None)
    kinds = {NodeKind.RUN: 1, NodeKind.STEP: 6, NodeKind.EVENT: len(MOVED), NodeKind.DELIVERY: len(MOVED)}
    return [{"id": str(journal.runs[number]), "kinds": kinds} for number in (first, last) if number is not None]
