"""Records the messages of a queue as events, and handles them. Arguments: how many there are, and the queue."""

import asyncio
import sys
import time

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import Arrivals, announce_ready_async, cpu_s, print_figures


async def _main(count: int, queue: str) -> None:
    arrivals = Arrivals(count)
    app.rabbitmq.inbound(queue=queue, channel="bench.in")

    @app.subscribe("bench.in", group="bench", record_values=False)
    async def handle(event: dict[str, object]) -> None:
        arrivals.record_arrival(0)

    await announce_ready_async()
    cpu, first = cpu_s(), time.time()
    async with app:
        await arrivals.done.wait()
        print_figures(first=first, last=arrivals.last, cpu=cpu_s() - cpu)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2]))
