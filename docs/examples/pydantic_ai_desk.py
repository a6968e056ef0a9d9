"""Two Pydantic AI agents: one at a desk that looks things up, is told to try again, and asks the other one."""

from typing import Any

from journal import note
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from pydantic_ai import Agent, InstrumentationSettings, ModelRetry
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage


def scripted(name: str, *answers: TextPart | list[ToolCallPart]) -> FunctionModel:
    """Makes a model that gives these answers in turn; it needs no key and no network."""
    given = iter(answers)
    run = "desk" if name == "large-1" else "billing"

    def answer(messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
        parts = next(given)
        used = RequestUsage(input_tokens=100 * len(messages), output_tokens=5, cache_read_tokens=10)
        note("model", name, run=run, input_tokens=used.input_tokens, output_tokens=5, cache_read_tokens=10)
        return ModelResponse(parts if isinstance(parts, list) else [parts], usage=used, model_name=name)

    return FunctionModel(answer, model_name=name)


billing = Agent(scripted("small-1", TextPart("It is paid.")), name="billing")
desk = Agent(
    scripted(
        "large-1",
        [ToolCallPart("find_order", {"number": "7"}), ToolCallPart("weather", {})],
        [ToolCallPart("find_order", {"number": "A-7"})],
        [ToolCallPart("ask_billing", {"number": "A-7"})],
        TextPart("Order A-7 is paid."),
    ),
    name="desk",
)


@desk.tool_plain(retries=2)
def find_order(number: str) -> str:
    """Finds an order; the model must give its full number."""
    note("tool", "find_order", status="ok" if "-" in number else "retrying")
    if "-" not in number:
        raise ModelRetry("give the full number, such as A-7")
    return "found"


@desk.tool_plain
def weather() -> str:
    """Is no help."""
    note("tool", "weather", status="ok")
    return "fair"


@desk.tool_plain
async def ask_billing(number: str) -> str:
    """Asks another agent."""
    note("tool", "ask_billing", status="ok")
    note("run", "billing", parent="desk")
    return (await billing.run(f"Is {number} paid?")).output


def main(**more: Any) -> None:
    """One question, in a conversation of its own."""
    note("run", "desk", session="talk-3")
    print(desk.run_sync("What of my order 7?", conversation_id="talk-3", **more).output)


if __name__ == "__main__":
    provider = TracerProvider()  # names itself by OTEL_SERVICE_NAME
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # sends to OTEL_EXPORTER_OTLP_ENDPOINT
    Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))
    main()
    provider.shutdown()
