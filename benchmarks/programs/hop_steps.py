"""Starts runs whose only step publishes, and does the steps. Arguments: how many, and how many a second."""

import asyncio
import sys
import time

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import PAYLOAD, announce_ready_async, cpu_s, print_figures, publish_at

flow = app.workflow("hop", number=int)


@flow.step(publishes="bench.events")
async def send(number: int) -> dict[str, object]:
    return PAYLOAD | {"sent": time.time()}


async def _main(count: int, rate: float) -> None:
    async with app:
        await announce_ready_async()
        cpu, first = cpu_s(), time.time()
        await publish_at(count, rate, lambda number: app.start(flow, number=number))
        await app.drain(60)
        print_figures(first=first, last=time.time(), cpu=cpu_s() - cpu)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
