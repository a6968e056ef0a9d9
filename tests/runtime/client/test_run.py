"""A run as its starter holds it: wait for it, cancel it, learn why it failed."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from runtime import App, Context, Retry
from runtime.errors import RunCancelledError, RunFailedError, RunNotFoundError
from runtime.facts import RunEnded
from runtime.runs import facts as runs
from runtime.semconv import RunOutcome, StepOutcome
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import until


def built(settings: Settings, facts: Recorder, function: Any) -> tuple[App, Any]:
    """An app whose only workflow has one step."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("shipment")
    workflow.step(name="pickup")(function)
    return app, workflow


async def test_waiting_may_have_an_end(settings: Settings, facts: Recorder):
    """The run goes on."""
    app, workflow = built(settings, facts, lambda: 7)
    async with app.client():
        run = await app.start(workflow)
        with pytest.raises(TimeoutError):
            await run.result(timeout=0.02)
        assert await run.status() == "running"


async def test_a_caller_who_is_cancelled_does_not_wait_on(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """Also where the client of the server loses the cancellation."""
    app, workflow = built(settings, facts, lambda: 7)
    async with app.client():
        run = await app.start(workflow)
        get, waiting = app.session.store.get, asyncio.create_task(run.result())

        async def deaf(id_: UUID) -> Any:
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return await get(id_)

        monkeypatch.setattr(app.session.store, "get", deaf)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, 5)
        assert waiting.cancelled()


async def test_whoever_waits_is_told_of_the_end(settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch):
    """At once, not at the next look."""
    monkeypatch.setattr("runtime.client.run._FIRST_LOOK", 3600.0)
    monkeypatch.setattr("runtime.client.run._LAST_LOOK", 3600.0)
    monkeypatch.setattr("runtime.client.run._WARN_AFTER", 3600.0)
    go_on = asyncio.Event()

    async def pickup() -> int:
        await go_on.wait()
        return 7

    app, workflow = built(settings, facts, pickup)
    async with app:
        runs = [await app.start(workflow) for _ in range(3)]
        waiting = [asyncio.create_task(run.result()) for run in runs]
        news = app.session.server.clients.news
        await until(lambda: sum(one.is_sure for heard in news._waiting.values() for one in heard) == 3)
        await runs[0].cancel()
        with pytest.raises(RunCancelledError):
            await asyncio.wait_for(waiting[0], 60)
        go_on.set()
        assert await asyncio.wait_for(asyncio.gather(*waiting[1:]), 60) == [7, 7]


async def test_where_nobody_works_the_waiting_caller_is_told(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """Once, with the command that helps."""
    monkeypatch.setattr("runtime.client.run._WARN_AFTER", 0.05)
    app, workflow = built(settings, facts, lambda: 7)
    async with app.client():
        run = await app.start(workflow)
        with caplog.at_level(logging.WARNING, "causeline"), pytest.raises(TimeoutError):
            await run.result(timeout=0.6)
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "causeline"]
    assert warning == (
        f"run {run.id} waits, and no worker of logistics is alive: start one with `causeline worker MODULE:APP`, "
        "or use `async with app:` to work in this process"
    )


async def test_where_the_only_worker_has_died_the_waiting_caller_is_told(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """However it died: one that was killed a moment ago still counts as live, and a look is not the last. A few missing
    heartbeats are enough: whoever waits does not wait for its whole lease."""
    monkeypatch.setattr("runtime.client.run._WARN_AFTER", 0.02)
    app, workflow = built(settings.model_copy(update={"lease": 30.0}), facts, lambda: 7)
    async with app.client():
        client, live = app.session.server.client, app.session.store.keys.live
        run = await app.start(workflow)
        seconds, _ = await client.time()
        await client.zadd(live, {"w1": seconds * 1000})
        with caplog.at_level(logging.WARNING, "causeline"):
            waiting = asyncio.create_task(run.result())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(waiting), 0.3)
            assert not caplog.records
            await client.zadd(live, {"w1": (seconds - 25) * 1000})
            await until(lambda: caplog.records)
        waiting.cancel()
    assert len(caplog.records) == 1
    assert "no worker of logistics is alive" in caplog.text


async def test_where_somebody_works_nobody_is_warned(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    """A slow step is no missing worker."""
    monkeypatch.setattr("runtime.client.run._WARN_AFTER", 0.05)
    go_on = asyncio.Event()

    async def pickup() -> int:
        await go_on.wait()
        return 7

    app, workflow = built(settings.model_copy(update={"lease": 30.0}), facts, pickup)
    with caplog.at_level(logging.WARNING, "causeline"):
        async with app:
            run = await app.start(workflow)
            with pytest.raises(TimeoutError):
                await run.result(timeout=0.6)
            go_on.set()
            assert await run.result(15) == 7
    assert [record for record in caplog.records if record.name == "causeline"] == []


async def test_a_cancelled_run_commits_nothing_any_more(settings: Settings, facts: Recorder):
    """The step under way ends as stale; the second cancel finds nothing to do."""
    go_on, asked = asyncio.Event(), []

    async def pickup(ctx: Context) -> int:
        ctx.publish("noted", 1)
        asked.append(True)
        await go_on.wait()
        return 7

    app, workflow = built(settings, facts, pickup)
    async with app:
        run = await app.start(workflow)
        await until(lambda: asked)
        assert await run.cancel()
        assert not await run.cancel()
        go_on.set()
        with pytest.raises(RunCancelledError, match=f"run {run.id} was cancelled"):
            await run.result(15)
        attempt = await until(lambda: next((one for one in facts.attempts if one.ended), None))
        assert attempt.ended is not None
        assert attempt.ended.outcome is StepOutcome.STALE
        assert await app.session.store.result(run.id, "pickup") is None
        assert await app.session.server.client.exists(app.session.store.keys.outbox) == 0
    (ended,) = facts.of(RunEnded)
    assert ended.outcome is RunOutcome.CANCELLED


@pytest.mark.parametrize("fails", [False, True])
async def test_the_end_is_told_as_whoever_reads_the_record_would_tell_it(
    settings: Settings, facts: Recorder, fails: bool
):
    """A sweeper that tells it again tells the same span."""

    def pickup() -> int:
        if fails:
            raise OSError("no route") from None
        return 7

    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("shipment")
    workflow.step(name="pickup", retry=Retry(attempts=1))(pickup)
    async with app:
        run = await app.start(workflow, subject="order-7")
        if fails:
            with pytest.raises(RunFailedError, match="failed in step 'pickup': OSError: no route"):
                await run.result(15)
        else:
            await run.result(15)
        await until(lambda: facts.of(RunEnded))
        record = await app.session.store.get(run.id)
    assert record is not None
    assert facts.of(RunEnded) == [runs.build_run_ended(record)]
    assert facts.of(RunEnded)[0].error_message == ("no route" if fails else "")


async def test_a_run_whose_data_is_gone_is_told(settings: Settings, facts: Recorder):
    """Rather than waited for."""
    app, workflow = built(settings, facts, lambda: 7)
    async with app.client():
        run = await app.start(workflow)
        await app.session.server.client.flushdb()
        with pytest.raises(RunNotFoundError, match=f"no run has the id {run.id}"):
            await run.result()
