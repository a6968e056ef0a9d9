"""Celery: an order is validated and charged; the charge fails at first, and is tried again. Needs no broker."""

from threading import Event

from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from celery.signals import worker_process_init
from journal import note
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

app = Celery("shop", broker="memory://", backend="cache+memory://")


def instrument() -> TracerProvider:
    """Turns it on; a worker with processes of its own calls this in each."""
    provider = TracerProvider()  # names itself by OTEL_SERVICE_NAME
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # sends to OTEL_EXPORTER_OTLP_ENDPOINT
    trace.set_tracer_provider(provider)
    CeleryInstrumentor().instrument()
    return provider


worker_process_init.connect(lambda **_: instrument(), weak=False)


@app.task(name="shop.validate")
def validate(order: int) -> int:
    """Looks at an order, and goes on to charge it."""
    note("step", "shop.validate", after=["POST /orders"])
    charge.delay(order)
    return order


@app.task(name="shop.charge", bind=True, max_retries=3)
def charge(self: Task, order: int) -> str:
    """Fails at its first try."""
    attempt = self.request.retries + 1
    note("step", "shop.charge", after=["shop.validate"], attempt=attempt)
    if attempt == 1:
        raise self.retry(exc=ConnectionError("printer jammed"), countdown=0.1)
    DONE.set()
    return "paid"


DONE = Event()

if __name__ == "__main__":
    provider = instrument()
    with start_worker(app, perform_ping_check=False, pool="solo"):
        with trace.get_tracer("shop").start_as_current_span("POST /orders"):
            found = validate.delay(7)
        found.get(timeout=30)
        DONE.wait(30)
    provider.shutdown()
