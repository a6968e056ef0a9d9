"""A crew of two: one looks, the other writes down what the first has seen."""

import os
from typing import Any

os.environ.setdefault("CREWAI_DISABLE_TELEMETRY", "true")  # what CrewAI tells its makers is another matter
os.environ.setdefault("CREWAI_TRACING_ENABLED", "false")

from crewai import Agent, BaseLLM, Crew, Task
from journal import note
from openinference.instrumentation.crewai import CrewAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


class Echo(BaseLLM):
    """Stands for a model of your own: needs no key and no network."""

    def call(self, *_: Any, **__: Any) -> str:
        """Answers at once."""
        return "Thought: I now can give a great answer\nFinal Answer: It rains."

    def supports_function_calling(self) -> bool:
        """It calls none."""
        return False


def crew() -> Crew:
    """Puts both together."""
    model = Echo(model="echo-1")
    scout = Agent(role="scout", goal="look", backstory="sees far", llm=model)
    writer = Agent(role="writer", goal="write", backstory="has a pen", llm=model)
    look = Task(
        description="Look at the sky.",
        expected_output="the weather",
        agent=scout,
        callback=lambda _: note("step", "scout", after=[]),
    )
    write = Task(
        description="Write it down.",
        expected_output="a text",
        agent=writer,
        context=[look],
        callback=lambda _: note("step", "writer", after=["scout"]),
    )
    return Crew(agents=[scout, writer], tasks=[look, write], name="report")


if __name__ == "__main__":
    provider = TracerProvider()  # names itself by OTEL_SERVICE_NAME
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # sends to OTEL_EXPORTER_OTLP_ENDPOINT
    CrewAIInstrumentor().instrument(tracer_provider=provider)
    note("run", "report.kickoff")
    print(crew().kickoff())
    provider.shutdown()
