"""OpenAI's Agents SDK: a guarded front desk that hands over to a travel agent, which calls tools and answers."""

import asyncio
import itertools
import json
from typing import Any

import httpx2 as httpx
from agents import (
    Agent,
    GuardrailFunctionOutput,
    OpenAIChatCompletionsModel,
    Runner,
    function_tool,
    input_guardrail,
    trace,
)
from journal import note
from openai import AsyncOpenAI
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def calls(*names: str, **arguments: str) -> dict[str, Any]:
    """What a model says that wants tools to be called."""
    call = {"name": "", "arguments": json.dumps(arguments)}
    return {"tool_calls": [{"id": f"call_{n}", "type": "function", "function": {**call, "name": n}} for n in names]}


SCRIPT = iter(
    [
        calls("transfer_to_travel"),
        calls("find_train", "find_hotel", city="Bern"),
        {"content": "A train at nine, and a room by the river."},
    ]
)


def answer(request: httpx.Request) -> httpx.Response:
    """Stands for OpenAI: no key, no network."""
    asked = json.loads(request.content)
    tokens = 10 * len(asked["messages"])
    agent = "travel" if tokens > 10 else "front desk"
    note("model", asked["model"], input_tokens=tokens, output_tokens=4, step=agent)
    message = {"role": "assistant", "content": None, **next(SCRIPT)}
    usage = {"prompt_tokens": tokens, "completion_tokens": 4, "total_tokens": tokens + 4}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": f"chat-{next(IDS)}", "object": "chat.completion", "created": 0, "model": asked["model"]}
    return httpx.Response(200, json={**body, "choices": [choice], "usage": usage})


IDS = itertools.count(1)
CLIENT = AsyncOpenAI(api_key="none", http_client=httpx.AsyncClient(transport=httpx.MockTransport(answer)))
MODEL = OpenAIChatCompletionsModel("gpt-5-mini", CLIENT)


@function_tool
def find_train(city: str) -> str:
    """Finds a train."""
    note("tool", "find_train", step="travel")
    return f"nine o'clock to {city}"


@function_tool
def find_hotel(city: str) -> str:
    """Finds a room."""
    note("tool", "find_hotel", step="travel", status="failed")
    raise LookupError(f"no room in {city}")


@input_guardrail
async def polite(*_: Any) -> GuardrailFunctionOutput:
    """Looks whether a question may be answered."""
    note("guardrail", "polite", step="front desk")
    return GuardrailFunctionOutput(output_info="is polite", tripwire_triggered=False)


travel = Agent("travel", model=MODEL, tools=[find_train, find_hotel])
front = Agent("front desk", model=MODEL, handoffs=[travel], input_guardrails=[polite])


async def main() -> None:
    """One question, in a group of its own."""
    note("run", "trip")
    note("step", "front desk", after=[])
    note("step", "travel", after=["front desk"])
    note("tool", "handoff to travel", step="front desk")
    with trace("trip", group_id="talk-4"):
        print((await Runner.run(front, "To Bern, please.")).final_output)


if __name__ == "__main__":
    provider = TracerProvider()  # names itself by OTEL_SERVICE_NAME
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # sends to OTEL_EXPORTER_OTLP_ENDPOINT
    OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)
    asyncio.run(main())
    provider.shutdown()
