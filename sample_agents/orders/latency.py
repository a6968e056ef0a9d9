"""How long the critical path takes, by how many slow subscribers hear of its end."""

import asyncio
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final

from runtime.admin import Admin
from runtime.state.runs import RunRecord
from sample_agents.cancelling import heed_cancellation
from sample_agents.orders.agents import ORDER_PROCESSED, app, order_flow
from sample_agents.orders.audience import SLOW, audience, is_slow
from sample_agents.orders.fates import Fate, order
from sample_agents.orders.journal import Journal

#: Numbers of subscribers that are tried, as far as they were asked for, beside the least and the most.
_STAGES: Final = (1, 2, 5, 10, 20, 50)

#: Orders measured with each number, after one that is not: connections are opened by the first.
ORDERS: Final = 12

#: Seconds between two of them, and that one may take.
_PACE: Final = 0.1
_PATIENCE: Final = 60.0

#: The numbers of these orders begin here, behind those of any world.
FIRST: Final = 1_000_000

#: More than this share of what one subscriber takes, and somebody has waited for it.
_TOLERATED: Final = 0.8

_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Stage:
    """The durations of the critical path with so many subscribers, in milliseconds by the server's clock."""

    subscribers: int
    durations: tuple[int, ...]

    @property
    def median(self) -> float:
        """Half of them took no longer."""
        return median(self.durations)

    @property
    def p95(self) -> float:
        """95 % of them took no longer."""
        return quantiles(self.durations, n=20, method="inclusive")[-1]


def stages(least: int, most: int) -> list[int]:
    """The numbers of subscribers that are tried."""
    return sorted({least, *(count for count in _STAGES if least < count < most), most})


async def measure(admin: Admin, seed: int, batch: int, counts: list[int], journal: Journal) -> list[Stage]:
    """Has orders processed while so many slow subscribers listen, and then so many more.

    Args:
        admin: retires the subscribers in the end: nobody serves them any more.
        seed: of the orders, which all go through.
        batch: of the workload, for their subjects.
        counts: of subscribers, ascending.
        journal: notes the orders; they are paid as all others are.
    """
    await dismiss(admin)  # of a workload that was killed
    measured = []
    try:
        for count in counts:
            async with audience(count):
                durations = [await _time_order(seed, batch, count, place, journal) for place in range(ORDERS + 1)]
            measured.append(Stage(count, tuple(durations[1:])))
    finally:
        await dismiss(admin)
    return measured


async def dismiss(admin: Admin) -> None:
    """Has no slow subscriber be owed anything any more."""
    for channel in await admin.channels():
        for group in channel.groups:
            if channel.channel == ORDER_PROCESSED and is_slow(group.group):
                await admin.retire(ORDER_PROCESSED, group.group, "demo", "the measurement is over")


def table(measured: list[Stage]) -> dict[str, Any]:
    """What is printed."""
    rows = [
        [
            str(one.subscribers),
            str(len(one.durations)),
            f"{one.median:.0f} ms",
            f"{one.p95:.0f} ms",
            f"{SLOW * _MS:.0f} ms",
            f"{one.subscribers * SLOW:.1f} s",
        ]
        for one in measured
    ]
    columns = ["slow subscribers", "orders", "median", "95 %", "each of them takes", "all of them"]
    return {"title": "Validate, pay and ship, by how many hear of it", "columns": columns, "rows": rows}


def find_slowdowns(measured: list[Stage]) -> list[str]:
    """Whether the critical path has waited for any subscriber, in sentences."""
    least = measured[0]
    bound = least.median + _TOLERATED * SLOW * _MS
    return [
        f"with {one.subscribers} slow subscribers the critical path takes {one.median:.0f} ms, with "
        f"{least.subscribers} it took {least.median:.0f} ms: it has waited"
        for one in measured
        if one.median > bound
    ]


async def _time_order(seed: int, batch: int, count: int, place: int, journal: Journal) -> int:
    number = FIRST + count * FIRST + place
    subject = journal.subjects[number] = f"L{batch}-{count:02d}-{place:02d}"
    journal.fates[number] = Fate.PLAIN
    heed_cancellation()
    await asyncio.sleep(_PACE)
    run = await app.start(order_flow, subject=subject, order=order(seed, number))
    journal.runs[number] = run.id
    await run.result(timeout=_PATIENCE)
    journal.ends[number] = "ok"
    record: RunRecord | None = await app.session.store.get(run.id)
    if record is None or record.ended_ms is None:
        raise AssertionError(f"order {subject} has a result and no end")
    return record.ended_ms - record.accepted_ms
