"""A LangGraph with all that is hard to tell: a subgraph, branches of unlike length that join, a node that fails and is
tried again, as many tasks as there are parts, a jump, a question to a person and the answer to it, and a failure."""

import asyncio
import contextlib
import operator
import sys
from pathlib import Path
from typing import Annotated, Any, TypedDict

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "docs" / "examples"))

from journal import note
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy, Send, interrupt
from langgraph_writer import Echo, instrument
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


class State(TypedDict, total=False):
    """What the nodes share."""

    said: Annotated[list[str], operator.add]
    part: int


def node(name: str, *after: str, graph: str = "office") -> Any:
    """Makes a node that does nothing but to be known."""

    async def run(_state: State) -> State:
        note("step", name, after=list(after), run=graph)
        return {"said": [name]}

    return run


async def ask(_state: State) -> State:
    """Calls a model, and streams what it says."""
    note("step", "research", after=[])
    note("run", "research", parent="office")
    note("step", "ask", after=[], run="research")
    parts = [str(part.content) async for part in Echo(run="research", step="ask").astream("What is a cause?")]
    return {"said": parts}


def research() -> Any:
    """A graph within a graph."""
    made = StateGraph(State)
    made.add_node("ask", ask)
    made.add_node("sum_up", node("sum_up", "ask", graph="research"))
    made.add_edge(START, "ask")
    made.add_edge("ask", "sum_up")
    made.add_edge("sum_up", END)
    return made.compile(name="research")


tries = 0


async def shaky(_state: State) -> State:
    """Fails at its first try."""
    global tries
    tries += 1
    note("step", "shaky", after=["short"], attempt=tries)
    if tries == 1:
        raise ConnectionError("the line is noisy")
    return {"said": ["shaky"]}


async def one_part(state: State) -> State:
    """One of several tasks of one node."""
    note("step", "one_part", after=["split"])
    return {"said": [str(state["part"])]}


async def choose(_state: State) -> Command[Any]:
    """Says itself what comes next."""
    note("step", "choose", after=["one_part", "one_part", "one_part"])
    return Command(update={"said": ["choose"]}, goto="approve")


asked: list[str] = []


async def approve(_state: State) -> State:
    """Waits for a person."""
    told = {"after": [], "status": "ok"} if asked else {"after": ["choose"], "status": "waiting"}
    note("step", "approve", **told)  # with the answer a run begins with it
    asked.append("yes")
    return {"said": [str(interrupt("May it go out?"))]}


async def send(_state: State) -> State:
    """Fails for good."""
    note("step", "send", after=["approve"], status="failed")
    raise ValueError("no such address")


def graph() -> Any:
    """Puts all together."""
    made = StateGraph(State)
    made.add_node("research", research())
    made.add_node("long", node("long", "research"))
    made.add_node("longer", node("longer", "long"))
    made.add_node("short", node("short", "research"))
    made.add_node("aside", node("aside", "research"))
    made.add_node("shaky", shaky, retry_policy=RetryPolicy(initial_interval=0.01, jitter=False))
    made.add_node("split", node("split", "shaky", "longer", "aside"))
    made.add_node("one_part", one_part)
    made.add_node("choose", choose, destinations=("approve", "skipped"))
    made.add_node("skipped", node("skipped"))
    made.add_node("approve", approve)
    made.add_node("send", send)
    made.add_edge(START, "research")
    made.add_edge("research", "long")
    made.add_edge("research", "short")
    made.add_edge("research", "aside")
    made.add_edge("long", "longer")
    made.add_edge("short", "shaky")
    made.add_edge(["longer", "shaky", "aside"], "split")
    made.add_conditional_edges("split", lambda _: [Send("one_part", {"part": n}) for n in range(3)], ["one_part"])
    made.add_edge("one_part", "choose")
    made.add_edge("approve", "send")
    made.add_edge("send", END)
    return made.compile(name="office", checkpointer=InMemorySaver())


async def main() -> None:
    """One conversation: a run that ends with a question, and one that goes on with the answer."""
    office, config = graph(), {"configurable": {"thread_id": "thread-2"}}
    note("run", "office", session="thread-2", status="waiting")
    await office.ainvoke({"said": []}, config)
    note("run", "office", session="thread-2", status="failed")
    with contextlib.suppress(ValueError):
        await office.ainvoke(Command(resume="yes"), config)


if __name__ == "__main__":
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    instrument(provider)
    asyncio.run(main())
    provider.shutdown()
