"""Sends the orders of one seeded world, measures the critical path, and reconciles the books."""

import argparse
import asyncio
import re
from functools import partial
from typing import Any, Final

from runtime import CauselineError, RunFailedError
from runtime.admin import Admin, ChannelLedger
from sample_agents import promises
from sample_agents.cancelling import heed_cancellation, insist
from sample_agents.driving import drive, next_batch, say
from sample_agents.orders import latency, outcome
from sample_agents.orders.agents import ORDER_PROCESSED, app, order_flow
from sample_agents.orders.fates import World
from sample_agents.orders.journal import Journal
from sample_agents.orders.ledger import Kind, Ledger

#: Orders where nobody says how many, and on their way at once.
SIZE: Final = 40
IN_FLIGHT: Final = 16

#: Slow subscribers, from and to.
SUBSCRIBERS: Final = "1..50"
MOST_SUBSCRIBERS: Final = 200

#: Seconds that one order may take, and all deliveries together.
PATIENCE: Final = 120.0

#: Seconds between two looks at the ledger.
_LOOK: Final = 0.1


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line, runs the workload and prints JSON lines: progress, then the outcome.

    Args:
        arguments: by default the command line's.

    Returns:
        The exit status, as `drive` has it.
    """
    parser = argparse.ArgumentParser(prog="python -m sample_agents.orders")
    parser.add_argument("--seed", type=int, default=7, help="fixes the orders, and what goes wrong")
    parser.add_argument("--size", type=int, default=SIZE, help="how many orders, at least 1")
    parser.add_argument("--subscribers", type=_span, default=SUBSCRIBERS, help="slow ones, from and to, such as 1..50")
    options = parser.parse_args(arguments)
    if options.size < 1:
        parser.error("--size must be at least 1")
    return drive(partial(process, World(options.seed, options.size), latency.stages(*options.subscribers)))


async def process(world: World, counts: list[int]) -> dict[str, Any]:
    """Has all orders processed; the report.

    Args:
        world: which orders.
        counts: of slow subscribers, ascending.
    """
    journal, books = Journal(), Ledger.of_home()
    async with app.client():
        admin = await Admin.connect()
        try:
            batch = await next_batch(app)
            await latency.dismiss(admin)
            await send_all(world, batch, journal)
            measured = await latency.measure(admin, world.seed, batch, counts, journal)
            channel = await settle(admin, journal)
        finally:
            await admin.close()
    return outcome.examine(journal, books.entries(), books.requests(Kind.CHARGE), channel, measured)


async def send_all(world: World, batch: int, journal: Journal) -> None:
    """Starts the orders, and waits for their ends; the app is connected."""
    places = asyncio.Semaphore(IN_FLIGHT)
    async with asyncio.TaskGroup() as tasks:
        for number in world.numbers:
            journal.subjects[number], journal.fates[number] = f"O{batch}-{number:04d}", world.fates[number]
            heed_cancellation()
            await places.acquire()
            sending = tasks.create_task(insist(partial(_send, world, journal, number)))
            sending.add_done_callback(lambda _: places.release())


async def settle(admin: Admin, journal: Journal) -> ChannelLedger | None:
    """The channel of processed orders, once no group of it has anything left to do; noted where that takes too long."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not promises.is_settled(channel := await _channel(admin), 0):
                heed_cancellation()
                await asyncio.sleep(_LOOK)
            return channel
    except TimeoutError:
        journal.failures.append(f"deliveries of {ORDER_PROCESSED} have not settled within {PATIENCE:.0f} s")
        return await _channel(admin)


async def _channel(admin: Admin) -> ChannelLedger | None:
    return next((one for one in await admin.channels() if one.channel == ORDER_PROCESSED), None)


async def _send(world: World, journal: Journal, number: int) -> None:
    subject = journal.subjects[number]
    try:
        run = await app.start(order_flow, subject=subject, order=world.order(number))
        journal.runs[number] = run.id
        try:
            await run.result(timeout=PATIENCE)
            journal.ends[number] = "ok"
        except RunFailedError:
            record = await app.session.store.get(run.id)
            journal.ends[number] = record.failed_step if record else ""
    except TimeoutError:
        journal.failures.append(f"order {subject} has not ended after {PATIENCE:.0f} s: is a worker running?")
    except CauselineError as error:
        journal.failures.append(f"order {subject}: {error}")
    say({"done": len(journal.ends), "total": world.size})


def _span(text: str) -> tuple[int, int]:
    """From and to, of a text such as `1..50`, or `5`."""
    found = re.fullmatch(r"(\d{1,4})(?:\.\.(\d{1,4}))?", text)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= least <= most <= MOST_SUBSCRIBERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a range such as 1..50: from 1 to {MOST_SUBSCRIBERS} can be")
    return least, most
