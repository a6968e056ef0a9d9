"""FastStream's RabbitMQ broker with its OpenTelemetry middleware, and the queue of the benchmark."""

import os

from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from faststream.rabbit.opentelemetry import RabbitTelemetryMiddleware
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def broker() -> RabbitBroker:
    """Connected to nothing yet; as many messages unacknowledged as ours."""
    provider = TracerProvider(resource=Resource.create({"service.name": "bench"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{os.environ['OTLP_URL']}/v1/traces")))
    return RabbitBroker(
        os.environ["RABBITMQ_URL"],
        logger=None,
        default_channel=Channel(prefetch_count=200),
        middlewares=[RabbitTelemetryMiddleware(tracer_provider=provider)],
    )


def queue(name: str) -> RabbitQueue:
    """A durable queue that is there."""
    return RabbitQueue(name, declare=False)
