"""Flows in one process. Arguments: which (`fan_out`, `waits`, `calls`, `rounds`), and of how many items or runs.

`fan_out` tells how long a fan-out takes, `waits` what runs that wait cost and how late answers are seen, `calls` what a
recorded call costs beside a step, `rounds` what of memory is left after a loop, in the second half of its rounds.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.programs.talk import announce_ready_async, cpu_s, percentile, print_figures
from causeline import App, Context, Run

#: Seconds that waiting runs are watched.
WATCHED = 5.0
#: Answers that are given one after the other.
ANSWERS = 200

app = App("bench")
spread = app.workflow("spread", items=list[int])
asking = app.workflow("asking", number=int)
calling = app.workflow("calling", count=int)
circling = app.workflow("circling", most=int)


@spread.step(over="items")
async def add(item: int) -> int:
    return item + 1


@spread.step
async def total(add: list[int]) -> int:
    return sum(add)


@asking.step
async def ask(number: int, ctx: Context) -> int:
    answer: int = await ctx.wait_for("answer", into=int)
    return number + answer


async def _one(number: int) -> int:
    return number + 1


@calling.step
async def call(count: int, ctx: Context) -> int:
    for number in range(count):
        await ctx.once("add", _one, number, key=str(number))
    return count


@circling.step(until=lambda turn, most: turn >= most, max_rounds=1_000_000)
async def turn(most: int, turn: int | None, ctx: Context) -> int:
    return ctx.round


async def _fan_out(items: int) -> None:
    await _result(await app.start(spread, items=[1, 2]), 5)
    await announce_ready_async()
    cpu, began = cpu_s(), time.perf_counter()
    await _result(await app.start(spread, items=list(range(items))), items * (items + 1) // 2)
    print_figures(ms=(time.perf_counter() - began) * 1000, cpu=(cpu_s() - cpu) / items * 1e6)


async def _waits(runs: int) -> None:
    await announce_ready_async()
    waiting: list[Run] = []
    for first in range(0, runs, 500):
        numbers = range(first, min(first + 500, runs))
        waiting += await asyncio.gather(*(app.start(asking, number=number) for number in numbers))
    for run in waiting:
        while not await app.session.store.waits(run.id):  # noqa: ASYNC110 - what is awaited is on a server
            await asyncio.sleep(0.01)
    cpu = cpu_s()
    await asyncio.sleep(WATCHED)
    share = (cpu_s() - cpu) / WATCHED
    late = []
    for run in waiting[:: max(1, runs // ANSWERS)]:
        began = time.perf_counter()
        await run.send("answer", 1)
        await run.result()
        late.append((time.perf_counter() - began) * 1000)
    late.sort()
    print_figures(share=share, p50=percentile(late, 0.5), p99=percentile(late, 0.99))


async def _calls(count: int) -> None:
    await _result(await app.start(calling, count=1), 1)
    await announce_ready_async()
    cpu, began = cpu_s(), time.perf_counter()
    await _result(await app.start(calling, count=count), count)
    print_figures(ms=(time.perf_counter() - began) * 1000 / count, cpu=(cpu_s() - cpu) / count * 1e6)


async def _rounds(count: int) -> None:
    await announce_ready_async()
    await _result(await app.start(circling, most=count), count)
    before, began = _memory_mib(), time.perf_counter()
    await _result(await app.start(circling, most=count), count)
    took = (time.perf_counter() - began) * 1000
    print_figures(more=_memory_mib() - before, memory=_memory_mib(), ms=took / count)


async def _result(run: Run, expected: int) -> None:
    if (found := await run.result()) != expected:
        raise SystemExit(f"wrong result: {found}")


def _memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


_WHICH: dict[str, Callable[[int], Awaitable[None]]] = {
    "fan_out": _fan_out,
    "waits": _waits,
    "calls": _calls,
    "rounds": _rounds,
}


async def _main(which: str, count: int) -> None:
    async with app:
        await _WHICH[which](count)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
