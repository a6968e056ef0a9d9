"""LangGraph: runs of ten nodes in a line, each adding one. Arguments: how many runs together, how many times, and the
file of SQLite checkpoints ('' for none in a file: without durability)."""

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from statistics import median
from typing import TypedDict
from uuid import uuid4

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph

from benchmarks.programs.talk import announce_ready_async, cpu_s, print_figures

LENGTH = 10


class State(TypedDict):
    number: int


async def add(state: State) -> State:
    return {"number": state["number"] + 1}


@asynccontextmanager
async def checkpoints(file: str):
    if not file:
        yield InMemorySaver()
        return
    async with AsyncSqliteSaver.from_conn_string(file) as saver:
        yield saver


async def main(runs: int, times: int, file: str) -> None:
    graph = StateGraph(State)
    for at in range(LENGTH):
        graph.add_node(f"step{at}", add)
        graph.add_edge(START if at == 0 else f"step{at - 1}", f"step{at}")
    graph.add_edge(f"step{LENGTH - 1}", END)
    async with checkpoints(file) as saver:
        line = graph.compile(checkpointer=saver)

        async def together(count: int) -> None:
            # `sync`: a step begins once the one before it is written down.
            asked = (
                line.ainvoke({"number": n}, {"configurable": {"thread_id": str(uuid4())}}, durability="sync")
                for n in range(count)
            )
            found = [one["number"] for one in await asyncio.gather(*asked)]
            if found != [number + LENGTH for number in range(count)]:
                raise SystemExit(f"wrong results: {found}")

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
