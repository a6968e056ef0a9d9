"""Events that something else has written, or that nobody can read."""

import json
from typing import Any

import pytest

from runtime import Event
from runtime.facts import DeliveryBegun
from runtime.semconv import DeadLetterReason
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.runtime.worker.bench import CHANNEL, STREAM, HandlerBench, Parcel, count


@pytest.mark.parametrize("ratio", [0.0, 1.0])
async def test_an_event_from_elsewhere_without_a_trace_is_sampled_by_our_ratio(
    settings: Settings, facts: Recorder, ratio: float
):
    """Nobody else has decided; its delivery begins the trace."""
    handling = HandlerBench(settings.model_copy(update={"sample_ratio": ratio}), facts)
    handling.work()(lambda: None)
    async with handling.app as app:
        await app.session.server.client.xadd(STREAM, {"e": json.dumps({"id": "1", "source": "s", "data": 7})})
        await count(app, done=1)
    (begun,) = facts.of(DeliveryBegun)
    assert (begun.span.sampled, begun.parent, begun.links) == (ratio == 1.0, None, ())


UNREADABLE = {
    "wrong type": (json.dumps({"id": "1", "source": "s", "data": {"parcel": "seven"}}), "Input should be a valid"),
    "no JSON": ("no JSON at all", "is not a CloudEvents envelope"),
    "no text": (b"\xff\xfe\x00", "is not a CloudEvents envelope"),
    "deep": ("[" * 50_000, "is not a CloudEvents envelope"),
    "half an id": ('{"id": "\\ud800", "source": "s"}', "is not a CloudEvents envelope"),
    "half a subject": ('{"id": "1", "source": "s", "subject": "\\ud800", "data": "\\ud800"}', "does not fit what"),
}


@pytest.mark.parametrize(("raw", "message"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_can_not_be_read_goes_dead_and_stands_in_nobodys_way(handling: HandlerBench, raw: Any, message: str):
    """At once, saying why; the next event is delivered, and the handler never saw the bad one."""
    seen: list[Parcel] = []

    @handling.work()
    async def work(event: Event[Parcel]) -> None:
        seen.append(event.data)

    async with handling.app as app:
        await app.session.server.client.xadd(STREAM, {"e": raw})
        await app.publish(CHANNEL, Parcel(7))
        letter = await handling.letter()
        await count(app, done=1, dead=1)
    assert seen == [Parcel(7)]
    assert (letter.reason, letter.attempts, letter.error_type) == (DeadLetterReason.UNDECODABLE, 1, "UndecodableError")
    assert message in letter.message


async def test_an_entry_without_anything_goes_dead(handling: HandlerBench):
    """Somebody else wrote to our stream."""
    handling.work()(lambda: None)
    async with handling.app as app:
        await app.session.server.client.xadd(STREAM, {"unknown": "field"})
        letter = await handling.letter()
        await count(app, dead=1)
    assert (letter.reason, letter.envelope) == (DeadLetterReason.UNDECODABLE, "")


async def test_an_event_from_the_last_moment_of_all_is_delivered(handling: HandlerBench):
    """Many a system writes that for "never"."""
    seen: list[int] = []

    @handling.work()
    async def work(event: Event[int]) -> None:
        seen.append(event.time.year)

    foreign = {"specversion": "1.0", "id": "1", "source": "shop", "time": "9999-12-31T23:59:59.9999999Z", "data": 7}
    async with handling.app as app:
        await app.session.server.client.xadd(STREAM, {"e": json.dumps(foreign)})
        await count(app, done=1)
    assert seen == [9999]
