"""What is looked for in a home that was opened, in the words of the record of its release."""

import json
import os
from typing import Any

import pytest
from pydantic_core import to_jsonable_python
from redis.asyncio import Redis

from collector.models import DeadLetterDetail
from tests.contract.backends import dump
from tests.upgrade.opening import Look

REASONS = {"max_attempts", "non_retryable", "undecodable", "expired", "poison"}
STATES = ("done", "pending", "retrying", "dead", "discarded")


def forget_settings(patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("CAUSELINE_", "OTEL_"))]:
        patch.delenv(name)


async def dumped(url: str) -> dict[bytes, Any]:
    client: Redis = Redis.from_url(url, protocol=2)
    try:
        return await dump(client)
    finally:
        await client.aclose()


def counters(look: Look) -> dict[tuple[str, str], list[int]]:
    return {
        (channel.channel, group.group): [group.owed, *states(group)]
        for channel in look.channels
        for group in channel.groups
    }


def states(group: Any) -> list[int]:
    return [getattr(group, state) for state in STATES]


def arrived(number: int) -> dict[str, Any]:
    """What a shipment's last step returns."""
    receipt = {"signed": "2026-03-04T05:06:07.891011Z", "readings": {"7": 0.5}, "seal": f"way of {number}"}
    return {"number": number, **receipt}


def as_json(result: Any) -> Any:
    """A result as the release gave it: plain JSON."""
    return json.loads(json.dumps(to_jsonable_python(result)))


def plain(letter: DeadLetterDetail) -> dict[str, Any]:
    """What a letter and the release's record of it have in common, word by word."""
    return {
        "channel": letter.channel,
        "subject": letter.subject or "",
        "reason": letter.reason,
        "attempts": letter.attempts,
        "round": letter.round,
        "state": letter.state.value,
        "replay_outcome": letter.replay_outcome or "",
        "operator": letter.operator or "",
        "event": letter.event_id,
        "envelope": letter.envelope,
    }


def payload(envelope: str) -> str | None:
    try:
        return json.dumps(json.loads(envelope)["data"], ensure_ascii=False)
    except ValueError:
        return None
