"""Traces as instrumentations of agents send them, span by span."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue

from collector.otlp.decode import spans
from collector.store.batch import Batch
from collector.store.database import Database
from collector.store.records import RecordWriter

OPEN_INFERENCE = "openinference.instrumentation.langchain"
PYDANTIC_AI = "pydantic-ai"

Value = str | int | float | bool | list[str]

#: When the first span of a trace begins, in nanoseconds.
START = 1_790_000_000_000_000_000
MS = 1_000_000


@dataclass
class SentTrace:
    """Collects the spans of one trace; each begins where the last one did, a millisecond later."""

    number: int = 1
    service: str = "writer"
    request: ExportTraceServiceRequest = field(default_factory=ExportTraceServiceRequest)
    count: int = 0

    def span(
        self, name: str, parent: int = 0, *, scope: str = "", took: int = 10, failed: bool = False, **said: Value
    ) -> int:
        """Adds a span; `__` in the name of an attribute is a dot. Returns its id."""
        return self.add(
            name,
            parent,
            {key.replace("__", "."): value for key, value in said.items()},
            scope=scope,
            took=took,
            failed=failed,
        )

    def add(
        self,
        name: str,
        parent: int,
        said: Mapping[str, Value],
        *,
        scope: str = "",
        took: int = 10,
        failed: bool = False,
    ) -> int:
        """Adds a span with attributes of any name."""
        self.count += 1
        resource = self.request.resource_spans.add()
        resource.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value=self.service)))
        held = resource.scope_spans.add()
        held.scope.name = scope
        made = held.spans.add(
            trace_id=self.number.to_bytes(16), span_id=self.id(self.count).to_bytes(8), name=name, kind=1
        )
        made.start_time_unix_nano = START + self.number * 1_000 * MS + self.count * MS
        made.end_time_unix_nano = made.start_time_unix_nano + took * MS if took else 0
        if parent:
            made.parent_span_id = parent.to_bytes(8)
        made.status.code = 2 if failed else 0
        made.attributes.extend(KeyValue(key=key, value=_value(value)) for key, value in said.items())
        return self.id(self.count)

    def id(self, count: int) -> int:
        """The id of the span that was added as such."""
        return self.number * 1_000 + count

    def store(self, database: Database) -> None:
        """Stores what was collected."""
        with database.writing() as session:
            RecordWriter(database).write(session, self.batch())

    def batch(self) -> Batch:
        """What was collected, as the collector decodes it."""
        return spans.decode(self.request.SerializeToString())


def _value(value: Value) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, list):
        return AnyValue(array_value=ArrayValue(values=[AnyValue(string_value=each) for each in value]))
    return AnyValue(string_value=value)


def langgraph(trace: SentTrace, *, parent: int = 0) -> int:
    """A graph that plans, drafts with a model and a tool, and reviews twice; as OpenInference tells it."""

    def node(name: str, step: int, **said: Value) -> int:
        metadata = json.dumps({"langgraph_node": name, "langgraph_step": step, "thread_id": "t-1"})
        return trace.span(name, top, scope=OPEN_INFERENCE, openinference__span__kind="CHAIN", metadata=metadata, **said)

    top = trace.span(
        "LangGraph", parent, scope=OPEN_INFERENCE, took=100, openinference__span__kind="CHAIN", session__id="t-1"
    )
    node("plan", 1)
    draft = node("draft", 2)
    trace.span(
        "FakeChat",
        draft,
        scope=OPEN_INFERENCE,
        openinference__span__kind="LLM",
        llm__model_name="m-1",
        llm__token_count__prompt=30,
        llm__token_count__completion=12,
        llm__token_count__total=42,
    )
    trace.span("count_words", draft, scope=OPEN_INFERENCE, openinference__span__kind="TOOL", tool__name="count_words")
    for step in (3, 4):
        review = node("review", step)
        metadata = json.dumps({"langgraph_node": "review", "langgraph_step": step})
        trace.span("again", review, scope=OPEN_INFERENCE, openinference__span__kind="CHAIN", metadata=metadata)
    return top


def pydantic_ai(trace: SentTrace, *, parent: int = 0) -> int:
    """An agent that asks a model, calls a tool in which another agent runs, and asks once more."""

    def chat(parent: int, tokens: int) -> int:
        return trace.span(
            "chat m-2",
            parent,
            scope=PYDANTIC_AI,
            gen_ai__operation__name="chat",
            gen_ai__request__model="m-2",
            gen_ai__response__model="m-2-2026",
            gen_ai__usage__input_tokens=tokens,
            gen_ai__usage__output_tokens=1,
        )

    def agent(name: str, parent: int, tokens: int) -> int:
        return trace.span(
            f"invoke_agent {name}",
            parent,
            scope=PYDANTIC_AI,
            took=50,
            gen_ai__operation__name="invoke_agent",
            gen_ai__agent__name=name,
            gen_ai__usage__input_tokens=tokens,
            gen_ai__conversation__id="c-7",
        )

    top = agent("triage", parent, 30)
    chat(top, 10)
    tool = trace.span(
        "running tool", top, scope=PYDANTIC_AI, gen_ai__operation__name="execute_tool", gen_ai__tool__name="bill"
    )
    nested = agent("billing", tool, 5)
    chat(nested, 5)
    chat(top, 20)
    return top
