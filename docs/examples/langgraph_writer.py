"""A LangGraph that plans, drafts with a model and a tool, has two critics look at once, and drafts again."""

import operator
import os
from typing import Annotated, Any, TypedDict

from journal import note
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import END, START, StateGraph
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


class Echo(BaseChatModel):
    """Stands for a model of your own: needs no key and no network."""

    model_name: str = "echo-1"
    run: str = "writer"
    step: str = ""

    @property
    def _llm_type(self) -> str:
        return "echo"

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_more: Any) -> ChatResult:
        text = str(messages[-1].content)
        tokens = {"input_tokens": len(text), "output_tokens": 7, "total_tokens": len(text) + 7}
        note("model", self.model_name, input_tokens=len(text), output_tokens=7, run=self.run, step=self.step)
        told = {"model_name": self.model_name}
        answer = AIMessage(f"A text about {text[:20]}", usage_metadata=tokens, response_metadata=told)
        return ChatResult(generations=[ChatGeneration(message=answer)])


class State(TypedDict, total=False):
    """What the nodes share."""

    topic: str
    text: str
    notes: Annotated[list[str], operator.add]


@tool
def count_words(text: str) -> int:
    """Counts words."""
    note("tool", "count_words", step="draft")
    return len(text.split())


def plan(state: State) -> State:
    """Chooses what to write about."""
    note("step", "plan", after=[])
    return {"topic": f"{state['topic']}, in three parts"}


def draft(state: State) -> State:
    """Writes with what the critics said."""
    note("step", "draft", after=["facts", "style"] if state.get("notes") else ["plan"])
    answer = Echo(step="draft").invoke(f"Write: {state['topic']} {' '.join(state.get('notes', []))}")
    return {"text": f"{answer.content} ({count_words.invoke({'text': str(answer.content)})} words)"}


def critic(name: str) -> Any:
    """Makes a node that looks at a draft."""

    def look(state: State) -> State:
        note("step", name, after=["draft"])
        answer = Echo(step=name).invoke(f"Check {name} of {state['text']}")
        return {"notes": [f"{name}: {answer.content}"]}

    return look


def again(state: State) -> str:
    """Decides after the critics; a second round is enough."""
    return "draft" if len(state["notes"]) < 3 else END


def graph() -> Any:
    """Puts the nodes together."""
    made = StateGraph(State)
    made.add_node("plan", plan)
    made.add_node("draft", draft)
    made.add_node("facts", critic("facts"))
    made.add_node("style", critic("style"))
    made.add_edge(START, "plan")
    made.add_edge("plan", "draft")
    made.add_edge("draft", "facts")
    made.add_edge("draft", "style")
    made.add_conditional_edges("facts", again, ["draft", END])
    made.add_conditional_edges("style", again, ["draft", END])
    return made.compile(name="writer")


def instrument(provider: TracerProvider) -> None:
    """Turns on one instrumentation: OpenInference's, or with `CONVENTION=gen_ai` the one of OpenTelemetry's names."""
    if os.environ.get("CONVENTION") == "gen_ai":
        from opentelemetry.instrumentation.langchain import LangchainInstrumentor
    else:
        from openinference.instrumentation.langchain import LangChainInstrumentor as LangchainInstrumentor
    LangchainInstrumentor().instrument(tracer_provider=provider)


if __name__ == "__main__":
    provider = TracerProvider()  # names itself by OTEL_SERVICE_NAME
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # sends to OTEL_EXPORTER_OTLP_ENDPOINT
    instrument(provider)
    note("run", "writer", session="thread-1", status="ok")
    print(graph().invoke({"topic": "causes"}, {"configurable": {"thread_id": "thread-1"}})["text"])
    provider.shutdown()
