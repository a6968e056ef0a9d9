"""FastStream sends persistent messages, each confirmed. Arguments: how many, and the queue."""

import asyncio
import sys
import time

from faststream_rabbit_broker import broker

from benchmarks.programs.talk import PAYLOAD, announce_ready_async, cpu_s, print_figures, publish_all


async def _main(count: int, queue: str) -> None:
    rabbit = broker()

    async def publish(_: int) -> None:
        await rabbit.publish(PAYLOAD, queue=queue, persist=True)

    async with rabbit:
        await announce_ready_async()
        cpu, first = cpu_s(), time.time()
        await publish_all(count, publish)
        print_figures(first=first, last=time.time(), cpu=cpu_s() - cpu)
        await asyncio.Event().wait()


asyncio.run(_main(int(sys.argv[1]), sys.argv[2]))
