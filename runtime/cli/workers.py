"""`causeline workers`: see who works."""

import asyncio

from runtime.cli.admin_connection import connect_admin
from runtime.cli.tables import describe_lane, describe_limit_use, workers_table
from runtime.cli.terminal import plain, screen


def workers() -> None:
    """List workers and cells: for whom they work, where they run, when they were last heard of and what they did then;
    what of the limits of agents is used; and what is due for agents whose workers, or limits, have not come to it yet,
    by key where they take turns."""

    async def show() -> None:
        async with connect_admin() as admin:
            found, backlogs = await admin.workers(), await admin.backlogs()
        screen.print(workers_table(found))
        for backlog in backlogs:
            for use in backlog.limits:
                screen.print(plain(describe_limit_use(backlog.runs.app, use)))
            for lane in backlog.runs.lanes:
                screen.print(plain(describe_lane(backlog.runs.app, lane, is_served=lane not in backlog.unserved)))

    asyncio.run(show())
