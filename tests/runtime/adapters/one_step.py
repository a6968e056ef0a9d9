"""A run of one step, which is all that an adapter works within."""

from collections.abc import Callable
from typing import Any, Final

from runtime import App, Context, Retry, Settings
from runtime.testing import Harness, harness

QUICK: Final = Retry(attempts=4, first_delay=0, max_delay=0)


async def ran(step: Callable[[Context], Any], retry: Retry = QUICK) -> tuple[Any, Harness]:
    """What the run comes to, and where it ran."""
    app = App("shop", settings=Settings(telemetry=False))
    workflow = app.workflow("ask")

    @workflow.step(retry=retry)
    async def work(ctx: Context) -> Any:
        return await step(ctx)

    async with harness(app) as bench:
        return await bench.run(workflow), bench
