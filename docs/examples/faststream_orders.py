"""FastStream over Redis: an order is shipped; the service runs until it has done so. Redis is at `REDIS_URL`."""

import asyncio
import os

from faststream import FastStream
from faststream.redis import RedisBroker
from faststream.redis.opentelemetry import RedisTelemetryMiddleware
from journal import note
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()  # names itself by OTEL_SERVICE_NAME
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # sends to OTEL_EXPORTER_OTLP_ENDPOINT

broker = RedisBroker(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"),
    middlewares=[RedisTelemetryMiddleware(tracer_provider=provider)],
)
app = FastStream(broker)
done = asyncio.Event()


@broker.subscriber("orders")
@broker.publisher("shipments")
async def order(number: int) -> int:
    """Passes an order on."""
    note("step", "orders", after=[])
    return number


@broker.subscriber("shipments")
async def shipment(number: int) -> None:
    """Is the end."""
    note("step", "shipments", after=["orders"])
    print(f"shipped {number}")
    done.set()


async def main() -> None:
    """Starts the service, publishes an order, and waits for its shipment."""
    async with broker:
        await broker.start()
        await broker.publish(7, "orders")
        await asyncio.wait_for(done.wait(), 30)
    provider.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
