"""Much at once: what is asked for waits its turn, nothing is refused, nothing is lost, nothing runs twice."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from runtime import App
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import a_turn, until

MANY = 1000


def adding(settings: Settings, facts: Recorder, **changes: Any) -> App:
    """An app with a workflow `add` of one step."""
    app = App("logistics", settings=settings.model_copy(update={"lease": 60, **changes}), observer=facts)
    workflow = app.workflow("add", number=int)

    @workflow.step
    async def add(number: int) -> int:
        return number + 1

    return app


@pytest.mark.slow
async def test_one_client_may_ask_for_a_thousand_things_at_once(settings: Settings, facts: Recorder):
    """As a web service or a batch does: runs, events and results."""
    app = adding(settings, facts, concurrency=100)
    add = app._workflows["add"]
    async with app.client(), app:
        runs = await asyncio.gather(*(app.start(add, number=number) for number in range(MANY)))
        events = await asyncio.gather(*(app.publish("ticks", number) for number in range(MANY)))
        results = await asyncio.gather(*(run.result(100) for run in runs))
    assert (results, len(set(events))) == ([number + 1 for number in range(MANY)], MANY)


async def test_who_gives_up_waiting_for_a_connection_holds_up_no_other(settings: Settings, facts: Recorder):
    """Every second of many callers is cancelled at once, later, or much later."""
    app = adding(settings, facts)
    async with app.client():

        async def ask(number: int) -> int:
            await app.publish("ticks", number)
            return number

        asking = [asyncio.create_task(ask(number)) for number in range(400)]
        for number, one in enumerate(asking):
            if number % 2:
                one.cancel()
            if number % 10 == 0:
                await a_turn()
        assert await asyncio.wait_for(asyncio.gather(*asking[::2]), 60) == list(range(0, 400, 2))


@pytest.mark.slow
async def test_a_hundred_groups_take_an_event_each(settings: Settings, facts: Recorder):
    """Their handlers end together, and so do their calls of the server: each delivery runs once."""
    app = App("logistics", settings=settings.model_copy(update={"lease": 60}), observer=facts)
    calls: Counter[tuple[int, int]] = Counter()
    meet = asyncio.Event()

    def declare(group: int) -> None:
        @app.subscribe("ticks", group=f"group-{group}")
        async def handle(number: int) -> None:
            calls[group, number] += 1
            await meet.wait()

    for group in range(100):
        declare(group)
    async with app:
        for number in range(10):
            await app.publish("ticks", number)
        await until(lambda: len(calls) == 1000, "all have begun", 60)
        meet.set()
    assert set(calls.values()) == {1}
    assert [one.ended and one.ended.outcome.value for one in facts.attempts] == ["ok"] * 1000


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["step", "handler"])
async def test_five_hundred_may_be_under_way_at_once(settings: Settings, facts: Recorder, kind: str):
    """They meet, end together, and settle one after the other."""
    app = App("logistics", settings=settings.model_copy(update={"concurrency": 500, "lease": 60}), observer=facts)
    workflow, meet, calls = app.workflow("meet", number=int), asyncio.Barrier(500), Counter[int]()

    async def work(number: int) -> None:
        calls[number] += 1
        await meet.wait()

    workflow.step(name="work")(work)
    app.subscribe("ticks", group="work")(work)
    async with app:
        if kind == "step":
            runs = [await app.start(workflow, number=number) for number in range(500)]
            await asyncio.gather(*(run.result(100) for run in runs))
        else:
            await asyncio.gather(*(app.publish("ticks", number) for number in range(500)))
    assert (len(calls), set(calls.values())) == (500, {1})
