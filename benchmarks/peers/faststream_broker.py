"""FastStream's broker, with its OpenTelemetry middleware where spans are asked for."""

import os

from faststream.redis import RedisBroker
from faststream.redis.opentelemetry import RedisTelemetryMiddleware
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def broker() -> RedisBroker:
    """Connected to nothing yet."""
    url = os.environ["OTLP_URL"]
    if not url:
        return RedisBroker(os.environ["REDIS_URL"], logger=None)
    provider = TracerProvider(resource=Resource.create({"service.name": "bench"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{url}/v1/traces")))
    return RedisBroker(
        os.environ["REDIS_URL"], logger=None, middlewares=[RedisTelemetryMiddleware(tracer_provider=provider)]
    )
