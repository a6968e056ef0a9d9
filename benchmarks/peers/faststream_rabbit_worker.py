"""FastStream's consumer of a queue. Arguments: how many messages are in it, and its name."""

import asyncio
import sys
import time

from faststream_rabbit_broker import broker, queue

from benchmarks.programs.talk import Arrivals, announce_ready_async, cpu_s, print_figures


async def _main(count: int, name: str) -> None:
    arrivals, rabbit = Arrivals(count), broker()

    @rabbit.subscriber(queue(name))
    async def handle(event: dict) -> None:
        arrivals.record_arrival(0)

    async with rabbit:
        await announce_ready_async()
        cpu, first = cpu_s(), time.time()
        await rabbit.start()
        await arrivals.done.wait()
        print_figures(first=first, last=arrivals.last, cpu=cpu_s() - cpu)
        await asyncio.Event().wait()


asyncio.run(_main(int(sys.argv[1]), sys.argv[2]))
