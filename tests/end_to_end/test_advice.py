"""Advice of what a real app of ours did: a step that nobody waits for and that fails alone, others that are needed."""

import asyncio
import hashlib
from typing import Final

import pytest

from collector.models import Verdict
from runtime import App, Retry, RunFailedError
from runtime.definitions.workflow import Workflow
from tests.end_to_end.stack import Stack
from tests.waiting import until_sync

RUNS: Final = 42
#: Each so many-th customer can't be told.
SILENT: Final = 6

ONCE: Final = Retry(attempts=1)


def shop() -> tuple[App, Workflow]:
    """An app that does in one workflow what may be done by itself: to tell the customer."""
    app = App("shop")
    order = app.workflow("order", number=int)

    @order.step(agent="desk")
    async def validate(number: int) -> int:
        return number

    @order.step(agent="bank")
    async def pay(validate: int) -> str:
        return f"R-{validate}"

    @order.step(agent="store")
    async def ship(pay: str) -> str:
        return f"P for {pay}"

    @order.step(agent="sms", retry=ONCE)
    async def notify(ship: str, number: int) -> None:
        await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", b"text", b"salt", 30_000)  # some ms of work
        if number % SILENT == 0:
            raise ConnectionError("the gateway is down")

    return app, order


async def trade(app: App, order: Workflow) -> int:
    """Runs all orders; how many failed."""
    failed = 0
    async with app:
        started = [await app.start(order, number=number) for number in range(1, RUNS + 1)]
        for run in started:
            try:
                await run.result(timeout=60)
            except RunFailedError:
                failed += 1
    return failed


@pytest.mark.slow
@pytest.mark.redis
def test_what_a_real_app_did_is_advised_rightly(stack: Stack) -> None:
    """The notification is to be choreographed: nothing waits for it, it fails alone, and the runs' end waits for it."""
    failed = asyncio.run(trade(*shop()))

    def told() -> bool:
        runs = list(stack.client.every_run(workflow="order", last="all"))
        return len(runs) == RUNS and all(run.status in ("ok", "failed") for run in runs)

    until_sync(told, "all runs are told", 60)
    found = {each.step: each for each in stack.client.advice(last="all").items}
    assert {name: each.verdict for name, each in found.items()} == {
        "validate": Verdict.ORCHESTRATE,
        "pay": Verdict.ORCHESTRATE,
        "ship": Verdict.ORCHESTRATE,
        "notify": Verdict.CHOREOGRAPH,
    }
    assert failed == RUNS // SILENT
    assert f"it alone failed {failed} of {RUNS} runs" in found["notify"].because
    assert "a later step uses its result" in found["pay"].because
    grounds = {ground.row: ground for ground in found["notify"].grounds}
    assert grounds["path"].milliseconds is not None
    assert grounds["path"].milliseconds >= 10
    assert "4 agents work in its runs" in grounds["agents"].says
