"""Fanned out steps at work: results in order, failures by policy, and every item a node of its own."""

import asyncio
from typing import Any

import pytest

from runtime import App, Context, FailedItem, NonRetryableError, Retry, RunFailedError, Settings
from runtime.causality.identity import step_id
from runtime.definitions import fan_out
from runtime.definitions.workflow import Workflow
from runtime.facts import RunEnded, StepBegun
from runtime.testing import Harness, harness
from runtime.worker import fan_out_work
from tests.crowd import Crowd

ONCE = Retry(attempts=1)


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("shop", settings=Settings(telemetry=False))


def weighing(app: App, **options: Any) -> Workflow:
    """A workflow that weighs parcels; those of number 4 can't be."""
    flow = app.workflow("order", parcels=list[int])

    @flow.step(**({"over": "parcels", "retry": ONCE} | options))
    async def weigh(parcel: int, ctx: Context) -> tuple[int, int | None]:
        if parcel == 4:
            raise ValueError("no such parcel")
        return parcel, ctx.index

    return flow


def begun(bench: Harness, place: str) -> list[StepBegun]:
    """Attempts at a place of the step."""
    facts = [one.begun for one in bench.facts.attempts if isinstance(one.begun, StepBegun)]
    return [one for one in facts if one.step + one.place == place]


async def test_results_come_in_the_order_of_the_items(app: App):
    """With the types that they had, whoever was first: here the last."""
    flow, weighed = app.workflow("order", parcels=list[int]), [asyncio.Event() for _ in range(4)]
    weighed[3].set()

    @flow.step(over="parcels")
    async def weigh(parcel: int) -> tuple[int, bytes]:
        await weighed[parcel + 1].wait()
        weighed[parcel].set()
        return parcel, b"g"

    async with harness(app) as bench:
        assert await bench.run(flow, parcels=[0, 1, 2]) == [(0, b"g"), (1, b"g"), (2, b"g")]


async def test_an_empty_list_yields_an_empty_list(app: App):
    """It is done, not skipped; and so is what goes over what came of it."""
    flow = weighing(app)

    @flow.step(over="weigh")
    async def label(weight: tuple[int, int]) -> str:
        return str(weight)

    async with harness(app) as bench:
        assert await bench.run(flow, parcels=[]) == []
        assert {attempt.ended.outcome for attempt in bench.facts.attempts if attempt.ended} == {"gathered"}


async def test_a_failed_item_fails_the_run(app: App):
    """By its place, unless it is tolerated."""
    flow = weighing(app)
    async with harness(app) as bench:
        with pytest.raises(RunFailedError, match=r"failed in step 'weigh\[1\]': ValueError: no such parcel"):
            await bench.run(flow, parcels=[3, 4])
        ends = bench.facts.of(RunEnded)
        assert [(end.failed_step, end.failed_place) for end in ends] == [("weigh", "[1]")]
        spread = [
            each.ended.outcome for each in bench.facts.attempts if each.begun in begun(bench, "weigh") and each.ended
        ]
        assert spread == ["spread"]


async def test_as_many_failed_items_as_are_tolerated_stand_in_the_list(app: App):
    """Each at its place; with one more the run fails."""
    flow = weighing(app, tolerate=1)
    async with harness(app) as bench:
        failed = FailedItem(1, "ValueError", "no such parcel")
        assert await bench.run(flow, parcels=[3, 4, 5]) == [(3, 0), failed, (5, 2)]
        with pytest.raises(RunFailedError, match=r"failed in step 'weigh\[[13]\]'"):
            await bench.run(flow, parcels=[3, 4, 5, 4])


async def test_each_item_is_tried_again_by_itself(app: App):
    """Its attempts are counted apart from those of others."""
    flow = app.workflow("order", parcels=list[int])

    @flow.step(over="parcels", retry=Retry(attempts=3, first_delay=0.01))
    async def weigh(parcel: int, ctx: Context) -> int:
        if parcel == 7 and ctx.attempt < 3:
            raise ValueError("the scales are busy")
        return ctx.attempt

    async with harness(app) as bench:
        assert await bench.run(flow, parcels=[6, 7]) == [1, 3]


async def test_no_more_are_called_at_once_than_it_says(app: App):
    """However many slots are free."""
    flow = app.workflow("order", parcels=list[int])
    crowd = Crowd(2)

    @flow.step(over="parcels", at_once=2)
    async def weigh(parcel: int) -> int:
        async with crowd.joined():
            await app.session.store.list_due(9)  # others may come meanwhile
        return parcel

    async with harness(app) as bench:
        await bench.run(flow, parcels=list(range(8)))
    assert crowd.most == 2


