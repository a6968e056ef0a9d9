"""A worker with many groups of one channel. Arguments: how many events will come, and how many groups there are."""

import asyncio
import sys

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import Arrivals, announce_ready_async


async def _main(count: int, groups: int) -> None:
    arrivals = Arrivals(count * groups)

    def declare(group: str) -> None:
        @app.subscribe("bench.events", group=group, record_values=False)
        async def handle(event: dict[str, object]) -> None:
            arrivals.record_arrival(float(str(event["sent"])))

    for number in range(groups):
        declare(f"group-{number}")
    async with app:
        await announce_ready_async()
        arrivals.begin()
        await arrivals.done.wait()
        await app.drain(60)
        arrivals.print_figures()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2])))
