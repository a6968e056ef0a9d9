"""Work that is in a cell, and who works."""

import os
import signal

from tests.end_to_end.cells_client import Client, Work
from tests.processes import is_running
from tests.served import Served
from tests.waiting import until

#: Seconds that something may take that should take one or a few; machines that run tests are busy.
SOON = 15.0


async def told_to_end(client: Client, held: Work) -> None:
    """Tells the cell of a job to end, again and again: what it does outlasts the time that it has after one signal."""
    pid = client.diary.rows("begun", key=held.name)[-1]["pid"]

    def gone() -> bool:
        if is_running(pid):
            os.kill(pid, signal.SIGTERM)
        return not is_running(pid)

    await until(gone, "the cell ends", SOON)


async def in_a_cell(client: Client, worker: Served, kind: str = "step", does: str = "hold") -> Work:
    """A job that goes on in a cell, because its worker was killed."""
    held = await client.begin(kind, f"held-{kind}", does)
    [row] = await worker.until("begun", held.name)
    os.kill(row["pid"], signal.SIGKILL)
    await worker.until("begun", held.name, times=2)
    return held


async def workers_of(client: Client, number: int) -> bool:
    return await client.app.session.presence.count_live_workers(60_000) >= number
