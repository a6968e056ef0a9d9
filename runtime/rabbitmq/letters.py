"""A message that has died in a queue of RabbitMQ: why, and how it is made again. Pure."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from runtime.errors import DiedElsewhereError, UndecodableError
from runtime.rabbitmq.bodies import decode_body, encode_body
from runtime.rabbitmq.message import Message
from runtime.semconv import DeadLetterReason

#: The header that counts how often a message was sent again from here.
REPLAYS: Final = "x-causeline-replays"
#: Headers of a death: with them, a message that dies again would be taken for one that goes round in a circle.
_OF_DEATH: Final = ("x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count")
#: RabbitMQ refuses a user that is not who connects; the others are its own, or were taken away by the death.
_NOT_SENT: Final = ("user_id", "expiration", "delivery_mode")

_REASONS: Final = {
    "rejected": DeadLetterReason.NON_RETRYABLE,
    "expired": DeadLetterReason.EXPIRED,
    "maxlen": DeadLetterReason.OVERFLOW,
    "delivery_limit": DeadLetterReason.MAX_ATTEMPTS,
}
_WORDS: Final = {
    "rejected": "a consumer of queue {queue} rejected it",
    "expired": "it had waited in queue {queue} for too long",
    "maxlen": "queue {queue} was full",
    "delivery_limit": "it was delivered from queue {queue} as often as that allows",
}


def letter_of(message: Message, queue: str) -> dict[str, Any]:
    """What is kept of a message that died: all that it takes to make it again.

    Args:
        message: as it lies in the queue of the dead.
        queue: its name.
    """
    said = message.headers.get("x-death")
    deaths = [_read_death(one) for one in said if isinstance(one, Mapping)] if isinstance(said, list) else []
    first = str(message.headers.get("x-first-death-queue") or "")
    died_in = first or next((death["queue"] for death in reversed(deaths)), "")
    # The newest death says why it lies here, the first one where its work was.
    reason = deaths[0]["reason"] if deaths else str(message.headers.get("x-first-death-reason") or "")
    body, written = encode_body(message.body)
    return {
        "queue": died_in,
        "reason": reason,
        "found_in": queue,
        "deaths": deaths,
        "body": body,
        "written": written,
        "headers": {name: _pack(value) for name, value in message.headers.items() if not name.startswith(_OF_DEATH)},
        "properties": {name: _pack(value) for name, value in message.properties.items() if name not in _NOT_SENT},
    }


def cause_of_death(letter: Any) -> DiedElsewhereError:
    """Why a message is a dead letter, in words, and as ours are."""
    reason, queue = str(_get(letter, "reason") or ""), str(_get(letter, "queue") or "")
    deaths = _get(letter, "deaths") or []
    times = deaths[0].get("count", 1) if deaths else 1
    words = _WORDS.get(reason, "it was found in queue {found_in}, and does not say where it died")
    said = words.format(queue=queue, found_in=_get(letter, "found_in"))
    often = f", {times} times" if times > 1 else ""
    since = f"; the last time at {deaths[0]['time']}" if deaths and deaths[0].get("time") else ""
    return DiedElsewhereError(f"RabbitMQ: {said}{often}{since}", _REASONS.get(reason, DeadLetterReason.NON_RETRYABLE))


def rebuild_message(letter: Any) -> tuple[str, Message]:
    """The queue that a message died in, and the message as it is sent there again: the same bytes, without what told
    of its death.

    Raises:
        UndecodableError: somebody has edited the letter so that it can't be read, or it does not say where it died.
    """
    try:
        queue = str(letter["queue"])
        headers = {str(name): _unpack(value) for name, value in letter["headers"].items()}
        properties = {str(name): _unpack(value) for name, value in letter["properties"].items()}
        body = decode_body(letter["body"], letter["written"])
        headers[REPLAYS] = int(headers.get(REPLAYS, 0)) + 1
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UndecodableError(f"the letter can't be made a message again: {error!r}") from None
    if not queue:
        raise UndecodableError("the message does not say in which queue it died: send it again by hand, and discard it")
    return queue, Message(body=body, headers=headers, properties=properties)


def _get(letter: Any, name: str) -> Any:
    return letter.get(name) if isinstance(letter, Mapping) else None


def _read_death(said: Mapping[str, Any]) -> dict[str, Any]:
    time, count, keys = said.get("time"), said.get("count"), said.get("routing-keys")
    return {
        "queue": str(said.get("queue") or ""),
        "reason": str(said.get("reason") or ""),
        "count": count if isinstance(count, int) else 1,
        "time": time.isoformat() if isinstance(time, datetime) else "",
        "exchange": str(said.get("exchange") or ""),
        "routing_keys": [str(key) for key in keys] if isinstance(keys, list) else [],
    }


def _pack(value: Any) -> Any:
    """A value of a header as JSON; what that has no word for is an object with a single key."""
    match value:
        case bytes() | bytearray():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"time": value.replace(tzinfo=value.tzinfo or UTC).isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case Mapping():
            return {"table": {str(name): _pack(one) for name, one in value.items()}}
        case list() | tuple():
            return [_pack(one) for one in value]
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def _unpack(value: Any) -> Any:
    match value:
        case {"bytes": str(text)}:
            return base64.b64decode(text)
        case {"time": str(text)}:
            return datetime.fromisoformat(text)
        case {"decimal": str(text)}:
            return Decimal(text)
        case {"table": Mapping() as table}:
            return {name: _unpack(one) for name, one in table.items()}
        case list():
            return [_unpack(one) for one in value]
    return value
