"""The limit of a publisher: redis-py alone, a hundred events a round trip. Arguments: how many, and how many a second
(0: as fast as it goes)."""

import asyncio
import json
import os
import sys
import time

from redis.asyncio import Redis

from benchmarks.programs.talk import AT_ONCE, PAYLOAD, announce_ready_async, cpu_s, print_figures, publish_at


def _event() -> bytes:
    return json.dumps(PAYLOAD | {"sent": time.time()}).encode()


async def _fast(redis: Redis, count: int) -> None:
    for first in range(0, count, AT_ONCE):
        async with redis.pipeline(transaction=False) as pipe:
            for _ in range(min(AT_ONCE, count - first)):
                pipe.xadd("bench.events", {"e": _event()})
            await pipe.execute()


async def _main(count: int, rate: float) -> None:
    async with Redis.from_url(os.environ["CAUSELINE_REDIS_URL"], protocol=2) as redis:
        await redis.ping()
        await announce_ready_async()
        cpu, first = cpu_s(), time.time()
        if rate:
            await publish_at(count, rate, lambda _: redis.xadd("bench.events", {"e": _event()}))
        else:
            await _fast(redis, count)
        print_figures(first=first, last=time.time(), cpu=cpu_s() - cpu)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
