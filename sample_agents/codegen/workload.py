"""Has features written, answers for the person who approves, and compares what came out with the plan."""

import argparse
import asyncio
from functools import partial
from typing import Any, Final

from runtime import CauselineError, Run, RunFailedError
from runtime.admin import Admin, ChannelLedger
from runtime.causality.step_place import StepPlace
from runtime.codec.encoded import Encoded
from sample_agents import promises as ledger_promises
from sample_agents.cancelling import heed_cancellation, insist
from sample_agents.codegen import books, outcome, promises
from sample_agents.codegen.agents import APPROVAL, app, feature_flow
from sample_agents.codegen.forms import Approval, TestRun
from sample_agents.codegen.journal import Journal
from sample_agents.codegen.plan import Fate, Plan
from sample_agents.driving import drive, next_batch, say

#: Features where nobody says how many, and on their way at once.
SIZE: Final = 12
IN_FLIGHT: Final = 4

#: Seconds that one feature may take, and all deliveries together.
PATIENCE: Final = 300.0

#: Seconds between two looks at what a run waits for, and at the ledger.
_LOOK: Final = 0.1

#: Who answers where nobody is there to.
_STAND_IN: Final = "the demo"


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line, runs the workload and prints JSON lines: progress, then the outcome.

    Args:
        arguments: by default the command line's.

    Returns:
        The exit status, as `drive` has it.
    """
    parser = argparse.ArgumentParser(prog="python -m sample_agents.codegen")
    parser.add_argument("--seed", type=int, default=7, help="fixes features, and what the simulated models get wrong")
    parser.add_argument("--size", type=int, default=SIZE, help="how many features, at least 1")
    parser.add_argument("--by-hand", type=int, default=0, help="how many approvals are left to a person")
    options = parser.parse_args(arguments)
    if options.size < 1 or options.by_hand < 0:
        parser.error("--size must be at least 1, and --by-hand at least 0")
    return drive(partial(develop, options.seed, options.size, options.by_hand))


async def develop(seed: int, size: int, by_hand: int = 0) -> dict[str, Any]:
    """Has all features written; the report.

    Args:
        seed: of the demo.
        size: how many features.
        by_hand: how many of those that come as far are left to a person.
    """
    journal = Journal()
    async with app.client():
        admin = await Admin.connect()
        try:
            await write_all(admin, seed, size, by_hand, journal)
            channels = await settle(admin, journal)
        finally:
            await admin.close()
    return outcome.examine(journal, channels)


async def write_all(admin: Admin, seed: int, size: int, by_hand: int, journal: Journal) -> None:
    """Starts the features, and waits until each has ended or waits for a person; the app is connected."""
    batch = await next_batch(app)
    plans = {number: Plan(seed, number) for number in range(1, size + 1)}
    left = [number for number, plan in plans.items() if plan.fate.is_delivered][:by_hand]
    places = asyncio.Semaphore(IN_FLIGHT)
    async with asyncio.TaskGroup() as tasks:
        for number, plan in plans.items():
            journal.subjects[number], journal.plans[number] = f"F{batch}-{number:04d}", plan
            heed_cancellation()
            await places.acquire()
            writing = tasks.create_task(insist(partial(_write, admin, journal, number, size, is_left=number in left)))
            writing.add_done_callback(lambda _: places.release())


async def settle(admin: Admin, journal: Journal) -> list[ChannelLedger]:
    """The channels, once no group of them has anything left to do; noted where that takes too long."""
    names = set(books.PUBLISHES.values())
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [one for one in await admin.channels() if one.channel in names]
                if len(found) == len(names) and all(ledger_promises.is_settled(one, 0) for one in found):
                    return found
                heed_cancellation()
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        journal.failures.append(f"deliveries of {', '.join(sorted(names))} have not settled within {PATIENCE:.0f} s")
        return await admin.channels()


async def _write(admin: Admin, journal: Journal, number: int, total: int, *, is_left: bool) -> None:
    subject, plan = journal.subjects[number], journal.plans[number]
    try:
        run = await app.start(feature_flow, subject=subject, feature=plan.feature)
        journal.runs[number] = run.id
        async with asyncio.timeout(PATIENCE):
            journal.ends[number] = await _end(admin, run, plan, is_left=is_left)
        if plan.fate.is_right:
            journal.tested[number] = await _fetch_test_run(run)
    except TimeoutError:
        journal.failures.append(f"feature {subject} has not ended after {PATIENCE:.0f} s: is a worker running?")
    except CauselineError as error:
        journal.failures.append(f"feature {subject}: {error}")
    say({"done": len(journal.ends), "total": total})


async def _end(admin: Admin, run: Run, plan: Plan, *, is_left: bool) -> str:
    """How a feature has ended; `waiting` where that is left to a person."""
    while await run.status() == "running" and not await admin.waits(run.id):
        heed_cancellation()
        await asyncio.sleep(_LOOK)
    if await run.status() == "running":
        if is_left:
            return promises.WAITING
        granted = plan.fate is not Fate.REFUSED
        await run.send(APPROVAL, Approval(granted=granted, remark=f"answered by {_STAND_IN}"), by=_STAND_IN)
    try:
        return promises.DELIVERED if await run.result() else promises.REFUSED
    except RunFailedError:
        record = await app.session.store.get(run.id)
        return f"{StepPlace.parse(record.failed_step).step}: {record.error_type}" if record else ""


async def _fetch_test_run(run: Run) -> TestRun:
    """What the tests said in the last round."""
    text = await app.session.store.result(run.id, books.LAST)
    return TestRun.model_validate(Encoded.parse(text).data if text else {"passed": False, "remarks": {}})
