"""Dead letters of a live bus, whose words somebody else chose."""

import json

from runtime.admin import AttemptRecord, DeadLetter
from runtime.causality import identity
from runtime.semconv import DeadLetterReason
from tests.collector.story import MS, ORIGIN_NS, uid


def letter(number: int, words: str) -> DeadLetter:
    """A letter of an event whose channel, group, subject, error and payload are the same words."""
    event = uid(f"hostile name {number}")
    delivery = identity.delivery_id(event, words, 0)
    at = ORIGIN_NS // MS + number
    tried = AttemptRecord(1, 0, at, at + 5, words, "ab", "cd", words, words, words)
    return DeadLetter(
        id=identity.dead_letter_id(delivery),
        channel=words,
        group=words,
        event_id=event,
        delivery_id=delivery,
        round=0,
        reason=DeadLetterReason.MAX_ATTEMPTS,
        attempts=1,
        dead_ms=at,
        state="dead",
        envelope=json.dumps({"id": str(event), "data": {words: words}}),
        error_type=words,
        message=words,
        subject=words,
        correlation_id=uid("correlation"),
        history=(tried,),
    )
