"""What the bridge asks of a connection to RabbitMQ, whatever driver makes it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from runtime.facts import Observer
from runtime.rabbitmq.message import Message


@dataclass(frozen=True, slots=True)
class UnackedMessage:
    """A message that was taken from a queue and is not acknowledged yet; `tag` tells it from others."""

    tag: int
    message: Message
    exchange: str
    routing_key: str


class Feed(Protocol):
    """Messages of one queue, in its order; at most as many as may be unacknowledged."""

    async def next_messages(self) -> Sequence[UnackedMessage]:
        """Waits for messages: all that have come, at least one.

        Raises:
            BrokerUnavailableError: the connection, or the queue, is gone; what is not acknowledged comes again.
        """
        ...

    async def ack(self, tag: int, *, and_before: bool) -> None:
        """Acknowledges a message, or all up to it."""
        ...

    async def reject(self, tag: int) -> None:
        """Has a message put where the queue's dead go; of a queue that has no such place it is dropped."""
        ...


@dataclass(frozen=True, slots=True)
class Bridge:
    """What whoever sends has to do it with."""

    broker: "Broker"
    observer: Observer


class Broker(Protocol):
    """A RabbitMQ server, as one event loop reaches it; it connects when it is asked, and again when that was lost."""

    @property
    def display_address(self) -> str:
        """Its address, without a password."""
        ...

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Its host and port."""
        ...

    def consume(self, queue: str, prefetch: int, *, declare: bool) -> AbstractAsyncContextManager[Feed]:
        """Takes messages from a queue, within the block.

        Args:
            queue: its name.
            prefetch: how many may be unacknowledged.
            declare: makes a queue that is not there, and refuses one that is another.

        Raises:
            BrokerUnavailableError: it does not answer, or the queue can't be had; says what to do.
        """
        ...

    async def publish(self, sender: str, exchange: str, routing_key: str, message: Message) -> None:
        """Sends a message, and waits until RabbitMQ has taken it.

        Args:
            sender: who sends: each has a channel of its own, for a message that RabbitMQ refuses closes it.
            exchange: empty for the default one.
            routing_key, message: what is sent.

        Raises:
            BrokerUnavailableError: it does not answer, or refuses whatever is sent there; it may have taken it.
            MessageRefusedError: it can never take this message.
            UnroutableError: no queue is bound there.
        """
        ...

    async def close(self) -> None:
        """Lets go of the connection."""
        ...
