"""Sends a week's payments in accelerated time, has steps be moved meanwhile, and compares that with the books."""

import argparse
import asyncio
from functools import partial
from typing import Any, Final

from runtime import CauselineError
from runtime.admin import Admin
from runtime.shadows.shadow import comparison_channel
from sample_agents import promises
from sample_agents.cancelling import heed_cancellation, insist
from sample_agents.driving import drive, next_batch, say
from sample_agents.migration import books, outcome
from sample_agents.migration.agents import app, payment_flow
from sample_agents.migration.journal import Journal
from sample_agents.migration.moves import Mover
from sample_agents.migration.week import DAYS, HOURS, Week

#: Payments where nobody says how many; with fewer there is too little to compare.
SIZE: Final = 210
LEAST: Final = 28

#: Seconds that an hour takes, and payments that are under way at once.
HOUR: Final = 0.15
IN_FLIGHT: Final = 16

#: Seconds that one payment may take, and all deliveries together.
PATIENCE: Final = 120.0

#: Seconds between two looks at the ledger.
_LOOK: Final = 0.1

#: Where successors listen.
_CHANNELS: Final = ("receipts", "fraud", "analytics", "loyalty")


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line, runs the workload and prints JSON lines: progress, then the outcome.

    Args:
        arguments: by default the command line's.

    Returns:
        The exit status, as `drive` has it.
    """
    parser = argparse.ArgumentParser(prog="python -m sample_agents.migration")
    parser.add_argument("--seed", type=int, default=7, help="fixes the payments")
    parser.add_argument("--size", type=int, default=SIZE, help=f"how many payments, at least {LEAST}")
    options = parser.parse_args(arguments)
    if options.size < LEAST:
        parser.error(f"--size must be at least {LEAST}")
    return drive(partial(migrate, Week(options.seed, options.size), HOUR))


async def migrate(week: Week, hour: float) -> dict[str, Any]:
    """Has a week pass; the report.

    Args:
        week: whose payments.
        hour: seconds that an hour takes.
    """
    journal, book = Journal(), books.of_home()
    async with app.client():
        admin = await Admin.connect()
        try:
            mover = Mover(admin, max(3, week.size // (2 * DAYS)), journal)
            await _wait_for_steps(admin)
            await mover.prepare()
            await _pass(week, hour, await next_batch(app), mover, journal)
            await _settle(admin, journal)
        finally:
            await admin.close()
    return outcome.examine(journal, book.entries())


async def _wait_for_steps(admin: Admin) -> None:
    """Waits until a worker has made the steps known that can be moved."""
    async with asyncio.timeout(PATIENCE):
        while not [one for one in await admin.shadows() if one.place.app == app.name]:
            heed_cancellation()
            await asyncio.sleep(_LOOK)


async def _pass(week: Week, hour: float, batch: int, mover: Mover, journal: Journal) -> None:
    """The days of the week. In the middle of each something is done to a step; payments go on meanwhile."""
    places, clock = asyncio.Semaphore(IN_FLIGHT), asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        for day, numbers in enumerate(week.days):
            dawn, acting = clock.time(), None
            for at, number in enumerate(numbers):
                payment = week.payment(number)
                await asyncio.sleep(max(0.0, dawn + (payment.hour - day * HOURS) * hour - clock.time()))
                heed_cancellation()
                await places.acquire()
                journal.subjects[number] = f"P{batch}-{number:04d}"
                sending = tasks.create_task(insist(partial(_send, week, mover, journal, number)))
                sending.add_done_callback(lambda _: places.release())
                if acting is None and 2 * at >= len(numbers):
                    acting = tasks.create_task(insist(partial(_act, mover, journal, day + 1)))
            if acting is not None:
                await acting  # what is to be seen on the next day is there then


async def _act(mover: Mover, journal: Journal, day: int) -> None:
    try:
        await mover.act(day)
    except TimeoutError:
        journal.failures.append(f"on day {day} too little was compared: is a worker running?")
    except CauselineError as error:
        journal.failures.append(f"day {day}: {error}")


async def _send(week: Week, mover: Mover, journal: Journal, number: int) -> None:
    subject = journal.subjects[number]
    try:
        run = await app.start(payment_flow, subject=subject, payment=week.payment(number))
        journal.runs[number], journal.stages[number] = run.id, tuple(mover.moved)
        await run.result(timeout=PATIENCE)
        record = await app.session.store.get(run.id)
        if record is None or record.ended_ms is None:
            raise AssertionError(f"payment {subject} has a result and no end")
        journal.took[number] = record.ended_ms - record.accepted_ms
    except TimeoutError:
        journal.failures.append(f"payment {subject} has not ended after {PATIENCE:.0f} s: is a worker running?")
    except CauselineError as error:
        journal.failures.append(f"payment {subject}: {error}")
    say({"done": len(journal.took), "total": week.size})


async def _settle(admin: Admin, journal: Journal) -> None:
    """Waits until no handler has anything left to do; noted where that takes too long."""
    names = {*_CHANNELS, *map(comparison_channel, _CHANNELS)}
    try:
        async with asyncio.timeout(PATIENCE):
            while not all(promises.is_settled(one, 0) for one in await admin.channels() if one.channel in names):
                heed_cancellation()
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        journal.failures.append(f"deliveries have not settled within {PATIENCE:.0f} s")
