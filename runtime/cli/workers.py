"""`causeline workers`: see who works."""

import asyncio

from runtime.cli.operating import connected
from runtime.cli.tables import unserved, workers_table
from runtime.cli.terminal import plain, screen


def workers() -> None:
    """List workers and cells: for whom they work, where they run, when they were last heard of and what they did then;
    and agents that have steps due and no live worker."""

    async def show() -> None:
        async with connected() as admin:
            found, backlogs = await admin.workers(), await admin.backlogs()
        screen.print(workers_table(found))
        for backlog in backlogs:
            for lane in backlog.unserved:
                screen.print(plain(unserved(backlog.runs.app, lane)))

    asyncio.run(show())
