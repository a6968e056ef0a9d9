"""What the workload has to show in the end: figures for people, promises kept or broken, what the collector must know.

Pure.
"""

from collections import Counter
from typing import Any
from uuid import UUID

from runtime.bus.records import ChannelLedger
from runtime.semconv import NodeKind
from sample_agents import promises
from sample_agents.orders import books, latency, reconciling
from sample_agents.orders.fates import Fate
from sample_agents.orders.journal import Journal
from sample_agents.orders.latency import Stage
from sample_agents.orders.ledger import Entry, Kind


def examine(
    journal: Journal,
    made: list[Entry],
    asked: dict[str, int],
    channel: ChannelLedger | None,
    measured: list[Stage],
) -> dict[str, Any]:
    """Compares what happened with what was promised.

    Args:
        journal: of the workload.
        made: the books of provider and carrier.
        asked: how often the provider was asked for a charge, by order.
        channel: of processed orders, after everything has settled; None where it does not exist.
        measured: the critical path by numbers of subscribers.

    Returns:
        `summary`, `tables`, `places`, `ok`, `failures`, and what the collector must show: `focus_event_id`,
        `focus_kinds`, `pictures` and `runs`.
    """
    cents = reconciling.sum_cents(made, journal.subjects.values())
    failures = [
        *journal.failures,
        *reconciling.check_ends(journal),
        *reconciling.check_entries(journal, made),
        *reconciling.check_requests(journal, asked),
        *reconciling.check_refunds(made),
        *reconciling.check_kept_money(cents),
        *promises.ledger(channel, books.GROUPS),
        *latency.find_slowdowns(measured),
    ]
    first = next((number for number, end in journal.ends.items() if end == "ok"), None)
    return {
        "summary": _summary(journal, made, asked, cents),
        "tables": [latency.table(measured)],
        "places": [["orders that failed, and were refunded", "/runs?status=failed"]],
        "ok": not failures,
        "failures": failures,
        "focus_event_id": str(books.announcement(journal.runs[first])) if first else "",
        "focus_kinds": _kinds(journal.runs[first], Fate.PLAIN) if first else {},
        "pictures": list(_pictures(journal)),
        "runs": list(_runs(journal)),
    }


def _summary(journal: Journal, made: list[Entry], asked: dict[str, int], cents: dict[Kind, int]) -> dict[str, Any]:
    ours = set(journal.subjects.values())
    counts = Counter(entry.kind for entry in made if entry.subject in ours)
    requests = sum(asked.get(subject, 0) for subject in ours)
    return {
        "orders": len(journal.runs),
        "orders that went through": sum(end == "ok" for end in journal.ends.values()),
        "requests to charge": requests,
        "charges in the provider's books": counts[Kind.CHARGE],
        "orders charged twice": _count_doubled(made, ours, Kind.CHARGE),
        "refunds in the provider's books": counts[Kind.REFUND],
        "orders refunded twice": _count_doubled(made, ours, Kind.REFUND),
        "parcels in the carrier's books": counts[Kind.PARCEL],
        "money kept": _euros(cents[Kind.CHARGE] - cents[Kind.REFUND]),
        "worth of the parcels": _euros(cents[Kind.PARCEL]),
    }


def _count_doubled(made: list[Entry], ours: set[str], kind: Kind) -> int:
    counts = Counter(entry.subject for entry in made if entry.kind is kind and entry.subject in ours)
    return sum(count > 1 for count in counts.values())


def _euros(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d} EUR"


def _pictures(journal: Journal) -> list[dict[str, Any]]:
    """One order of each fate. Slow subscribers hear of orders too, and are no part of these."""
    of_fate = {fate: number for number, fate in reversed(list(journal.fates.items()))}
    return [
        {"id": str(journal.runs[number]), "kinds": _kinds(journal.runs[number], fate)}
        for fate, number in of_fate.items()
        if number in journal.runs
    ]


def _kinds(run: UUID, fate: Fate) -> dict[NodeKind, int]:
    return dict(Counter(books.order(run, fate).nodes.values()))


def _runs(journal: Journal) -> list[dict[str, Any]]:
    """How many runs must have ended how."""
    counts = Counter("ok" if end == "ok" else "failed" for end in journal.ends.values())
    return [{"workflow": books.WORKFLOW, "status": status, "n": n} for status, n in sorted(counts.items())]
