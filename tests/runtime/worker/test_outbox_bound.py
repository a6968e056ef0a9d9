"""Where an outbox is full, commits that publish wait for room; the code that they commit runs once."""

import logging

import pytest

from runtime import App, Context
from runtime.client.backend import Backend
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import until


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.worker.tidy_loop.TIDY_EVERY", 0.01)
    monkeypatch.setattr("runtime.worker.tidy_loop.ORPHAN_MS", 0)
    monkeypatch.setattr("runtime.outbox.full_channels.FIRST_WAIT", 0.01)
    monkeypatch.setattr("runtime.outbox.full_channels.LONGEST_WAIT", 0.02)


async def test_commits_wait_for_room_and_go_on_when_the_channels_groups_catch_up(
    settings: Settings, facts: Recorder, backend: Backend, caplog: pytest.LogCaptureFixture
):
    """The channel holds one event, the outbox another; what publishes nothing is not held up, and all is carried."""
    caplog.set_level(logging.WARNING, "causeline")
    small = settings.model_copy(update={"stream_cap": 1, "outbox_cap": 1})
    app, seen = App("logistics", settings=small, observer=facts), list[int]()
    noting, silent = app.workflow("noting", number=int), app.workflow("silent")
    silent.step(name="rest")(lambda: None)

    @noting.step
    def note(number: int, ctx: Context) -> None:
        seen.append(number)
        ctx.publish("notes", number)

    async def ended(number: int) -> bool:
        return sum([await run.status() == "ok" for run in runs]) == number

    await backend.bus.subscribe("notes", "board", schema="{}", app="elsewhere")
    async with app:
        runs = [await app.start(noting, number=number) for number in range(4)]
        await until(lambda: len(seen) == 4)
        await until(lambda: ended(2), "two have room")
        await until(lambda: "the outbox of app logistics holds 1 events" in caplog.text, "it is said")
        assert await (await app.start(silent)).result(10) is None
        assert await ended(2)
        got = set[object]()
        while len(got) < 4:
            for delivery in await backend.bus.read("notes", "board", "w1", 10, 20):
                assert delivery.envelope is not None
                got.add(delivery.envelope.payload.data)
                await backend.bus.ack(delivery, "w1", [], {})
        for run in runs:
            assert await run.result(10) is None
    assert (sorted(seen), got) == ([0, 1, 2, 3], {0, 1, 2, 3})
    assert [attempt.begun.attempt for attempt in facts.attempts if attempt.begun.agent == "note"] == [1] * 4
