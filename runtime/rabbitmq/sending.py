"""What a group does that sends to RabbitMQ: an event to an exchange, or a dead letter to the queue that it died in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from opentelemetry.trace import SpanKind

from runtime import semconv
from runtime.bus.envelope import Envelope
from runtime.causality.trace_context import TraceContext
from runtime.errors import BrokerUnavailableError
from runtime.rabbitmq.cloudevents import CAUSE_NODE, PREFIXES, attributes_of, headers_of, traced
from runtime.rabbitmq.contract import Broker
from runtime.rabbitmq.letters import cause_of_death, sent_again
from runtime.rabbitmq.message import SYSTEM, Message, destination
from runtime.semconv import SpanVerb, span_name
from runtime.telemetry.attributes import present
from runtime.telemetry.propagation import ambient
from runtime.telemetry.tracers import get_tracer

_SCOPE: Final = "causeline.rabbitmq"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the delivery, its correlation and group, and where its own span stands where none is recorded."""

    node_id: UUID
    correlation_id: UUID
    group: str
    span: TraceContext


class Sending:
    """Sends events to an exchange.

    Args:
        exchange: empty for the default one.
        routing_key: of all its messages.
        broker: the connection of the running event loop.
    """

    def __init__(self, exchange: str, routing_key: str, broker: Callable[[], Broker]) -> None:
        self._exchange = exchange
        self._routing_key = routing_key
        self._broker = broker

    async def send(self, envelope: Envelope, by: Sender) -> None:
        """Sends an event, and returns when RabbitMQ has it.

        Raises:
            ConnectionError: RabbitMQ is away, or refuses all that is sent there.
            MessageRefusedError, UnroutableError: see `Broker.publish`.
        """
        body = envelope.shown().encode()
        properties = {
            "content_type": "application/json",
            "message_id": envelope.raw_id or str(envelope.id),
            "message_type": envelope.channel,
            "correlation_id": str(envelope.correlation_id),
            "app_id": envelope.source,
        }
        properties = {name: value for name, value in properties.items() if len(value.encode()) <= _SHORT}
        message = Message(body=body, properties=properties)
        with _span(self._broker(), self._exchange, self._routing_key, message, by) as trace:
            whole = replace(message, headers=headers_of(envelope, by.node_id, trace))
            await _published(self._broker(), by, self._exchange, self._routing_key, whole)


class Burying:
    """Keeps messages that have died in queues as dead letters, and sends those again that an operator replays. Args:
    `broker`, as of `Sending`."""

    def __init__(self, broker: Callable[[], Broker]) -> None:
        self._broker = broker

    async def keep_or_send(self, envelope: Envelope, round_: int, by: Sender) -> None:
        """Refuses a message at first, so that it is a dead letter; in the rounds of replays it is sent again, to the
        queue that it died in.

        Raises:
            DiedElsewhereError: at first.
            ConnectionError, MessageRefusedError, UnroutableError: as `Sending.send`.
            UndecodableError: it does not say where it died.
        """
        if not round_:
            raise cause_of_death(envelope.data)
        queue, message = sent_again(envelope.data)
        with _span(self._broker(), "", queue, message, by) as trace:
            headers = dict(message.headers) | traced(trace)
            if attributes_of(headers):
                headers |= {f"{PREFIXES[0]}{CAUSE_NODE}": str(by.node_id)}
            await _published(self._broker(), by, "", queue, replace(message, headers=headers))


#: Bytes of a short text of AMQP; what is longer is in a header, too.
_SHORT: Final = 255


async def _published(broker: Broker, by: Sender, exchange: str, routing_key: str, message: Message) -> None:
    try:
        await broker.publish(by.group, exchange, routing_key, message)
    except BrokerUnavailableError as error:
        # Errors of ours say nothing to a breaker; this one is of what it guards.
        raise ConnectionError(str(error)) from None


@contextmanager
def _span(broker: Broker, exchange: str, routing_key: str, message: Message, by: Sender) -> Iterator[TraceContext]:
    """The span of one sending; what it yields says where it stands."""
    where, (host, port) = destination(exchange, routing_key), broker.place
    attributes = present(
        {
            semconv.MESSAGING_SYSTEM: SYSTEM,
            semconv.MESSAGING_OPERATION_NAME: SpanVerb.SEND.value,
            semconv.MESSAGING_OPERATION_TYPE: "send",
            semconv.CHANNEL: where,
            semconv.ROUTING_KEY: routing_key,
            semconv.EVENT_ID: message.id,
            semconv.CORRELATION_ID: by.correlation_id,
            semconv.PAYLOAD_SIZE: len(message.body),
            semconv.SERVER_ADDRESS: host,
            semconv.SERVER_PORT: port,
        }
    )
    tracer = get_tracer(_SCOPE)
    with tracer.start_as_current_span(span_name(SpanVerb.SEND, where), kind=SpanKind.PRODUCER, attributes=attributes):
        yield ambient().span or by.span
