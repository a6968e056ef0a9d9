"""What the workload has to show in the end: figures for people, promises kept or broken, what the collector must know.

Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from runtime.bus.records import ChannelLedger
from runtime.causality import identity
from runtime.semconv import NodeKind
from sample_agents import promises as ledger_promises
from sample_agents.codegen import books, promises
from sample_agents.codegen.agents import REVIEWER, TESTS_PASS
from sample_agents.codegen.catalog import Flaw
from sample_agents.codegen.journal import Journal


def examine(journal: Journal, channels: Iterable[ChannelLedger]) -> dict[str, Any]:
    """Compares what happened with what was planned.

    Args:
        journal: of the workload.
        channels: of the events, after everything has settled.

    Returns:
        `summary`, `tables`, `places`, `ok`, `failures`, and what the collector must show: `focus_event_id`,
        `focus_kinds`, `pictures`, `runs` and `scores`.
    """
    failures = [
        *journal.failures,
        *promises.check_ends(journal),
        *promises.check_verdicts(journal),
        *promises.check_retries(journal),
        *_check_ledgers(channels),
    ]
    return {
        **_focus(journal),
        "summary": _summary(journal),
        "tables": [_table(journal)],
        "places": _places(journal),
        "ok": not failures,
        "failures": failures,
        "pictures": _pictures(journal),
        "runs": _runs(journal),
        "scores": _scores(journal),
    }


def _check_ledgers(channels: Iterable[ChannelLedger]) -> list[str]:
    by_name = {channel.channel: channel for channel in channels}
    return [
        failure
        for channel in books.PUBLISHES.values()
        for failure in ledger_promises.ledger(by_name.get(channel), books.GROUPS)
    ]


def _summary(journal: Journal) -> dict[str, Any]:
    ends = Counter(journal.ends.values())
    rounds = promises.count_rounds(journal)
    return {
        "models": "SIMULATED: simulated-researcher, simulated-coder, simulated-reviewer",
        "features": len(journal.runs),
        "features delivered": ends[promises.DELIVERED],
        "features that were not approved": ends[promises.REFUSED],
        "features that wait for your approval": ends[promises.WAITING],
        "features never right, given up": ends[promises.SPENT],
        "rounds": rounds,
        "calls tried again, as the endpoint was overloaded": sum(len(run.retried) for run in journal.tested.values()),
        "the reviewer was right": f"{promises.count_right_reviews(journal)} of {rounds} rounds",
    }


def _table(journal: Journal) -> dict[str, Any]:
    """What tests found in the drafts of those features that were right in the end."""
    drafted: Counter[Flaw] = Counter()
    said: dict[Flaw, str] = {}
    for number, run in journal.tested.items():
        plan = journal.plans[number]
        for name in plan.names:
            for flaw, reason in zip(promises.drafts(plan, name), run.remarks.get(name, ()), strict=False):
                drafted[flaw] += 1
                said[flaw] = reason
    rows = [[flaw.value, str(drafted[flaw]), said.get(flaw, "")] for flaw in Flaw]
    return {
        "title": "Drafts with a flaw, and what their tests said",
        "columns": ["flaw", "drafts", "such as"],
        "rows": rows,
    }


def _places(journal: Journal) -> list[list[str]]:
    waiting = [number for number, end in journal.ends.items() if end == promises.WAITING]
    return [
        ["accuracy of coder and reviewer", "/steps"],
        *(
            [f"feature {journal.subjects[number]} waits for your approval", f"/runs?run={journal.runs[number]}"]
            for number in waiting
        ),
    ]


def _pictures(journal: Journal) -> list[dict[str, Any]]:
    """One feature of each fate that has ended."""
    of_fate = {
        plan.fate: number
        for number, plan in reversed(list(journal.plans.items()))
        if journal.ends.get(number) not in (None, promises.WAITING)
    }
    return [{"id": str(journal.runs[number]), "kinds": _kinds(journal, number)} for number in of_fate.values()]


def _focus(journal: Journal) -> dict[str, Any]:
    """The last review of the feature that shows most, with all that led to it."""
    number = promises.pick_feature_to_show(journal)
    if not number:
        return {}
    run, fate = journal.runs[number], journal.plans[number].fate
    event = identity.event_id(books.node(run, "review", fate.rounds), 0)
    nodes = books.find_related_nodes(books.feature(run, fate), event)
    return {"focus_event_id": str(event), "focus_kinds": _count_kinds(nodes)}


def _count_kinds(nodes: Mapping[UUID, NodeKind]) -> dict[str, int]:
    return {str(kind): count for kind, count in Counter(nodes.values()).items()}


def _kinds(journal: Journal, number: int) -> dict[str, int]:
    return _count_kinds(books.feature(journal.runs[number], journal.plans[number].fate).nodes)


def _runs(journal: Journal) -> list[dict[str, Any]]:
    ends = [end for end in journal.ends.values() if end != promises.WAITING]
    counts = Counter("ok" if end in (promises.DELIVERED, promises.REFUSED) else "failed" for end in ends)
    return [{"workflow": books.WORKFLOW, "status": status, "n": n} for status, n in sorted(counts.items())]


def _scores(journal: Journal) -> list[dict[str, Any]]:
    judged = {TESTS_PASS: promises.count_passes(journal), REVIEWER: promises.count_right_reviews(journal)}
    n = promises.count_rounds(journal)
    return [
        {"workflow": books.WORKFLOW, "step": books.JUDGED, "name": name, "n": n, "right": right}
        for name, right in judged.items()
    ]
