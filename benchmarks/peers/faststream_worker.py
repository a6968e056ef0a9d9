"""FastStream's consumer of one stream in a group, 16 messages at once. Arguments: how many will come."""

import asyncio
import sys

from faststream.redis import StreamSub
from faststream_broker import broker

from benchmarks.programs.talk import Arrivals, announce_ready_async


async def _main(count: int) -> None:
    arrivals, redis = Arrivals(count), broker()
    stream = StreamSub("bench.events", group="bench", consumer="one", max_records=16, polling_interval=250)

    @redis.subscriber(stream=stream, max_workers=16)
    async def handle(event: dict) -> None:
        arrivals.record_arrival(event["sent"])

    async with redis:
        await redis.start()
        await announce_ready_async()
        arrivals.begin()
        await arrivals.done.wait()
        arrivals.print_figures()
        await asyncio.Event().wait()


asyncio.run(_main(int(sys.argv[1])))
