"""`causeline workers`: see who works."""

import asyncio

from runtime.cli.operating import connected
from runtime.cli.tables import workers_table
from runtime.cli.terminal import screen


def workers() -> None:
    """List workers and cells: their app, where they run, and when they were last heard of."""

    async def show() -> None:
        async with connected() as admin:
            found = await admin.workers()
        screen.print(workers_table(found))

    asyncio.run(show())
