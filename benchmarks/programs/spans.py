"""Spans, as the runtime makes them of attempts and published events, or as the SDK makes the same. Arguments: `ours` or
`sdk`, and how many.

Tells what a span costs to record, and with its export, in us of CPU.
"""

import os
import sys
import time
from collections.abc import Callable

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

from benchmarks.programs.talk import announce_ready, cpu_s, print_figures
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.facts import AttemptEnded, DeliveryBegun
from runtime.home import find_home
from runtime.semconv import DeliveryOutcome, NodeKind
from runtime.settings import load
from runtime.telemetry.setup import build_observer

_ID = identity.mint()
_PUBLISH = TraceContext.root(_ID, "publish bench.events", sampled=True)
_BEGUN = DeliveryBegun(
    node_id=_ID,
    kind=NodeKind.DELIVERY,
    causation_id=_ID,
    correlation_id=_ID,
    agent="bench",
    span=_PUBLISH.child(_ID, "process bench.events"),
    parent=_PUBLISH,
    at_ns=time.time_ns(),
    channel="bench.events",
    group="bench",
    event_id=_ID,
    round=0,
    attempt=1,
)
_ENDED = AttemptEnded(outcome=DeliveryOutcome.OK, ended_ns=time.time_ns())


def _ours() -> tuple[Callable[[], None], Callable[[], object]]:
    observer = build_observer("bench", load(), find_home(None))

    def span() -> None:
        attempt = observer.open(_BEGUN)
        with attempt.activate():
            pass
        attempt.end(_ENDED)

    return span, lambda: observer.flush(30.0)


def _sdk() -> tuple[Callable[[], None], Callable[[], object]]:
    provider = TracerProvider()
    exporter = OTLPSpanExporter(f"{os.environ['CAUSELINE_COLLECTOR_URL']}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("bench")
    begun: dict[str, str | int] = {
        "causeline.node.id": str(_ID),
        "causeline.node.kind": "delivery",
        "causeline.causation.id": str(_ID),
        "causeline.correlation.id": str(_ID),
        "gen_ai.agent.name": "bench",
        "messaging.system": "causeline",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "bench.events",
        "messaging.consumer.group.name": "bench",
        "messaging.message.id": str(_ID),
        "causeline.round": 0,
        "causeline.attempt": 1,
    }

    def span() -> None:
        with tracer.start_as_current_span("process bench.events", kind=SpanKind.CONSUMER, attributes=begun) as current:
            current.set_attribute("causeline.outcome", "ok")

    return span, lambda: provider.force_flush(30_000)


def _main(whose: str, count: int) -> None:
    span, flush = _ours() if whose == "ours" else _sdk()
    span()
    announce_ready()
    recorded = whole = 0.0
    for _ in range(0, count, 1000):  # fewer than wait in the queue of either
        began = cpu_s()
        thread = time.thread_time()
        for _ in range(1000):
            span()
        recorded += time.thread_time() - thread
        flush()
        whole += cpu_s() - began
    print_figures(recorded=recorded / count * 1e6, whole=whole / count * 1e6)
    sys.stdin.readline()


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
