"""An app as its author sees it: declare, run, get the result."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from runtime import App, Context, Event, NonRetryableError, Retry, RunFailedError
from runtime.errors import DefinitionError, UndecodableError
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.waiting import until


@dataclass
class Order:
    parcel: int


class Sorted(BaseModel):
    parcel: int
    bay: str


def test_a_workflow_runs_and_gives_its_result(settings: Settings, facts: Recorder):
    """Models, dataclasses and plain JSON travel from step to step; sync and async steps mix."""
    app = App("logistics", settings=settings, observer=facts)
    shipment = app.workflow("shipment", order=Order)

    @shipment.step
    def sorting(order: Order) -> Sorted:
        return Sorted(parcel=order.parcel, bay="north")

    @shipment.step
    async def delivery(sorting: Sorted, order: Order) -> dict[str, Any]:
        return {"parcel": sorting.parcel + order.parcel, "bay": sorting.bay}

    assert app.run(shipment, order=Order(7)) == {"parcel": 14, "bay": "north"}
    assert app.run(shipment, order={"parcel": 1}) == {"parcel": 2, "bay": "north"}
    assert facts.closed


async def test_steps_that_need_no_other_run_at_the_same_time(settings: Settings, facts: Recorder):
    """Each waits for the other to have begun: one after the other they would never end."""
    app = App("logistics", settings=settings, observer=facts)
    diamond = app.workflow("diamond")
    begun = {name: asyncio.Event() for name in ("left", "right")}

    @diamond.step
    async def top() -> int:
        return 1

    @diamond.step
    async def left(top: int) -> int:
        begun["left"].set()
        await begun["right"].wait()
        return top + 1

    @diamond.step
    async def right(top: int) -> int:
        begun["right"].set()
        await begun["left"].wait()
        return top + 2

    @diamond.step
    async def bottom(left: int, right: int) -> int:
        return left * right

    async with app:
        assert await (await app.start(diamond)).result(15) == 6


async def test_several_last_steps_give_their_results_by_name(settings: Settings, facts: Recorder):
    """One last step gives its result alone."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w", order=int)
    workflow.step(name="one")(lambda order: order + 1)
    workflow.step(name="two")(lambda order: None)
    async with app:
        assert await (await app.start(workflow, order=1)).result(15) == {"one": 2, "two": None}


async def test_what_a_step_publishes_reaches_its_handlers(settings: Settings, facts: Recorder):
    """Its result by `publishes=`, the rest by the context, in order; leaving the app waits for them."""
    app = App("logistics", settings=settings, observer=facts)
    shipment = app.workflow("shipment", order=int)
    seen: list[Any] = []

    @shipment.step(publishes="delivered")
    async def delivery(order: int, ctx: Context) -> dict[str, int]:
        ctx.publish("noted", {"note": order})
        return {"parcel": order}

    @app.subscribe("delivered")
    async def sms(event: Event[dict[str, int]], ctx: Context) -> None:
        seen.append(("sms", event.data, event.causation_id, ctx.correlation_id, event.subject))

    @app.subscribe("noted")
    def board(note: dict[str, int]) -> None:
        seen.append(("board", note))

    async with app:
        run = await app.start(shipment, order=7, subject="order-7")
        await run.result(15)
    cause = facts.attempts[0].begun.node_id
    assert sorted(seen, key=lambda one: one[0]) == [
        ("board", {"note": 7}),
        ("sms", {"parcel": 7}, cause, run.correlation_id, "order-7"),
    ]


async def test_a_failed_attempt_publishes_and_writes_nothing(settings: Settings, facts: Recorder):
    """Of three attempts, what the third one asked for is carried out, under the same ids."""
    app = App("logistics", settings=settings, observer=facts)
    shipment = app.workflow("shipment")
    published, seen, state = [], [], []

    @shipment.step(retry=Retry(attempts=3, first_delay=0))
    async def delivery(ctx: Context) -> None:
        state.append(await ctx.state.get("route"))
        ctx.state.put("route", ctx.attempt)
        published.append(ctx.publish("delivered", ctx.attempt))
        if ctx.attempt < 3:
            raise OSError("no route")

    @app.subscribe("delivered")
    async def sms(event: Event[int]) -> None:
        seen.append((event.id, event.data))

    async with app:
        run = await app.start(shipment)
        await run.result(15)
        stored = await app.session.store.read(run.id, "route")
    assert len(set(published)) == 1
    assert seen == [(published[0], 3)]
    assert (state, stored) == ([None, None, None], "3")


async def test_a_handlers_state_is_written_with_its_ack(settings: Settings, facts: Recorder):
    """It is the group's: the next event finds it, a failed attempt leaves it alone."""
    app = App("logistics", settings=settings, observer=facts)
    counts = []

    @app.subscribe("delivered", retry=Retry(attempts=2, first_delay=0))
    async def billing(order: int, ctx: Context) -> None:
        count = await ctx.state.get("count", 0)
        ctx.state.put("count", count + 1)
        counts.append(count)
        if ctx.attempt == 1:
            raise OSError("no bank")

    async with app:
        for number in range(3):
            await app.publish("delivered", number)
            await until_done(app, number + 1)
    assert counts == [0, 0, 1, 1, 2, 2]


