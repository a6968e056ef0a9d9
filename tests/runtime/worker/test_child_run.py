"""A step that is a workflow: what becomes of its run when the one that waits for it fails."""

from typing import Any

import pytest

from runtime import App, Context, Retry, RunFailedError, Settings
from runtime.admin import Admin
from runtime.testing import harness
from tests.waiting import until

ONCE = Retry(attempts=1)


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
