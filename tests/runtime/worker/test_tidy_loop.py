"""What others have left is finished: events in outboxes, facts that nobody confirmed, streams with settled entries."""

import pytest

from runtime import Context
from runtime.errors import ServerUnavailableError
from runtime.facts import EventPublished
from runtime.outbox.relay import Relay
from tests.runtime.worker.bench import STREAM, WELL, Bench, HandlerBench, count
from tests.waiting import until


async def test_what_a_worker_did_not_live_to_publish_is_published(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """Its commit held; the event arrives once, also where its channel had no group then."""
    monkeypatch.setattr("runtime.worker.tidy_loop.ORPHAN_MS", 0)
    seen: list[int] = []

    @bench.work()
    async def work(order: int, ctx: Context) -> None:
        ctx.publish("noted", order)

    @bench.app.subscribe("noted", group="board")
    async def note(order: int) -> None:
        seen.append(order)

    async with bench.app:
        with monkeypatch.context() as patch:
            patch.setattr(Relay, "carry", _away)
            await bench.begin()
            assert await bench.ended() == WELL
        await until(lambda: seen)
    assert seen == [7]
    assert [one.channel for one in bench.facts.of(EventPublished)][-1] == "noted"


async def _away(*_: object) -> int:
    raise ServerUnavailableError("away")


async def test_streams_are_trimmed_of_what_is_settled(handling: HandlerBench, monkeypatch: pytest.MonkeyPatch):
    """What a group still owes stays."""
    monkeypatch.setattr("runtime.worker.tidy_loop.TIDY_EVERY", 0.01)
    monkeypatch.setattr("runtime.worker.tidy_loop.TRIM_EVERY", 1)
    handling.work()(lambda order: None)
    async with handling.app as app:
        for number in range(20):
            await handling.begin(number)
        await count(app, done=20)

        async def trimmed() -> bool:
            return await app.session.server.client.xlen(STREAM) <= 1

        await until(trimmed)