async def until_done(app: App, count: int) -> None:
    async def done() -> bool:
        raw: Any = await app.session.server.client.hget("causeline:1:{delivered.0}:n", "logistics.billing:done")
        return int(raw or 0) == count

    await until(done)


async def test_a_step_sees_only_what_it_asks_for(settings: Settings, facts: Recorder):
    """Its context is as small as its signature, and that is what is told."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w", order=int, note=str)
    asked: dict[str, Any] = {}

    @workflow.step
    async def first(order: int) -> str:
        return "x" * 100

    @workflow.step
    async def second(first: str) -> int:
        return 1

    @workflow.step
    async def third(second: int, note: str, ctx: Context) -> None:
        asked.update(locals())

    async with app:
        await (await app.start(workflow, order=1, note="n")).result(15)
    assert set(asked) == {"second", "note", "ctx", "asked"}
    told = {one.begun.step: one.begun for one in facts.attempts}
    assert (told["third"].keys_read, told["third"].context_size, told["third"].depth) == (("second", "note"), 4, 3)
    assert told["second"].context_size == 102


async def test_an_attempt_that_takes_too_long_is_tried_again(settings: Settings, facts: Recorder):
    """And fails for good with an error that says so."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w")

    @workflow.step(timeout=0.02, retry=Retry(attempts=2, first_delay=0))
    async def slow() -> None:
        await asyncio.Event().wait()

    async with app:
        with pytest.raises(RunFailedError, match=r"'slow': AttemptTimeoutError: step 'slow' took longer .* 0\.02 s"):
            await (await app.start(workflow)).result(15)
    assert [one.begun.attempt for one in facts.attempts] == [1, 2]


async def test_an_error_that_trying_again_can_not_help_ends_the_run(settings: Settings, facts: Recorder):
    """At once; steps behind it never run."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w")
    ran = []

    @workflow.step
    async def first() -> None:
        raise NonRetryableError("no such parcel")

    @workflow.step
    async def second(first: None) -> None:
        ran.append("second")

    async with app:
        run = await app.start(workflow)
        with pytest.raises(RunFailedError, match="'first': NonRetryableError: no such parcel"):
            await run.result(15)
        assert await run.status() == "failed"
    assert (len(facts.attempts), ran) == (1, [])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "workflow w takes order, note; missing: note, order"),
        ({"order": 1, "nota": ""}, "missing: note; unknown: nota"),
    ],
)
async def test_missing_and_unknown_inputs_are_named(
    settings: Settings, facts: Recorder, inputs: dict[str, Any], message: str
):
    """Before anything is accepted."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w", order=int, note=str)
    workflow.step(name="only")(lambda order: None)
    async with app.client():
        with pytest.raises(DefinitionError, match=message):
            await app.start(workflow, **inputs)
        assert await app.session.store.runs(10) == []


async def test_an_input_that_does_not_fit_is_refused(settings: Settings, facts: Recorder):
    """Where it is given, not where a step chokes on it."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w", order=Order)
    workflow.step(name="only")(lambda order: None)
    async with app.client():
        with pytest.raises(UndecodableError, match="given does not fit what input 'order' of workflow w asks"):
            await app.start(workflow, order={"parcel": "seven"})


async def test_a_workflow_of_another_app_is_refused(settings: Settings, facts: Recorder):
    """Its steps are not this app's."""
    app, other = App("logistics", settings=settings, observer=facts), App("other")
    async with app.client():
        with pytest.raises(DefinitionError, match="app logistics has no workflow 'w'"):
            await app.start(other.workflow("w"))


def test_declarations_that_can_not_work_are_refused():
    """Each names what is wrong."""
    app = App("logistics")
    app.workflow("w")
    app.subscribe("delivered", group="sms")(lambda: None)
    with pytest.raises(DefinitionError, match="two workflows named 'w'"):
        app.workflow("w")
    with pytest.raises(DefinitionError, match="group 'sms' of channel delivered has two handlers"):
        app.subscribe("delivered", group="sms")(lambda: None)
    with pytest.raises(DefinitionError, match="app name 'a b' can't be used"):
        App("a b")
    with pytest.raises(DefinitionError, match=r"group 'slow' has a timeout of 0 s: it must be more than 0"):
        app.subscribe("delivered", group="slow", timeout=0)(lambda: None)
    with pytest.raises(DefinitionError, match="w has no steps"):
        app.build()
    with pytest.raises(DefinitionError, match=r"group 'slow' has the retry 3: give a Retry"):
        app.subscribe("delivered", group="slow", retry=3)(lambda: None)
