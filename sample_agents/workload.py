"""Sends the shipments of one seeded world, waits until everything has settled, and checks what was promised."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from runtime import App, CauselineError
from runtime.admin import Admin, ChannelLedger
from runtime.definitions.workflow import Workflow
from sample_agents import outcome, promises
from sample_agents.cancelling import heed_cancellation, insist
from sample_agents.driving import drive, next_batch, say
from sample_agents.journal import Journal
from sample_agents.parcels import Delivered
from sample_agents.world import World

#: Shipments on their way at once.
IN_FLIGHT: Final = 32

#: Seconds between two starts.
PACE: Final = 0.07

#: Seconds without any progress after which the workload gives up.
PATIENCE: Final = 120.0

#: Seconds between two looks at the ledger.
_LOOK: Final = 0.1


class StalledError(Exception):
    """Raised when nothing has moved for `PATIENCE` seconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is driven: an app and its workflow, the channel of its arrivals, and the key that switches the outage."""

    app: App
    workflow: Workflow
    channel: str
    outage: str


def main(plan: Plan, name: str, arguments: list[str] | None = None) -> int:
    """Reads the command line, runs the workload and prints JSON lines: progress, then the outcome.

    Args:
        plan: what to drive.
        name: of the sample, for the help text.
        arguments: by default the command line's.

    Returns:
        The exit status, as `drive` has it.
    """
    parser = argparse.ArgumentParser(prog=f"python -m sample_agents.{name}")
    parser.add_argument("--seed", type=int, default=7, help="fixes how the simulated world behaves")
    parser.add_argument("--size", "--shipments", type=int, default=200, help="how many are sent, at least 1")
    options = parser.parse_args(arguments)
    if options.size < 1:
        parser.error("--size must be at least 1")
    return drive(partial(_report, plan, World(options.seed, options.size)))


async def ship(plan: Plan, world: World, admin: Admin) -> Journal:
    """Sends all shipments while the outage lasts, waits until everything has settled, then ends the outage.

    Args:
        plan: what to drive; its app is connected.
        world: which shipments, and whose outage.
        admin: reads the ledger.
    """
    journal = Journal()
    before = await channel_of(plan, admin)
    try:
        async with _outage(plan, world.outage):
            await _send_all(plan, world, journal)
            await settle(plan, admin, (before.published if before else 0) + len(journal.arrived))
    except* StalledError as stalled:
        journal.failures.extend(str(error) for error in stalled.exceptions)
    return journal


async def channel_of(plan: Plan, admin: Admin) -> ChannelLedger | None:
    """The ledger of the channel of arrivals; None where it does not exist yet."""
    return next((one for one in await admin.channels() if one.channel == plan.channel), None)


async def settle(plan: Plan, admin: Admin, published: int) -> None:
    """Waits until the channel of arrivals has carried so many events and no group has anything left to do.

    Raises:
        StalledError: that took longer than `PATIENCE`.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if promises.is_settled(await channel_of(plan, admin), published):
                    return
                heed_cancellation()
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        raise StalledError(f"deliveries of {plan.channel} have not settled within {PATIENCE:.0f} s") from None


async def _report(plan: Plan, world: World) -> dict[str, Any]:
    async with plan.app.client(), _admin() as admin:
        before = await channel_of(plan, admin)
        journal = await ship(plan, world, admin)
        after = await channel_of(plan, admin)
        return await outcome.examine(journal, world, admin, before, after)


@asynccontextmanager
async def _admin() -> AsyncIterator[Admin]:
    admin = await Admin.connect()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _outage(plan: Plan, carrier: str) -> AsyncIterator[None]:
    """A carrier is out; on the server, because the workers are other processes. Ends even when the workload fails."""
    await plan.app.shared.put(plan.outage, carrier)
    try:
        yield
    finally:
        await plan.app.shared.put(plan.outage, "")


async def _send_all(plan: Plan, world: World, journal: Journal) -> None:
    batch = await next_batch(plan.app)
    places = asyncio.Semaphore(IN_FLIGHT)
    async with asyncio.TaskGroup() as tasks:
        for number in world.numbers:
            journal.subjects[number] = f"S{batch}-{number:04d}"
            heed_cancellation()
            await places.acquire()
            sending = tasks.create_task(insist(partial(_send, plan, world, journal, number)))
            sending.add_done_callback(lambda _: places.release())
            await asyncio.sleep(PACE)


async def _send(plan: Plan, world: World, journal: Journal, number: int) -> None:
    subject = journal.subjects[number]
    try:
        run = await plan.app.start(plan.workflow, subject=subject, order=world.order(number))
        journal.runs[number] = run.id
        journal.arrived[number] = Delivered.model_validate(await run.result(timeout=PATIENCE))
    except TimeoutError:
        raise StalledError(f"shipment {subject} is not there after {PATIENCE:.0f} s: is a worker running?") from None
    except CauselineError as error:
        journal.failures.append(f"shipment {subject}: {error}")
    say({"done": len(journal.arrived), "total": world.shipments})
