"""Messages that have died in a queue: why, in words and as ours are, and how each is made again."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from runtime.errors import UndecodableError
from runtime.rabbitmq.letters import cause_of_death, letter_of, rebuild_message
from runtime.rabbitmq.message import Message
from runtime.semconv import DeadLetterReason

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "ours", "words"),
    [
        ("rejected", "non_retryable", "a consumer of queue work rejected it"),
        ("expired", "expired", "it had waited in queue work for too long"),
        ("maxlen", "overflow", "queue work was full"),
        ("delivery_limit", "max_attempts", "it was delivered from queue work as often as that allows"),
    ],
)
def test_the_reason_of_a_death_is_ours_and_told_in_words(reason: str, ours: str, words: str) -> None:
    """With how often, and when the last time."""
    letter = _letter({"x-death": [{"queue": "work", "reason": reason, "count": 3, "time": AT}]})
    cause = cause_of_death(letter)
    assert cause.reason == DeadLetterReason(ours)
    assert str(cause) == f"RabbitMQ: {words}, 3 times; the last time at 2026-01-02T03:04:05+00:00"


def test_a_message_goes_back_to_the_queue_that_it_died_in_first() -> None:
    """What came after that was the way to here: a queue that waits before the next try, say."""
    deaths = [{"queue": "wait", "reason": "expired", "count": 2}, {"queue": "work", "reason": "rejected", "count": 2}]
    assert rebuild_message(_letter({"x-death": deaths}))[0] == "work"
    assert rebuild_message(_letter({"x-death": deaths, "x-first-death-queue": "first"}))[0] == "first"


def test_a_message_is_made_again_without_what_tells_of_its_death() -> None:
    """With it, RabbitMQ would take a second death for a circle. Its own headers and properties stay, of whatever
    type; it counts how often it was sent."""
    headers: dict[str, Any] = {
        "x-death": [{"queue": "work", "reason": "rejected", "count": 1, "time": AT}],
        "x-first-death-queue": "work",
        "x-first-death-reason": "rejected",
        "x-first-death-exchange": "",
        "x-last-death-queue": "work",
        "x-delivery-count": 3,
        "cloudEvents:id": "7",
        "raw": b"\xff",
        "at": AT,
        "price": Decimal("1.50"),
        "table": {"a": [1, None, True, {"b": b"x"}]},
        "x-causeline-replays": 1,
    }
    properties = {"message_id": "7", "priority": 4, "timestamp": AT, "user_id": "shop", "expiration": "5"}
    queue, message = rebuild_message(_letter(headers, properties, b'{"a":  1}'))
    assert (queue, message.body) == ("work", b'{"a":  1}')
    assert message.headers == {
        "cloudEvents:id": "7",
        "raw": b"\xff",
        "at": AT,
        "price": Decimal("1.50"),
        "table": {"a": [1, None, True, {"b": b"x"}]},
        "x-causeline-replays": 2,
    }
    assert message.properties == {"message_id": "7", "priority": 4, "timestamp": AT}


def test_what_does_not_say_where_it_died_is_a_letter_that_can_not_be_sent_again() -> None:
    """It lies there because somebody put it there."""
    letter = _letter({})
    assert "it was found in queue dead" in str(cause_of_death(letter))
    with pytest.raises(UndecodableError, match="does not say in which queue it died"):
        rebuild_message(letter)


@pytest.mark.parametrize("edited", [None, [], {"queue": "work"}, {"queue": "w", "headers": 1, "properties": {}}])
def test_a_letter_that_was_edited_beyond_recognition_is_refused(edited: Any) -> None:
    """It is another dead letter then, and says why."""
    with pytest.raises(UndecodableError):
        rebuild_message(edited)
    assert "RabbitMQ: " in str(cause_of_death(edited))


def _letter(headers: dict[str, Any], properties: dict[str, Any] | None = None, body: bytes = b"1") -> Any:
    letter = letter_of(Message(body=body, headers=headers, properties=properties or {}), "dead")
    return json.loads(json.dumps(letter))
