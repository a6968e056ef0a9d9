"""A message as it travels. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: The server that messages come from and go to, as OpenTelemetry calls it.
SYSTEM: Final = "rabbitmq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message: its body, its headers, and the properties of AMQP that say something, by name."""

    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """What its sender calls its body; empty where it does not."""
        return str(self.properties.get("content_type") or "")

    @property
    def id(self) -> str:
        """What its sender calls it; empty where it does not."""
        return str(self.properties.get("message_id") or "")


def destination(exchange: str, routing_key: str, queue: str = "") -> str:
    """Where a message goes, or comes from, as OpenTelemetry's conventions for RabbitMQ name it.

    Args:
        exchange: empty for the default one.
        routing_key: of the message.
        queue: that it came from; empty where it is sent.
    """
    parts = dict.fromkeys(part for part in (exchange, routing_key, queue) if part)
    return ":".join(parts) or "amq.default"