async def test_causes_lead_from_the_list_to_each_item_and_from_each_item_to_the_list_of_results(app: App):
    """An item's node is the same whenever it is tried again."""
    flow = app.workflow("order", depot=str)
    flow.step(name="pack")(lambda depot: [1, 2])

    @flow.step(over="pack")
    async def weigh(parcel: int) -> int:
        return parcel

    flow.step(name="ship")(lambda weigh: sum(weigh))
    async with harness(app) as bench:
        run = await bench.start(flow, depot="north")
        await run.result()
    items = [step_id(run.id, "weigh", mark) for mark in ("[0]", "[1]")]
    assert [begun(bench, f"weigh[{at}]")[0].node_id for at in (0, 1)] == items
    assert begun(bench, "weigh[0]")[0].causes == (step_id(run.id, "pack"),)
    assert [one.causes for one in begun(bench, "weigh")] == [(step_id(run.id, "pack"),), tuple(items)]
    assert begun(bench, "ship")[0].causes == (step_id(run.id, "weigh"),)


async def test_an_item_is_told_what_it_is_given_and_not_the_whole_list(app: App):
    """Its context counts that alone."""
    flow = weighing(app)
    async with harness(app) as bench:
        await bench.run(flow, parcels=list(range(10, 20)))
    (one,) = begun(bench, "weigh[3]")
    assert {name: value and value.data for name, value in one.inputs.items()} == {"parcel": 13}
    assert (one.keys_read, one.context_size) == (("parcel",), 2)


async def test_a_list_that_is_published_is_published_once(app: App):
    """What items publish themselves is theirs."""
    flow = app.workflow("order", parcels=list[int])
    heard: list[Any] = []

    @flow.step(over="parcels", publishes="weighed")
    async def weigh(parcel: int, ctx: Context) -> int:
        ctx.publish("parcel", parcel)
        return parcel

    app.subscribe("weighed", group="all")(lambda weights: heard.append(weights))
    app.subscribe("parcel", group="each")(lambda parcel: heard.append(parcel))
    async with harness(app) as bench:
        await bench.run(flow, parcels=[1, 2])
    assert sorted(heard, key=str) == [1, 2, [1, 2]]


async def test_what_is_no_list_after_all_fails_the_step_by_name(app: App):
    """A result without a declared type is looked at when it is there."""
    flow = app.workflow("order", depot=str)
    flow.step(name="pack")(lambda depot: {"parcels": 3})
    flow.step(over="pack", name="weigh")(lambda parcel: parcel)
    async with harness(app) as bench:
        with pytest.raises(RunFailedError, match=r"step 'weigh'.*NoListError.*'pack', which is not a list this time"):
            await bench.run(flow, depot="north")
    assert len(begun(bench, "weigh")) == 1


async def test_a_list_that_is_too_long_is_refused_before_its_first_item(app: App, monkeypatch: pytest.MonkeyPatch):
    """It names the step, the list and both numbers."""
    monkeypatch.setattr(fan_out_work, "MOST_ITEMS", 3)
    assert fan_out.MOST_ITEMS == 10_000
    flow = weighing(app)
    async with harness(app) as bench:
        with pytest.raises(RunFailedError, match=r"'parcels', which has 5 items: at most 3 do"):
            await bench.run(flow, parcels=[1, 2, 3, 5, 6])
    assert begun(bench, "weigh[0]") == []


async def test_a_condition_is_asked_once_for_all_items(app: App):
    """Where it says no, there are none; what follows is given None."""
    flow = weighing(app, when=lambda parcels: len(parcels) > 1)
    flow.step(name="ship")(lambda weigh: weigh)
    async with harness(app) as bench:
        assert await bench.run(flow, parcels=[1]) is None
        assert await bench.run(flow, parcels=[1, 2]) == [(1, 0), (2, 1)]


async def test_over_the_none_of_a_skipped_step_nothing_is_done(app: App):
    """It is skipped as well."""
    flow = app.workflow("order", depot=str)
    flow.step(name="pack", when=lambda depot: depot == "north")(lambda depot: [1])
    flow.step(over="pack", name="weigh")(lambda parcel: parcel)
    async with harness(app) as bench:
        assert await bench.run(flow, depot="south") is None
        assert await bench.run(flow, depot="north") == [1]


async def test_an_item_that_says_that_trying_again_cannot_help_is_tried_once(app: App):
    """As any step."""
    flow = app.workflow("order", parcels=list[int])
    tried: list[int] = []

    @flow.step(over="parcels", tolerate=1.0, retry=Retry(attempts=5, first_delay=0.01))
    async def weigh(parcel: int) -> int:
        tried.append(parcel)
        raise NonRetryableError("broken")

    async with harness(app) as bench:
        assert [one.error for one in await bench.run(flow, parcels=[1, 2])] == ["broken", "broken"]
    assert sorted(tried) == [1, 2]


@pytest.mark.parametrize("count", [100, 1000])
async def test_many_items_are_gathered(app: App, count: int):
    """The results of all, once."""
    flow = weighing(app)
    async with harness(app) as bench:
        result = await bench.run(flow, parcels=list(range(10, 10 + count)))
    assert result == [(10 + at, at) for at in range(count)]
