"""A worker with one group that counts the events it handles. Arguments: how many will come."""

import asyncio
import sys

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import Arrivals, announce_ready_async


async def _main(count: int) -> None:
    arrivals = Arrivals(count)

    @app.subscribe("bench.events", group="bench", record_values=False)
    async def handle(event: dict[str, object]) -> None:
        arrivals.record_arrival(float(str(event["sent"])))

    async with app:
        await announce_ready_async()
        arrivals.begin()
        await arrivals.done.wait()
        await app.drain(10)
        arrivals.print_figures()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
