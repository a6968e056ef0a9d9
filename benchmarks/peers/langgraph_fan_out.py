"""LangGraph: one node for each item, by `Send`, and one that adds up what they made. Arguments: how many items, and the
file of SQLite checkpoints ('' for none in a file: without durability)."""

import asyncio
import operator
import sys
import time
from typing import Annotated, TypedDict
from uuid import uuid4

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from benchmarks.peers.langgraph_steps import checkpoints
from benchmarks.programs.talk import announce_ready_async, cpu_s, print_figures


class State(TypedDict):
    items: list[int]
    added: Annotated[list[int], operator.add]
    total: int


async def add(item: int) -> dict[str, list[int]]:
    return {"added": [item + 1]}


async def total(state: State) -> dict[str, int]:
    return {"total": sum(state["added"])}


async def main(items: int, file: str) -> None:
    graph = StateGraph(State)
    graph.add_node("add", add)
    graph.add_node("total", total)
    graph.add_conditional_edges(START, lambda state: [Send("add", item) for item in state["items"]], ["add"])
    graph.add_edge("add", "total")
    graph.add_edge("total", END)
    async with checkpoints(file) as saver:
        spread = graph.compile(checkpointer=saver)

        async def once(numbers: list[int]) -> None:
            config = {"configurable": {"thread_id": str(uuid4())}, "recursion_limit": 100}
            found = await spread.ainvoke({"items": numbers}, config, durability="sync")
            if found["total"] != sum(numbers) + len(numbers):
                raise SystemExit(f"wrong result: {found['total']}")

        await once([1, 2])
        await announce_ready_async()
        cpu, began = cpu_s(), time.perf_counter()
        await once(list(range(items)))
        print_figures(ms=(time.perf_counter() - began) * 1000, cpu=(cpu_s() - cpu) / items * 1e6)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
