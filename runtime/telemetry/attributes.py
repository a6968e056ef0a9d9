"""Attributes: only what has something to say, in text that UTF-8 can carry. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias
from uuid import UUID

from opentelemetry.trace import Status, StatusCode

from runtime import semconv
from runtime.causality.error_info import MESSAGE_LIMIT
from runtime.causality.identity import text_of
from runtime.facts import Fact

Value: TypeAlias = str | bool | int | float | tuple[str, ...] | tuple[int, ...]
Attributes: TypeAlias = dict[str, Value]
#: What is to be said, of which `drop_empty` leaves out what says nothing.
Said: TypeAlias = dict[str, Value | UUID | Iterable[str] | Iterable[int] | None]

#: The status of a span that did not fail: OpenTelemetry leaves "ok" to people.
UNSET: Final = Status(StatusCode.UNSET)


def common_attributes(fact: Fact) -> Said:
    """What every span of ours carries."""
    return {
        semconv.NODE_ID: fact.node_id,
        semconv.NODE_KIND: fact.kind.value,
        semconv.CAUSATION_ID: fact.causation_id,
        semconv.CORRELATION_ID: fact.correlation_id,
        semconv.AGENT: fact.agent,
        semconv.SUBJECT: fact.subject,
        semconv.SAMPLED: None if fact.span.sampled else False,
    }


def messaging_attributes(operation: str, kind: str, channel: str, event: UUID, group: str = "") -> Said:
    """What every span about one event in a channel carries.

    Args:
        operation: `messaging.operation.name`.
        kind: `messaging.operation.type`.
        channel: the channel's name.
        event: the event's id.
        group: the consumer group's name; empty where none is concerned.
    """
    return {
        semconv.MESSAGING_SYSTEM: semconv.MESSAGING_SYSTEM_NAME,
        semconv.MESSAGING_OPERATION_NAME: operation,
        semconv.MESSAGING_OPERATION_TYPE: kind,
        semconv.CHANNEL: channel,
        semconv.GROUP: group,
        semconv.EVENT_ID: event,
    }


def error_status(description: str) -> Status:
    """The status of a span that failed, with its description cut to `MESSAGE_LIMIT`."""
    return Status(StatusCode.ERROR, encodable_text(description[:MESSAGE_LIMIT]))


def drop_empty(attributes: Mapping[str, Value | UUID | Iterable[str] | Iterable[int] | None]) -> Attributes:
    """The attributes that have something to say: no None, no empty text, no empty list; 0 and False stay."""
    found: Attributes = {}
    for key, value in attributes.items():
        if isinstance(value, str):
            if value:
                found[key] = value if value.isascii() else encodable_text(value)
        elif isinstance(value, UUID):
            found[key] = text_of(value)
        elif isinstance(value, (int, float)):  # a bool is an int
            found[key] = value
        elif value:
            found[key] = _items(value)
    return found


def _items(items: Iterable[str] | Iterable[int]) -> tuple[str, ...] | tuple[int, ...]:
    """A list, whose texts UTF-8 can carry."""
    return tuple([encodable_text(item) if isinstance(item, str) else item for item in items])  # type: ignore[return-value]  # it is all of one kind


def encodable_text(words: str) -> str:
    """Text that UTF-8 can carry: one lone surrogate would cost the whole batch in which it travels."""
    return words if words.isascii() else words.encode("utf-8", "replace").decode()
