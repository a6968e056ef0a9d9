"""Runs of ten steps in a line, each adding one, in one process. Arguments: how many runs together, and how many times.

Tells how many steps a second, and how long one time took in the middle, in ms.
"""

import asyncio
import sys
import time
from statistics import median
from typing import Any

from benchmarks.programs.talk import announce_ready_async, cpu_s, print_figures
from causeline import App

#: Steps of a run.
LENGTH = 10

app = App("bench")
line = app.workflow("line", number=int)


def _declare() -> None:
    before = "number"
    for at in range(LENGTH):
        # Parameters are read by name: each step asks for the one before it.
        scope: dict[str, Any] = {}
        exec(f"async def step{at}({before}: int) -> int:\n    return {before} + 1", scope)  # noqa: S102 - our own text
        line.step(scope[f"step{at}"])
        before = f"step{at}"


async def _together(runs: int) -> None:
    started = await asyncio.gather(*(app.start(line, number=number) for number in range(runs)))
    found = await asyncio.gather(*(run.result() for run in started))
    if found != [number + LENGTH for number in range(runs)]:
        raise SystemExit(f"wrong results: {found}")


async def _main(runs: int, times: int) -> None:
    _declare()
    async with app:
        await announce_ready_async()
        await _together(1)
        cpu, took = cpu_s(), []
        for _ in range(times):
            began = time.perf_counter()
            await _together(runs)
            took.append(time.perf_counter() - began)
        steps = runs * times * LENGTH
        print_figures(rate=steps / sum(took), ms=median(took) * 1000, cpu=(cpu_s() - cpu) / steps * 1e6)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2])))
