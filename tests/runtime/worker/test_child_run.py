"""A step that is a workflow: what becomes of its run when the one that waits for it fails."""

from contextlib import suppress
from typing import Any

import pytest

from runtime import App, Context, Retry, RunFailedError, Settings
from runtime.admin import Admin
from runtime.testing import Recorder, harness
from runtime.worker.child_run import ChildRun
from tests.postgres_servers import PostgresServer
from tests.waiting import until

ONCE = Retry(attempts=1)


@pytest.fixture(params=["redis", "postgresql"])
def kept(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings of an app whose runs are kept on one kind of server after the other."""
    if request.param == "redis":
        return settings
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.empty()
    return settings.model_copy(update={"state_url": server.url})


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("shop", settings=Settings(telemetry=False))


async def test_what_is_under_way_within_fails_with_the_run_and_goes_on_with_it(app: App):
    """However deep: nobody would take its result. A resume has all of it go on from where it was."""
    deepest, inner, outer = app.workflow("deepest"), app.workflow("inner"), app.workflow("outer")
    found: dict[str, Any] = {"away": True, "runs": [], "called": []}

    @deepest.step(retry=ONCE, name="before")
    async def before() -> str:
        found["called"].append("before")
        return "before"

    @deepest.step(retry=ONCE)
    async def ask(before: str, ctx: Context) -> str:
        if ctx.run_id not in found["runs"]:
            found["runs"].append(ctx.run_id)
        return f"{before}, {await ctx.wait_for('word', into=str)}"

    async def is_waiting() -> bool:
        store, runs = app.session.store, found["runs"]
        record = await store.get(runs[0]) if runs else None
        return record is not None and record.status == "running" and bool(await store.waits(record.id))

    inner.step(deepest, name="deep")
    outer.step(inner, name="within")

    @outer.step(retry=ONCE)
    async def fail() -> None:
        if found["away"]:
            await until(is_waiting, "the step within waits")
            raise OSError("away")

    async with harness(app) as bench:
        run = await bench.start(outer)
        with pytest.raises(RunFailedError, match="OSError: away"):
            await run.result(20)
        (id_,) = found["runs"]
        record = await app.session.store.get(id_)
        assert record is not None
        assert (record.status, record.error_type) == ("failed", "RunFailedError")
        assert "which waits for it, has failed" in record.error
        found["away"] = False
        admin = await Admin.connect(app.session.server.url)
        await admin.resume(run.id, "ann")
        await admin.close()
        await until(is_waiting, "it waits again")
        await (await app.get_run(id_)).send("word", "after")
        assert (await run.result(20))["within"] == "before, after"
        assert (found["called"], found["runs"]) == (["before"], [id_])


@pytest.mark.parametrize("is_quick", [False, True], ids=["waited for", "over before it is waited for"])
async def test_a_workflow_that_failed_within_goes_on_with_the_run_that_is_resumed(
    kept: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch, is_quick: bool
):
    """From where it had failed: what it has done stays."""
    app, called = App("shop", settings=kept, observer=facts), list[str]()
    inner, outer = app.workflow("inner"), app.workflow("outer")

    @inner.step
    def pay() -> str:
        called.append("pay")
        return "paid"

    @inner.step(retry=ONCE)
    def ship(pay: str) -> str:
        called.append("ship")
        if called.count("ship") == 1:
            raise OSError("no van")
        return f"{pay}, shipped"

    outer.step(inner)
    started = ChildRun._start

    async def started_and_over(self: ChildRun, *args: Any) -> None:
        await started(self, *args)
        await until(lambda: "ship" in called, "it has failed")
        run = await app.get_run(self.id)
        with suppress(RunFailedError):
            await run.result(20)

    if is_quick:
        monkeypatch.setattr(ChildRun, "_start", started_and_over)
    async with app:
        run = await app.start(outer)
        with pytest.raises(RunFailedError, match="no van"):
            await run.result(20)
        await run.resume()
        assert await run.result(20) == "paid, shipped"
    assert called == ["pay", "ship", "ship"]
