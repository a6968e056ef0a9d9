"""DBOS: workflows of ten steps in a line, each adding one, in PostgreSQL. Arguments: how many together, how many times,
and the address of the database."""

import asyncio
import sys
import time
from statistics import median

from dbos import DBOS

from benchmarks.programs.talk import announce_ready_async, cpu_s, print_figures

LENGTH = 10


@DBOS.step()
async def add(number: int) -> int:
    return number + 1


@DBOS.workflow()
async def line(number: int) -> int:
    for _ in range(LENGTH):
        number = await add(number)
    return number


async def together(count: int) -> None:
    started = await asyncio.gather(*(DBOS.start_workflow_async(line, number) for number in range(count)))
    found = await asyncio.gather(*(one.get_result() for one in started))
    if found != [number + LENGTH for number in range(count)]:
        raise SystemExit(f"wrong results: {found}")


async def main(runs: int, times: int, url: str) -> None:
    DBOS(config={"name": "bench", "system_database_url": url, "run_admin_server": False, "log_level": "ERROR"})
    DBOS.launch()
    await announce_ready_async()
    await together(1)
    cpu, took = cpu_s(), []
    for _ in range(times):
        began = time.perf_counter()
        await together(runs)
        took.append(time.perf_counter() - began)
    steps = runs * times * LENGTH
    print_figures(rate=steps / sum(took), ms=median(took) * 1000, cpu=(cpu_s() - cpu) / steps * 1e6)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
