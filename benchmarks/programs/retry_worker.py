"""Retries that all fall due within one second. Arguments: how many.

Tells how long after the last of them was due the last was handled, in seconds.
"""

import asyncio
import random
import sys
import time
from typing import Any

from benchmarks.programs.events_app import app
from benchmarks.programs.talk import PAYLOAD, announce_ready_async, cpu_s, print_figures, publish_all
from causeline import App, Retry
from runtime.bus.keys import ChannelKeys
from runtime.bus.records import AttemptRecord

CHANNEL, GROUP, PAGE = "bench.events", "bench", 500


async def _book(count: int) -> None:
    """Publishes so many events, and has an attempt at each of them fail."""
    async with app.client():
        bus = app.session.bus
        await publish_all(count, lambda _: app.publish(CHANNEL, PAYLOAD))
        while deliveries := await bus.read(CHANNEL, GROUP, "gone", PAGE, 10):
            began = (bus.begin(one, "gone", 1, isolated=True, kills=3, vanishings=5) for one in deliveries)
            for one, begun in zip(deliveries, await asyncio.gather(*began), strict=True):
                # Without an end it would count as lost, and have a span of its own, too.
                record = AttemptRecord(
                    attempt=begun.attempt, round=0, started_ms=begun.started_ms, ended_ms=begun.started_ms
                )
                await bus.retry(one, "gone", record, 3_600_000)


async def _fall_due(working: App) -> float:
    """Has all of them due within the second that begins in a second; when that ends, in seconds since 1970."""
    client, waiting = working.session.server.client, ChannelKeys(CHANNEL).waiting(GROUP)
    members: Any = await client.zrange(waiting, 0, -1)
    begin = time.time() + 1.0
    for at in range(0, len(members), PAGE):
        due: dict[Any, float] = {one: (begin + random.random()) * 1000 for one in members[at : at + PAGE]}
        await client.zadd(waiting, due)
    return begin + 1.0


async def _main(count: int) -> None:
    left, done, last = count, asyncio.Event(), 0.0

    @app.subscribe(CHANNEL, group=GROUP, record_values=False, retry=Retry(attempts=5))
    async def handle(event: dict[str, object]) -> None:
        nonlocal left, last
        left, last = left - 1, time.time()
        if not left:
            done.set()

    await _book(count)
    async with app:
        await announce_ready_async()
        end = await _fall_due(app)
        cpu = cpu_s()
        await done.wait()
        print_figures(late=last - end, cpu=(cpu_s() - cpu) / count * 1e6)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
