"""Runs one trial, and prints what the day book says of it: `python -m sample_agents.shapes.trial`, with the trial's
folder in `SHAPES_TRIAL`.

It starts the process that coordinates, sends the orders, kills that process when the seed says so, starts it again at
once, and waits until whoever coordinates has nothing left to do.
"""

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Final

from runtime import RunFailedError
from runtime.admin import Admin
from runtime.supervisor.child import Child, Plan
from runtime.supervisor.lifeline import hold_lifeline
from runtime.supervisor.python import python_command
from runtime.supervisor.supervisor import Supervisor
from sample_agents.shapes.faults import PACE
from sample_agents.shapes.stage import ANSWERED, HAS_DONE, ORDERED, VARIABLE, Shape, World

#: Name of the process that coordinates.
_NAME: Final = "coordinator"

#: Seconds after the last order within which all must be done that ever will be, however slow the machine is.
_LONGEST: Final = 180.0

#: Seconds that a process may take to be ready, and between two looks.
_START: Final = 60.0
_LOOK: Final = 0.05


class Shop:
    """Whoever sends orders, in any shape. Args: the trial's `world`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._answers: list[asyncio.Task[bool]] = []

    async def until_ready(self) -> None:
        """Waits until orders are taken."""
        async with asyncio.timeout(_START):
            while not await self._is_ready():  # noqa: ASYNC110 - another process becomes it
                await asyncio.sleep(_LOOK)

    async def order(self, number: int) -> None:
        """Sends an order; returns once it is accepted, however long that takes."""
        await self.world.note(ORDERED, number)
        if not self.world.trial.shape.is_hybrid:
            while not await self._was_accepted(number):  # noqa: ASYNC110 - another process starts again
                await asyncio.sleep(_LOOK)
            return
        from sample_agents.shapes.hybrid import app, long_flow, short_flow

        flow = long_flow if len(self.world.trial.path) > 2 else short_flow
        run = await app.start(flow, subject=str(number), key=str(number), number=number)

        async def was_answered() -> bool:
            try:
                await run.result()
            except RunFailedError:
                return False
            await self.world.note(ANSWERED, number)
            return True

        self._answers.append(asyncio.create_task(was_answered()))

    async def until_done(self) -> None:
        """Waits until whoever coordinates has nothing left to do, and says so itself: a pause proves nothing where the
        machine is slow."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST):
                while not await self._is_done():  # noqa: ASYNC110 - another process does it
                    await asyncio.sleep(_LOOK)
        for task in self._answers:
            task.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)

    async def _is_done(self) -> bool:
        if not self.world.trial.shape.is_hybrid:
            return await self._ask_coordinator(HAS_DONE) == "yes"
        if not all(answer.done() for answer in self._answers):
            return False
        arrived = sum(answer.result() for answer in self._answers)
        admin = await Admin.connect()
        try:
            channels = await admin.channels()
        finally:
            await admin.close()
        groups = [group for channel in channels for group in channel.groups]
        return all(one.owed >= arrived and not one.pending + one.retrying for one in groups)

    async def _is_ready(self) -> bool:
        if not self.world.trial.shape.is_hybrid:
            return await self._ask_coordinator(HAS_DONE) != ""
        admin = await Admin.connect()
        try:
            return any(not one.seen.record.is_cell for one in await admin.workers())
        finally:
            await admin.close()

    async def _was_accepted(self, number: int) -> bool:
        return await self._ask_coordinator(str(number)) == "accepted"

    async def _ask_coordinator(self, question: str) -> str:
        """What the coordinator in memory answers; empty where it is not there."""
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_unix_connection(self.world.socket)
            try:
                writer.write(f"{question}\n".encode())
                await writer.drain()
                return (await reader.readline()).decode().strip()
            finally:
                writer.close()
        return ""


async def run(world: World, supervisor: Supervisor) -> None:
    """Runs a trial to its end."""
    shop = Shop(world)
    async with contextlib.AsyncExitStack() as stack:
        if world.trial.shape.is_hybrid:
            from sample_agents.shapes.hybrid import app

            await stack.enter_async_context(app.client())
        for child in _start(world, supervisor):
            supervisor.keep_up(child)
        await shop.until_ready()
        world.begin()
        mending = asyncio.create_task(_keep_up(supervisor))
        stack.callback(mending.cancel)
        crashing = asyncio.create_task(_crash(world, supervisor))
        for number in range(1, world.trial.orders + 1):
            await asyncio.sleep(max(0.0, PACE * number - world.moment()))
            await shop.order(number)
        await crashing
        await shop.until_done()


def _start(world: World, supervisor: Supervisor) -> list[Child]:
    words = ("runtime.cli", "worker", "sample_agents.shapes.hybrid:app")
    command = python_command(*words) if world.trial.shape.is_hybrid else python_command("sample_agents.shapes.pure")
    names = (_NAME, "second") if world.trial.shape is Shape.PAIR else (_NAME,)
    plans = [Plan(name, command, deadline=2.0, log=world.socket.with_name(f"{name}.log")) for name in names]
    return supervisor.start(*plans)


async def _crash(world: World, supervisor: Supervisor) -> None:
    for moment in world.trial.faults.crashes():
        await asyncio.sleep(max(0.0, moment - world.moment()))
        supervisor.crash(_NAME)


async def _keep_up(supervisor: Supervisor) -> None:
    while True:
        supervisor.maintain_children()
        await asyncio.sleep(_LOOK)


def main() -> int:
    """Runs the trial that this process is part of; its exit status is 0 when it came to an end."""
    hold_lifeline()
    world = World(Path(os.environ[VARIABLE]))
    with Supervisor() as supervisor:
        asyncio.run(run(world, supervisor))
        print(json.dumps([[one.deed, int(one.subject), one.at] for one in world.book.entries()]))
        return 0
    return 1  # told to end: the supervisor takes its own exception along


if __name__ == "__main__":
    sys.exit(main())
