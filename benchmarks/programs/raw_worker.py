"""The limit of a consumer: redis-py alone reads, and acknowledges, by hundreds. Arguments: how many will come, how many
it reads at once, and how many groups there are."""

import asyncio
import json
import os
import sys
from typing import Any

from redis.asyncio import Redis

from benchmarks.programs.talk import Arrivals, announce_ready_async


async def _read(redis: Redis, group: str, arrivals: Arrivals, at_once: int) -> None:
    while not arrivals.done.is_set():
        found: Any = await redis.xreadgroup(group, "one", {"bench.events": ">"}, count=at_once, block=250)
        entries = [entry for _, entries in found for entry in entries]
        for _, fields in entries:
            arrivals.record_arrival(json.loads(fields[b"e"])["sent"])
        if entries:
            await redis.xack("bench.events", group, *(id_ for id_, _ in entries))


async def _main(count: int, at_once: int, groups: int) -> None:
    arrivals = Arrivals(count * groups)
    names = [f"bench-{number}" for number in range(groups)]
    async with Redis.from_url(os.environ["CAUSELINE_REDIS_URL"], protocol=2) as redis:
        for name in names:
            await redis.xgroup_create("bench.events", name, "0", mkstream=True)
        ready = asyncio.create_task(announce_ready_async())
        await asyncio.gather(*(_read(redis, name, arrivals, at_once) for name in names))
        await ready
        arrivals.print_figures()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
