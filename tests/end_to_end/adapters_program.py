"""An agent of Pydantic AI and a graph of LangGraph in one step; the process dies of SIGKILL where it is told to."""

import asyncio
import operator
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import UUID

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from runtime import App, Context, Retry
from runtime.adapters.langgraph import recorded
from runtime.adapters.pydantic_ai import Recorded
from tests.diary import Diary

#: All that is paid for, in no order.
PAID = ("model 0", "tool", "model 1", "plan", "item 0", "item 1", "item 2", "judge 0", "plan", "judge 1")


class State(TypedDict, total=False):
    """What nodes share."""

    notes: Annotated[list[str], operator.add]
    rounds: int


class Till:
    """Notes what is paid for, and where the process dies.

    Args:
        folder: of the test.
        deadly: after how many payments; 0 for never.
    """

    def __init__(self, folder: Path, deadly: int) -> None:
        self.diary = Diary(folder)
        self._deadly = deadly
        self._paid = 0

    def pay(self, what: str) -> None:
        """Something costs."""
        self._paid += 1
        if self._paid == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        self.diary.note("paid", what)


def declared(till: Till) -> tuple[App, Any]:
    """The app, and its workflow."""
    app = App("adapters")
    workflow = app.workflow("work")
    desk, graph = _desk(till), recorded(_graph(till))

    @workflow.step(retry=Retry(attempts=1))
    async def work(ctx: Context) -> list[str]:
        answer = await desk.run("what of it?")
        state = await graph.ainvoke({"rounds": 0})
        return [answer.output, *sorted(state["notes"])]

    return app, workflow


def _desk(till: Till) -> Agent[Any, str]:
    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        turn = sum(isinstance(message, ModelResponse) for message in messages)
        till.pay(f"model {turn}")
        return ModelResponse([TextPart("well")] if turn else [ToolCallPart("look", {})])

    agent = Agent(FunctionModel(answer), name="desk", capabilities=[Recorded()])

    @agent.tool_plain
    def look() -> str:
        till.pay("tool")
        return "seen"

    return agent


def _graph(till: Till) -> Any:
    async def plan(state: State) -> Any:
        till.pay("plan")
        return {"notes": ["plan"]}

    async def item(given: Any) -> Any:
        till.pay(f"item {given['number']}")
        return {"notes": [f"item {given['number']}"]}

    async def judge(state: State) -> Any:
        till.pay(f"judge {state['rounds']}")
        return {"rounds": state["rounds"] + 1, "notes": [f"judge {state['rounds']}"]}

    def then(state: State) -> Any:
        return "judge" if state.get("rounds") else [Send("item", {"number": number}) for number in range(3)]

    builder = StateGraph(State)
    for name, node in (("plan", plan), ("item", item), ("judge", judge)):
        builder.add_node(name, node)
    builder.add_edge(START, "plan")
    builder.add_conditional_edges("plan", then, ["item", "judge"])
    builder.add_edge("item", "judge")
    builder.add_conditional_edges("judge", lambda state: "plan" if state["rounds"] < 2 else END, ["plan", END])
    return builder.compile(name="writer")


async def main(folder: Path, run_id: str, deadly: int) -> None:
    """Starts a run, or goes on with it, and prints its result."""
    app, workflow = declared(Till(folder, deadly))
    async with app:
        run = await (app.get_run(UUID(run_id)) if run_id else app.start(workflow))
        (folder / "run").write_text(str(run.id))
        print(await run.result(60))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
