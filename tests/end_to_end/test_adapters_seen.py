"""What an agent of others does within a step is seen below that step, and its tokens count once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from pydantic_ai import Agent, InstrumentationSettings
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from collector.client import CollectorClient
from collector.models import RunDetail
from collector.operations.link import make_connector
from runtime import App, Context, Retry, Settings
from runtime.adapters.pydantic_ai import Recorded
from tests.collector.live import LiveCollector
from tests.waiting import until_sync

pytestmark = pytest.mark.redis


def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """A model that asks for a tool first."""
    turn = sum(isinstance(message, ModelResponse) for message in messages)
    part: Any = TextPart("fair") if turn else ToolCallPart("look", {})
    return ModelResponse([part], usage=RequestUsage(input_tokens=100, output_tokens=5))


def declared(provider: TracerProvider, settings: Settings, *, instrumented: bool) -> tuple[App, Any]:
    """An app whose step fails once after its agent has answered."""
    told = [Instrumentation(InstrumentationSettings(tracer_provider=provider))] if instrumented else []
    agent = Agent(FunctionModel(answer), name="desk", capabilities=[*told, Recorded()])

    @agent.tool_plain
    def look() -> str:
        return "out of the window"

    app = App("shop", settings=settings, tracer_provider=provider)
    workflow = app.workflow("ask")

    @workflow.step(retry=Retry(attempts=2, first_delay=0, max_delay=0))
    async def work(ctx: Context) -> str:
        output = (await agent.run("How is the weather?")).output
        if ctx.attempt == 1:
            raise OSError("no route")
        return output

    return app, workflow


def seen(redis_url: str, folder: Path, *, instrumented: bool) -> RunDetail:
    """The run of such an app, as the collector has it."""
    settings = Settings(redis_url=redis_url, home=folder / "home")
    with LiveCollector(folder / "c.duckdb", make_connector(redis_url)) as live, CollectorClient(live.url) as client:
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{live.url}/v1/traces")))
        app, workflow = declared(provider, settings, instrumented=instrumented)

        async def ran() -> str:
            async with app:
                run = await app.start(workflow)
                assert await run.result(20) == "fair"
                return str(run.id)

        run_id = asyncio.run(ran())
        provider.shutdown()
        return until_sync(
            lambda: found if (found := client.run(run_id)).run.end and found.steps else None, "the run is seen"
        )


def test_calls_of_an_agent_are_details_of_its_step(redis_url: str, tmp_path: Path) -> None:
    """By the names of the agent and the tool."""
    detail = seen(redis_url, tmp_path, instrumented=False)
    (step,) = detail.steps
    assert step.attempts == 2
    assert {(call.role, call.name) for call in step.calls} == {("tool", "desk/model"), ("tool", "desk/look")}


def test_an_agent_that_is_instrumented_lies_below_its_step_and_its_tokens_count_once(
    redis_url: str, tmp_path: Path
) -> None:
    """Although a second attempt went through all of it again."""
    detail = seen(redis_url, tmp_path, instrumented=True)
    assert {child.agent for child in detail.children} == {"desk"}
    assert detail.run.usage is not None
    assert (detail.run.usage.calls, detail.run.usage.input_tokens) == (2, 200)
