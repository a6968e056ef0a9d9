"""An agent that talks to a model and calls tools, as Pydantic AI tells of it."""

import json
from typing import Any

from tests.collector.agents.sent import PYDANTIC_AI, SentTrace

WEATHER = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Bern"}}


def text(role: str, said: str) -> dict[str, Any]:
    """One message."""
    return {"role": role, "parts": [{"type": "text", "content": said}]}


class Agent(SentTrace):
    """A trace of an agent that asks a model and calls tools."""

    def begin(self, parent: int = 0) -> int:
        """The agent's own span."""
        return self.span(
            "invoke_agent a",
            parent,
            scope=PYDANTIC_AI,
            took=500,
            gen_ai__operation__name="invoke_agent",
            gen_ai__agent__name="a",
            gen_ai__conversation__id="s/1",
            user__id="ada",
        )

    def chat(self, top: int, told: list[Any], answer: Any, *, failed: bool = False, **said: Any) -> int:
        """A call of a model."""
        return self.span(
            "chat m",
            top,
            scope=PYDANTIC_AI,
            gen_ai__operation__name="chat",
            gen_ai__request__model="m",
            failed=failed,
            gen_ai__input__messages=json.dumps(told),
            gen_ai__usage__input_tokens=10,
            gen_ai__usage__output_tokens=2,
            **({} if answer is None else {"gen_ai__output__messages": json.dumps([answer])}),
            **said,
        )

    def tool(self, top: int, **said: Any) -> int:
        """A call of a tool."""
        return self.span(
            "running tool",
            top,
            scope=PYDANTIC_AI,
            gen_ai__operation__name="execute_tool",
            gen_ai__tool__name="weather",
            gen_ai__tool__call__id="c1",
            **said,
        )
