"""AutoGen: a team of two. A forecaster asks for the weather by a tool, an editor writes down what that means."""

import asyncio
import json
import os
from typing import Any

os.environ.setdefault("AUTOGEN_DISABLE_RUNTIME_TRACING", "true")  # else every message within the team is a span

import httpx2 as httpx
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import SourceMatchTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.models.openai import OpenAIChatCompletionClient
from journal import note
from openinference.instrumentation.autogen_agentchat import AutogenAgentChatInstrumentor
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

MODEL = "gpt-4o-mini-2024-07-18"
CALL = {"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bergen"}'}}


def said(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What a model says next."""
    if messages[0]["content"] == "You write.":
        return {"content": "Take an umbrella."}
    return {"content": "It rains."} if messages[-1]["role"] == "tool" else {"content": None, "tool_calls": [CALL]}


def answer(request: httpx.Request) -> httpx.Response:
    """Stands for OpenAI: no key, no network."""
    messages = json.loads(request.content)["messages"]
    agent, tokens = "editor" if messages[0]["content"] == "You write." else "forecaster", 10 * len(messages)
    note("model", MODEL, input_tokens=tokens, output_tokens=4, step=agent)
    message = {"role": "assistant", **said(messages)}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}
    usage = {"prompt_tokens": tokens, "completion_tokens": 4, "total_tokens": tokens + 4}
    body = {"id": f"chat-{tokens}", "object": "chat.completion", "created": 0, "model": MODEL}
    return httpx.Response(200, json={**body, "choices": [choice], "usage": usage})


async def weather(city: str) -> str:
    """Tells the weather of a city."""
    note("tool", "weather", step="forecaster")
    return f"rain in {city}"


def model() -> OpenAIChatCompletionClient:
    """A client as any other, but for who answers it."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return OpenAIChatCompletionClient(model=MODEL, api_key="none", http_client=http)


async def main() -> None:
    """One question to the team."""
    note("run", "RoundRobinGroupChat.run_stream")
    note("step", "forecaster", after=[])
    note("step", "editor", after=["forecaster"])
    forecaster = AssistantAgent(
        "forecaster", model(), tools=[weather], reflect_on_tool_use=True, system_message="You look."
    )
    editor = AssistantAgent("editor", model(), system_message="You write.")
    team = RoundRobinGroupChat([forecaster, editor], termination_condition=SourceMatchTermination(["editor"]))
    print((await team.run(task="How is Bergen?")).messages[-1].to_text())


if __name__ == "__main__":
    provider = TracerProvider()  # names itself by OTEL_SERVICE_NAME
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # sends to OTEL_EXPORTER_OTLP_ENDPOINT
    trace.set_tracer_provider(provider)  # AutoGen's own spans go to that one
    AutogenAgentChatInstrumentor().instrument(tracer_provider=provider)
    asyncio.run(main())
    provider.shutdown()
