"""Publishes events that a group sends to RabbitMQ, until all are confirmed. Arguments: how many, and the queue."""

import asyncio
import sys
import time

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import PAYLOAD, announce_ready_async, cpu_s, print_figures, publish_all


async def _main(count: int, queue: str) -> None:
    app.rabbitmq.outbound(channel="bench.out", exchange="", routing_key=queue)

    async def publish(_: int) -> None:
        await app.publish("bench.out", PAYLOAD)

    async with app:
        await announce_ready_async()
        cpu, first = cpu_s(), time.time()
        await publish_all(count, publish)
        await app.drain(120)
        print_figures(first=first, last=time.time(), cpu=cpu_s() - cpu)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2]))
