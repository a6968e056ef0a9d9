"""A worker with ten groups that has nothing to do. Arguments: for how many seconds."""

import asyncio
import sys
import time

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import announce_ready_async, cpu_s, print_figures

GROUPS = 10


async def _main(seconds: float) -> None:
    for number in range(GROUPS):

        @app.subscribe(f"bench.idle{number}", group=f"idle{number}")
        async def handle(event: dict[str, object]) -> None:
            raise AssertionError("nobody publishes anything")

    async with app:
        await announce_ready_async()
        cpu, began = cpu_s(), time.monotonic()
        await asyncio.sleep(seconds)
        print_figures(share=(cpu_s() - cpu) / (time.monotonic() - began))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
