"""What others have left is finished: events in outboxes, facts that nobody confirmed, streams with settled entries."""

from collections.abc import Callable
from typing import Any

import pytest

from runtime import Context
from runtime.bus.redis import RedisBus
from runtime.errors import CommandRefusedError, ServerUnavailableError
from runtime.facts import EventPublished
from runtime.outbox.relay import Relay
from runtime.runs.end_reports import EndReports
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


async def handles_and_trims(handling: HandlerBench, has_also: Callable[[], bool]) -> None:
    """Has orders handled, and waits until their stream is trimmed, and for something beside."""
    handling.work()(lambda order: None)
    async with handling.app as app:
        for number in range(20):
            await handling.begin(number)
        await count(app, done=20)

        async def trimmed() -> bool:
            return await app.session.server.client.xlen(STREAM) <= 1 and has_also()

        await until(trimmed)


async def test_streams_are_trimmed_of_what_is_settled(handling: HandlerBench, monkeypatch: pytest.MonkeyPatch):
    """What a group still owes stays."""
    monkeypatch.setattr("runtime.worker.tidy_loop.TIDY_EVERY", 0.01)
    monkeypatch.setattr("runtime.worker.tidy_loop.TRIM_EVERY", 1)
    await handles_and_trims(handling, lambda: True)


@pytest.mark.parametrize("bad", ["an outbox", "confirming", "a channel"])
async def test_what_fails_keeps_nothing_else_from_being_tidied(
    handling: HandlerBench, bad: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """It may fail for ever: it is told of, and tried again in the next round."""
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.01)
    monkeypatch.setattr("runtime.worker.tidy_loop.TRIM_EVERY", 1)
    owner, name = {"an outbox": (Relay, "sweep"), "confirming": (EndReports, "confirm")}.get(
        bad, (RedisBus, "dissolve_silent")
    )
    failures: list[object] = []

    async def failing(*given: Any) -> int:
        failures.append(given)
        raise CommandRefusedError("this one can't be done")

    monkeypatch.setattr(owner, name, failing)
    await handles_and_trims(handling, lambda: len(failures) > 2)
    assert "tidying: next try in 0 s: this one can't be done" in caplog.text


async def test_of_several_that_fail_each_is_told_of_once(
    handling: HandlerBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """However often they do."""
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.01)
    monkeypatch.setattr("runtime.worker.tidy_loop.TRIM_EVERY", 1)
    rounds: list[None] = []

    async def refused(*_: object) -> int:
        raise CommandRefusedError("no sweeping")

    async def strange(*_: object) -> int:
        rounds.append(None)
        raise KeyError("no trimming")

    monkeypatch.setattr(Relay, "sweep", refused)
    monkeypatch.setattr(RedisBus, "trim", strange)
    handling.work()(lambda order: None)
    async with handling.app:
        await until(lambda: len(rounds) > 3)
    messages = [one.getMessage() for one in caplog.records]
    assert messages.count("tidying: next try in 0 s: no sweeping") == 1
    assert messages.count("tidying: 'no trimming'") == 1
