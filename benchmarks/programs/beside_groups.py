"""Publishes one after the other, then runs whose steps publish, beside groups that nobody serves. Arguments: how many
publishes, and how many dead groups; each owes a thousand events before anything is measured."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.programs.talk import PAYLOAD, announce_ready_async, percentile, print_figures
from causeline import App, Event

CHANNEL = "bench.crowded"
BACKLOG = 1000

app = App("bench")
flow = app.workflow("flow", number=int)


@flow.step(publishes=CHANNEL)
async def first(number: int) -> dict[str, Any]:
    return PAYLOAD


@flow.step
async def second(first: dict[str, Any]) -> int:
    return len(first)


@app.subscribe(CHANNEL, group="quick")
async def handle(event: Event[Any]) -> None: ...


async def _measure_times(count: int, act: Callable[[], Awaitable[object]]) -> list[float]:
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await act()
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


async def _run() -> None:
    run = await app.start(flow, number=1)
    await run.result()


async def _main(count: int, dead: int) -> None:
    async with app.client():
        for number in range(dead):
            await app.session.bus.subscribe(CHANNEL, f"dead-{number}", schema="{}", app="gone")
        await asyncio.gather(*(app.publish(CHANNEL, PAYLOAD) for _ in range(BACKLOG)))
        async with app:
            await app.drain(60)
            await announce_ready_async()
            published = await _measure_times(count, lambda: app.publish(CHANNEL, PAYLOAD))
            ran = await _measure_times(max(1, count // 5), _run)
            print_figures(
                publish=percentile(published, 0.5),
                publish_99=percentile(published, 0.99),
                run=percentile(ran, 0.5),
                run_99=percentile(ran, 0.99),
            )
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2])))
