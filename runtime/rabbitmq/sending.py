"""What a group does that sends to RabbitMQ: an event to an exchange, or a dead letter to the queue that it died in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from runtime.bus.envelope import Envelope
from runtime.causality.error_info import ErrorInfo
from runtime.causality.trace_context import TraceContext
from runtime.clock import Clock
from runtime.errors import BrokerUnavailableError, CauselineError
from runtime.rabbitmq.cloudevents import CAUSE_NODE, PREFIXES, attributes_of, headers_of, trace_headers
from runtime.rabbitmq.contract import Bridge
from runtime.rabbitmq.letters import cause_of_death, rebuild_message
from runtime.rabbitmq.message import SYSTEM, Message, destination
from runtime.semconv import SpanVerb, span_name
from runtime.transfers import Transfer

#: Bytes of a short text of AMQP; what is longer is in a header, too.
_SHORT: Final = 255


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """Who sends: which attempt at which delivery, its correlation, its group, where its span stands, and its clock."""

    node_id: UUID
    attempt: int
    correlation_id: UUID
    group: str
    span: TraceContext
    clock: Clock


class ExchangeSender:
    """Sends events to an exchange.

    Args:
        exchange: empty for the default one.
        routing_key: of all its messages.
        bridge: what the running event loop sends with.
    """

    def __init__(self, exchange: str, routing_key: str, bridge: Callable[[], Bridge]) -> None:
        self._exchange = exchange
        self._routing_key = routing_key
        self._bridge = bridge

    async def send(self, envelope: Envelope, by: SenderIdentity) -> None:
        """Sends an event, and returns when RabbitMQ has it.

        Raises:
            ConnectionError: RabbitMQ is away, or refuses all that is sent there.
            MessageRefusedError, UnroutableError: see `Broker.publish`.
        """
        body = envelope.masked_payload().encode()
        properties = {
            "content_type": "application/json",
            "message_id": envelope.raw_id or str(envelope.id),
            "message_type": envelope.channel,
            "correlation_id": str(envelope.correlation_id),
            "app_id": envelope.source,
        }
        properties = {name: value for name, value in properties.items() if len(value.encode()) <= _SHORT}
        trace = _sending_span(by, self._exchange, self._routing_key)
        message = Message(body=body, headers=headers_of(envelope, by.node_id, trace), properties=properties)
        await _send(self._bridge(), by, trace, self._exchange, self._routing_key, message)


class DeadLetterKeeper:
    """Keeps messages that have died in queues as dead letters, and sends those again that an operator replays. Args:
    `bridge`, as of `ExchangeSender`."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge

    async def keep_or_send(self, envelope: Envelope, round_: int, by: SenderIdentity) -> None:
        """Refuses a message at first, so that it is a dead letter; in the rounds of replays it is sent again, to the
        queue that it died in.

        Raises:
            DiedElsewhereError: at first.
            ConnectionError, MessageRefusedError, UnroutableError: as `ExchangeSender.send`.
            UndecodableError: it does not say where it died.
        """
        if not round_:
            raise cause_of_death(envelope.data)
        queue, message = rebuild_message(envelope.data)
        trace = _sending_span(by, "", queue)
        headers = dict(message.headers) | trace_headers(trace)
        if attributes_of(headers):
            headers |= {f"{PREFIXES[0]}{CAUSE_NODE}": str(by.node_id)}
        await _send(self._bridge(), by, trace, "", queue, replace(message, headers=headers))


def _sending_span(by: SenderIdentity, exchange: str, routing_key: str) -> TraceContext:
    """Where the span stands of one sending: below the attempt that sends."""
    return by.span.child(by.node_id, span_name(SpanVerb.SEND, destination(exchange, routing_key)), by.attempt)


async def _send(
    bridge: Bridge, by: SenderIdentity, trace: TraceContext, exchange: str, routing_key: str, message: Message
) -> None:
    """Sends a message, and tells of it."""
    (host, port), began_ns = bridge.broker.host_and_port, by.clock.now_ns()
    error: ErrorInfo | None = None
    try:
        await bridge.broker.publish(by.group, exchange, routing_key, message)
    except CauselineError as refusal:
        error = ErrorInfo.of(refusal)
        if isinstance(refusal, BrokerUnavailableError):
            # Errors of ours say nothing to a breaker; this one is of what it guards.
            raise ConnectionError(str(refusal)) from None
        raise
    finally:
        bridge.observer.emit(
            Transfer(
                verb=SpanVerb.SEND,
                span=trace,
                parent=by.span,
                at_ns=began_ns,
                ended_ns=by.clock.now_ns(),
                system=SYSTEM,
                destination=destination(exchange, routing_key),
                routing_key=routing_key,
                message_id=message.id,
                size=len(message.body),
                correlation_id=by.correlation_id,
                host=host,
                port=port,
                error_type=error.type if error else "",
                why=error.message if error else "",
            )
        )
