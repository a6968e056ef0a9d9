"""Runs that began with another version: what has not changed goes on, what has waits, and nothing starves."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from runtime import App, Context, Retry, Run, RunFailedError
from runtime.definitions.workflow import Workflow
from runtime.runs.moving import move_run
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import until

PATIENCE = 20


def version(settings: Settings, facts: Recorder) -> tuple[App, Workflow]:
    """A version of an app with a workflow that has no steps yet."""
    app = App("logistics", settings=settings, observer=facts)
    return app, app.workflow("order", n=int)


async def started(app: App, flow: Workflow) -> Run:
    """A run that begins with a version whose worker has gone."""
    async with app.client():
        return await app.start(flow, n=1)


async def result(app: App, run: Run) -> Any:
    """The result of a run that goes on with a version."""
    async with app:
        return await (await app.get_run(run.id)).result(PATIENCE)


async def test_a_step_that_was_added_is_no_part_of_a_run_under_way(settings: Settings, facts: Recorder):
    """What has not changed goes on, with what followed it."""
    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: n + 1)
    before.step(name="ship")(lambda pack: pack + 1)
    run = await started(old, before)
    new, after = version(settings, facts)
    after.step(name="pack")(lambda n: n + 1)
    after.step(name="survey", retry=Retry(attempts=1))(lambda pack: 1 // 0)
    after.step(name="ship")(lambda pack: pack + 1)
    after.step(name="thank")(lambda ship: "thanks")
    assert await result(new, run) == 3
    again = await started(new, after)
    with pytest.raises(RunFailedError, match="ZeroDivisionError"):
        await result(new, again)


async def waits(app: App, run: Run, caplog: pytest.LogCaptureFixture, said: str) -> None:
    """Sees that a version says what a run waits for, and leaves it alone."""
    async with app:
        await until(lambda: said in caplog.text, "it is said what waits")
        assert await (await app.get_run(run.id)).status() == "running"
        assert await app.drain(PATIENCE)


async def test_a_step_that_reads_something_else_waits_for_a_worker_that_has_it_as_it_was(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """Neither fails it, nor does anything of it."""
    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: n + 1)
    before.step(name="ship")(lambda pack: pack + 1)
    run = await started(old, before)
    new, after = version(settings, facts)
    after.step(name="pack")(lambda n: n + 1)
    after.step(name="label")(lambda pack: "label")
    after.step(name="ship")(lambda pack, label: f"{label} {pack}")
    await waits(new, run, caplog, "step ship of workflow order is due for run")
    assert await result(old, run) == 3


async def test_a_step_that_was_removed_waits_for_a_worker_that_has_it(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """Though nobody reads it any more."""
    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: n + 1)
    before.step(name="weigh")(lambda pack: pack + 1)
    before.step(name="ship")(lambda pack, weigh: pack + weigh)
    run = await started(old, before)
    new, after = version(settings, facts)
    after.step(name="pack")(lambda n: n + 1)
    after.step(name="ship")(lambda pack: pack)
    await waits(new, run, caplog, "step weigh of workflow order is due, and this worker does not know it")
    assert await result(old, run) == 5


async def test_in_a_rolling_deploy_every_run_ends_as_its_version_has_it(settings: Settings, facts: Recorder):
    """Workers of both versions beside each other, and runs of both: none is broken, none starves."""
    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: n)
    before.step(name="ship")(lambda pack: f"old {pack}")
    new, after = version(settings, facts)
    after.step(name="pack")(lambda n: n)
    after.step(name="label")(lambda pack: "label")
    after.step(name="ship")(lambda pack, label: f"new {pack}")
    async with AsyncExitStack() as stack:
        for app in (old, new):
            await stack.enter_async_context(app)
        runs = [await app.start(flow, n=n) for n in range(20) for app, flow in ((old, before), (new, after))]
        found = await asyncio.gather(*(run.result(PATIENCE) for run in runs))
    assert found == [f"{which} {n}" for n in range(20) for which in ("old", "new")]


async def test_runs_that_wait_for_another_version_keep_none_from_running(settings: Settings, facts: Recorder):
    """However many there are, and though they are due for longer."""
    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: n)
    async with old.client():
        for n in range(300):
            await old.start(before, n=n)
    new, after = version(settings, facts)
    after.step(name="label")(lambda n: n)
    after.step(name="pack")(lambda label: label)
    assert await result(new, await started(new, after)) == 1


async def test_code_may_change_within_a_step(settings: Settings, facts: Recorder):
    """As may its retries, its types and its timeout: only what it reads, and what reads it, is its shape."""
    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: n)
    run = await started(old, before)
    new, after = version(settings, facts)

    @after.step(timeout=3)
    async def pack(n: int, bay: str = "north") -> str:
        return f"{bay} {n}"

    assert await result(new, run) == "north 1"


async def test_a_loop_goes_on_as_it_began(settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture):
    """One that has another body is another loop."""
    old, before = version(settings, facts)
    before.step(name="draft")(lambda n, review=None: n)
    before.step(name="review", until=lambda review: review, max_rounds=2, back_to="draft")(lambda draft: True)
    run = await started(old, before)
    new, after = version(settings, facts)
    after.step(name="draft")(lambda n, review=None: n)
    after.step(name="check")(lambda draft: draft)
    after.step(name="review", until=lambda review: review, max_rounds=2, back_to="draft")(lambda draft, check: True)
    await waits(new, run, caplog, "step draft of workflow order is due for run")
    assert await result(old, run) is True


async def test_a_run_that_lacks_an_input_is_not_moved(settings: Settings, facts: Recorder):
    """It would fail of that, and be undone. A parameter that has a default is no matter."""
    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: n)
    run = await started(old, before)
    for default in (False, True):
        new = App("logistics", settings=settings, observer=facts)
        after = new.workflow("order", n=int, route=str)
        after.step(name="pack")((lambda n, route="sea": route) if default else (lambda n, route: route))
        async with new.client():
            record = await new.session.store.get(run.id)
            assert record is not None
            moved = await move_run(new.session.store, new.session.app.workflows["order"], record, "ada")
        assert not moved.is_moved
        asked = "has that shape" if default else "has no input 'route', which step 'pack' asks for: it began before"
        assert moved.what.startswith(asked)
    assert await result(new, run) == "sea"


async def test_a_run_that_is_moved_does_again_what_has_changed_and_no_more(settings: Settings, facts: Recorder):
    """Fan-outs, rounds and their recorded calls begin anew; what goes on keeps what it has paid for."""
    paid: list[str] = []

    async def pay(what: str) -> str:
        paid.append(what)
        return what

    async def called(ctx: Context, what: str) -> str:
        return str(await ctx.once("pay", pay, what))

    def declared(flow: Workflow) -> None:
        @flow.step
        async def reserve(n: int, ctx: Context) -> str:
            await called(ctx, "reserve")
            return str(await ctx.wait_for("date"))

        @flow.step(over="pack")
        async def weigh(item: str, check: bool | None, ctx: Context) -> str:
            return await called(ctx, f"{item} {ctx.round}")

        @flow.step(until=lambda check: check, max_rounds=2, back_to="weigh")
        async def check(weigh: list[str], ctx: Context) -> bool:
            return ctx.round == 2

        flow.step(name="ship")(lambda weigh, check, reserve: [*weigh, reserve])

    old, before = version(settings, facts)
    before.step(name="pack")(lambda n: ["a", "b"])
    declared(before)
    async with old:
        run = await old.start(before, n=1)
        await until(lambda: len(paid) == 5, "all is done but what waits")
        assert await old.drain(PATIENCE)
    new, after = version(settings, facts)
    after.step(name="label")(lambda n: "c")
    after.step(name="pack")(lambda n, label: [label, "d", "e"])
    declared(after)
    async with new:
        record = await new.session.store.get(run.id)
        assert record is not None
        moved = await move_run(new.session.store, new.session.app.workflows["order"], record, "ada")
        assert moved.what == "moved: 0 of 6 steps stay as they are"
        await (await new.get_run(run.id)).send("date", "monday")
        assert await (await new.get_run(run.id)).result(PATIENCE) == ["c 2", "d 2", "e 2", "monday"]
    assert sorted(paid) == sorted(["reserve", *(f"{item} {n}" for item in "abcde" for n in (1, 2))])


async def test_it_is_known_how_many_runs_have_which_shape(settings: Settings, facts: Recorder):
    """Of those that go on."""
    app, flow = version(settings, facts)
    flow.step(name="pack")(lambda n: n)
    async with app.client():
        first = await app.start(flow, n=1)
        await app.start(flow, n=2)
        (shaped,) = await app.session.store.count_runs_by_shape()
        assert (shaped.workflow, shaped.digest, shaped.runs) == ("order", flow.build().shape_digest, 2)
        await first.cancel()
        assert [one.runs for one in await app.session.store.count_runs_by_shape()] == [1]
    async with app:
        await app.drain(PATIENCE)
        assert await app.session.store.count_runs_by_shape() == []
