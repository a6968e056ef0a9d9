"""What a workload has to show in the end: figures for people, promises kept or broken, and an event to look at."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from runtime.admin import Admin, ChannelLedger
from runtime.semconv import DeadLetterReason
from sample_agents import books, promises
from sample_agents.journal import Journal
from sample_agents.promises import Mail
from sample_agents.world import World


async def examine(
    journal: Journal, world: World, admin: Admin, before: ChannelLedger | None, after: ChannelLedger | None
) -> dict[str, Any]:
    """Compares what happened with what was promised.

    Args:
        journal: of the workload.
        world: in which it took place.
        admin: reads dead letters.
        before: the channel of arrivals before the workload; None where it did not exist.
        after: the same, afterwards.

    Returns:
        `summary` (figures by name), `ok`, `failures` (sentences), `focus_event_id` (of a text message that will arrive
        when it is replayed, where there is one), and what the collector must show once it has all spans: `focus_kinds`
        (how many nodes of each kind caused that event or were caused by it) and `scores` (of the judged step).
    """
    mails = [await _mail(journal, world, admin, number) for number in sorted(journal.arrived)]
    failures = [
        *journal.failures,
        *promises.arrivals(journal.subjects, journal.arrived),
        *promises.pickups(journal.subjects, journal.arrived, world.busy),
        *promises.sortings(journal.subjects, journal.arrived, world.smudged),
        *promises.letters(mails),
        *promises.ledger(after, books.STEADY_GROUPS),
    ]
    number = focus(world, journal.runs)
    return {
        "summary": _summary(journal, mails, _done(before), _done(after)),
        "ok": not failures,
        "failures": failures,
        "focus_event_id": str(books.arrival(journal.runs[number])) if number else "",
        "focus_kinds": _kinds(world, number, journal.runs[number]) if number else {},
        "scores": [_scores(world, journal)],
    }


def focus(world: World, runs: Mapping[int, UUID]) -> int:
    """The shipment that shows most: its text message is dead and can be saved, and if possible its pickup was retried.

    Args:
        world: in which the runs took place.
        runs: by shipment number.

    Returns:
        Its number; any where no text message is dead, 0 where there is no run.
    """

    def interest(number: int) -> tuple[bool, bool, int]:
        saveable = world.dies_of(number) is DeadLetterReason.MAX_ATTEMPTS
        return saveable, number in world.busy, -number

    return max(runs, key=interest, default=0)


def _kinds(world: World, number: int, run: UUID) -> dict[str, int]:
    return dict(Counter(books.shipment(run, world.dies_of(number), replayed=False).nodes.values()))


def _scores(world: World, journal: Journal) -> dict[str, Any]:
    right = [number for number in journal.arrived if number not in world.smudged]
    return {"workflow": books.WORKFLOW, "step": books.JUDGED_STEP, "n": len(journal.arrived), "right": len(right)}


async def _mail(journal: Journal, world: World, admin: Admin, number: int) -> Mail:
    letter = await admin.dead_letter(books.dead_letter(journal.runs[number]))
    return Mail(journal.subjects[number], world.dies_of(number), letter)


def _done(channel: ChannelLedger | None) -> dict[str, int]:
    return {group.group: group.done for group in channel.groups} if channel else {}


def _summary(
    journal: Journal, mails: list[Mail], before: Mapping[str, int], after: Mapping[str, int]
) -> dict[str, int]:
    reasons = [mail.letter.reason for mail in mails if mail.letter]
    arrived = journal.arrived.values()
    done = {group: count - before.get(group, 0) for group, count in after.items()}
    return {
        "shipments sent": len(journal.runs),
        "shipments arrived": len(arrived),
        "pickups that had to be tried again": sum(one.calls > 1 for one in arrived),
        "parcels sorted wrong": sum(one.detour for one in arrived),
        "text messages sent": done.get(books.FRAGILE_GROUP, 0),
        "text messages dead": len(reasons),
        "of these, to numbers that no carrier accepts": reasons.count(DeadLetterReason.NON_RETRYABLE),
        "invoices written": done.get("billing", 0),
        "tracking board entries": done.get("tracking", 0),
    }
