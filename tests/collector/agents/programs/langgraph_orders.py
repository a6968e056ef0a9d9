"""Orders as a LangGraph that does all in one graph: validate, write a log, pay, then ship and, beside that, notify.
Nobody reads what the log and the notification return, and of eight orders one fails because of the latter alone."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any, TypedDict

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "docs" / "examples"))

from journal import note
from langgraph.graph import END, START, StateGraph
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

#: Orders, of which each so many-th can't be notified of.
ORDERS, SILENT = 48, 8


class State(TypedDict, total=False):
    """What the nodes share."""

    number: int
    amount: int
    receipt: str
    parcel: str


class GatewayError(Exception):
    """Raised when nobody can be notified."""


def _work(times: int) -> None:
    """Keeps a core busy, for about so many milliseconds."""
    hashlib.pbkdf2_hmac("sha256", b"order", b"salt", 3_000 * times)


def validate(state: State) -> State:
    """Finds out what is to be paid."""
    _work(2)
    return {"amount": state["number"] * 100}


def log(_: State) -> State:
    """Writes down what nobody of the graph reads."""
    _work(4)
    return {}


def pay(state: State) -> State:
    """Takes the money."""
    _work(6)
    return {"receipt": f"R-{state['amount']}"}


def ship(state: State) -> State:
    """Sends what was paid."""
    _work(4)
    return {"parcel": f"P for {state['receipt']}"}


def notify(state: State) -> State:
    """Tells the customer, slowly."""
    _work(20)
    if state["number"] % SILENT == 0:
        raise GatewayError("the gateway is down")
    return {}


def graph() -> Any:
    """Puts the nodes together."""
    made = StateGraph(State)
    for node in (validate, log, pay, ship, notify):
        made.add_node(node.__name__, node)
    edges = ((START, "validate"), ("validate", "log"), ("log", "pay"), ("pay", "ship"), ("pay", "notify"))
    for cause, effect in (*edges, ("ship", END), ("notify", END)):
        made.add_edge(cause, effect)
    return made.compile(name="orders")


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
    for number in range(1, ORDERS + 1):
        try:
            graph().invoke({"number": number})
            note("run", "orders", status="ok")
        except GatewayError:
            note("run", "orders", status="failed")
    provider.shutdown()
