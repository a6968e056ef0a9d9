"""Publishes events from outside. Arguments: how many, and how many a second (0: as fast as it goes)."""

import asyncio
import sys
import time

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import PAYLOAD, announce_ready_async, cpu_s, print_figures, publish_all, publish_at


async def _main(count: int, rate: float) -> None:
    async def publish(_: int) -> None:
        await app.publish("bench.events", PAYLOAD | {"sent": time.time()})

    async with app.client():
        await announce_ready_async()
        cpu, first = cpu_s(), time.time()
        if rate:
            await publish_at(count, rate, publish)
        else:
            await publish_all(count, publish)
        print_figures(first=first, last=time.time(), cpu=cpu_s() - cpu)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
