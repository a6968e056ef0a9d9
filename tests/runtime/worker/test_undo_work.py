"""Undos at work, and workflows that are steps of others."""

import asyncio
from typing import Any

import pytest

from runtime import App, Context, NonRetryableError, Retry, Run, RunCancelledError, RunFailedError, Settings
from runtime.causality.identity import run_id, step_id
from runtime.definitions.workflow import Workflow
from runtime.facts import RunEnded, RunStarted, StepBegun
from runtime.testing import Harness, harness
from tests.waiting import until

ONCE = Retry(attempts=1)


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("shop", settings=Settings(telemetry=False))


@pytest.fixture
def log() -> list[Any]:
    """What was done and undone."""
    return []


def ordering(app: App, log: list[Any], **options: Any) -> Workflow:
    """Reserves, pays and ships; what can't be shipped is undone."""
    flow = app.workflow("order", amount=int)

    def unreserve(reserve: str | None) -> None:
        log.append(("unreserve", reserve))

    async def refund(pay: int | None, amount: int, ctx: Context) -> str:
        log.append(("refund", pay, amount))
        assert ctx.undoes == step_id(ctx.run_id, "pay")
        ctx.publish("refunded", amount)
        return "refunded"

    flow.step(name="reserve", undo=unreserve)(lambda amount: f"{amount} reserved")
    flow.step(**({"name": "pay", "undo": refund, "retry": ONCE} | options))(lambda reserve, amount: amount * 10)

    @flow.step(retry=ONCE)
    def ship(pay: int, amount: int) -> str:
        if amount > 5:
            raise ValueError("too heavy")
        return "shipped"

    return flow


def begun(bench: Harness, place: str) -> list[StepBegun]:
    """Attempts at a place, such as `~pay`."""
    facts = [one.begun for one in bench.facts.attempts if isinstance(one.begun, StepBegun)]
    return [one for one in facts if (one.place[:1] + one.step if one.place else one.step) == place]


async def record(app: App, run: Run) -> Any:
    return await app.session.store.get(run.id)


async def test_what_was_done_is_undone_when_the_run_fails(app: App, log: list[Any]):
    """The last first; who waits for the run is told when it is over."""
    flow = ordering(app, log)
    heard: list[Any] = []
    app.subscribe("refunded", group="books")(lambda amount: heard.append(amount))
    async with harness(app) as bench:
        with pytest.raises(RunFailedError, match=r"failed in step 'ship': ValueError: too heavy"):
            await bench.run(flow, amount=7)
        assert log == [("refund", 70, 7), ("unreserve", "7 reserved")]
        assert heard == [7]
        assert await bench.run(flow, amount=1) == "shipped"
    assert len(log) == 2
    (failed, done) = bench.facts.of(RunEnded)
    assert (failed.outcome, failed.failed_step, done.outcome) == ("failed", "ship", "ok")


async def test_an_undo_was_caused_by_what_it_undoes_and_by_what_failed(app: App, log: list[Any]):
    """It is a node of its own, which is the same whenever it is tried again."""
    flow = ordering(app, log)
    async with harness(app) as bench:
        run = await bench.start(flow, amount=7)
        with pytest.raises(RunFailedError):
            await run.result()
    (one,) = begun(bench, "~pay")
    assert (one.node_id, one.place) == (step_id(run.id, "pay", "~"), "~")
    assert one.causes == (step_id(run.id, "pay"), step_id(run.id, "ship"))


async def test_a_step_that_failed_is_undone_without_a_result(app: App, log: list[Any]):
    """It may have been done, as far as anybody knows."""
    flow = app.workflow("order", amount=int)

    @flow.step(retry=ONCE, undo=lambda pay, amount: log.append((pay, amount)))
    def pay(amount: int) -> int:
        raise TimeoutError("the bank does not answer")

    async with harness(app) as bench:
        with pytest.raises(RunFailedError):
            await bench.run(flow, amount=3)
    assert log == [(None, 3)]


async def test_an_undo_is_tried_again_and_then_named(app: App, log: list[Any]):
    """The others go on; when a person asks, it is tried again."""
    is_away = True

    def refund(pay: int | None) -> None:
        log.append("refund")
        if is_away:
            raise OSError("the bank is away")

    flow = ordering(app, log, undo=refund, retry=Retry(attempts=2, first_delay=0.01))
    async with harness(app) as bench:
        run = await bench.start(flow, amount=7)
        with pytest.raises(RunFailedError):
            await run.result()
        assert log == ["refund", "refund", ("unreserve", "7 reserved")]
        stored = await record(app, run)
        assert (stored.undo_failed, stored.undo_error) == (("pay",), "OSError: the bank is away")
        is_away = False
        assert await app.session.store.undo(run.id, "ada") == "undoing"
        await bench.settle()
        stored = await record(app, run)
        assert (stored.status, stored.undo_failed, log[3:]) == ("failed", (), ["refund"])


async def test_an_undo_waits_for_nobody(app: App, log: list[Any]):
    """Nobody could answer: it would be under way for ever, and what was done before never undone."""

    async def refund(ctx: Context) -> None:
        await ctx.wait_for("consent")

    flow = ordering(app, log, undo=refund, retry=ONCE)
    async with harness(app) as bench:
        run = await bench.start(flow, amount=7)
        with pytest.raises(RunFailedError):
            await run.result(20)
        stored = await record(app, run)
        assert stored.undo_failed == ("pay",)
        assert "the undo of step 'pay' can't wait for 'consent': nobody is asked in an undo" in stored.undo_error
    assert log == [("unreserve", "7 reserved")]


async def test_a_cancelled_run_is_undone(app: App, log: list[Any]):
    """And ends cancelled."""
    flow = app.workflow("order", amount=int)
    flow.step(name="pay", undo=lambda pay: log.append(pay))(lambda amount: amount)

    @flow.step
    async def ask(pay: int, ctx: Context) -> Any:
        return await ctx.wait_for("approval")

    async with harness(app) as bench:
        run = await bench.start(flow, amount=3)
        await until(lambda: app.session.store.waits(run.id), "an approval is waited for")
        assert await run.cancel()
        with pytest.raises(RunCancelledError):
            await run.result(10)
        assert not await run.cancel()
    assert log == [3]
    assert [one.outcome for one in bench.facts.of(RunEnded)] == ["cancelled"]


async def test_every_item_and_every_round_is_undone_with_what_it_had_made(app: App, log: list[Any]):
    """The last first."""
    flow = app.workflow("order", parcels=list[int])

    def unlabel(label: str | None, parcel: int) -> None:
        log.append((label, parcel))

    flow.step(over="parcels", at_once=1, undo=unlabel, name="label")(lambda parcel: f"label {parcel}")
    flow.step(
        name="count", until=lambda count: count == 3, max_rounds=3, undo=lambda count, parcels: log.append(count)
    )(lambda label, count: (count or 0) + 1)
    flow.step(name="ship", retry=ONCE)(lambda count: 1 // 0)
    async with harness(app) as bench:
        with pytest.raises(RunFailedError):
            await bench.run(flow, parcels=[7, 8])
    assert log == [3, 2, 1, ("label 8", 8), ("label 7", 7)]


def nested(app: App, log: list[Any]) -> Workflow:
    """An order that deploys by a workflow of its own, and fails after it where the text is bad."""
    deploy = app.workflow("deploy", text=str)
    deploy.step(name="build")(lambda text: text.upper())

    @deploy.step(retry=ONCE, undo=lambda push: log.append(("unpush", push)))
    def push(build: str) -> str:
        if build == "BROKEN":
            raise NonRetryableError("the registry refuses")
        log.append(("push", build))
        return build + "!"

    order = app.workflow("order", text=str)
    order.step(deploy)

    @order.step(retry=ONCE)
    def tell(deploy: str) -> str:
        if deploy == "BAD!":
            raise ValueError("nobody listens")
        return deploy

    return order


async def test_a_step_that_is_a_workflow_yields_its_result(app: App, log: list[Any]):
    """Its run is one of its own, caused by the step."""
    order = nested(app, log)
    async with harness(app) as bench:
        run = await bench.start(order, text="good")
        assert await run.result() == "GOOD!"
    (_, child) = bench.facts.of(RunStarted)
    node = step_id(run.id, "deploy")
    assert (child.workflow, child.node_id, child.causation_id) == ("deploy", run_id(node, "deploy", 0), node)
    outcomes = [one.ended.outcome for one in bench.facts.attempts if one.begun.node_id == node and one.ended]
    assert outcomes == ["waiting", "ok"]


async def test_a_step_whose_workflow_fails_fails_with_its_reason(app: App, log: list[Any]):
    """It is not tried again: the workflow's own steps were."""
    order = nested(app, log)
    async with harness(app) as bench:
        with pytest.raises(
            RunFailedError,
            match=r"SubWorkflowError: step .deploy. is run .* of workflow deploy, which failed "
            r"in step 'push': NonRetryableError: the registry refuses",
        ):
            await bench.run(order, text="broken")


async def test_a_step_whose_workflow_is_late_fails_with_its_deadline(app: App):
    """It is no step that has failed."""
    inner = app.workflow("inner", deadline=0.1)

    @inner.step
    async def ask(ctx: Context) -> None:
        await ctx.wait_for("consent")

    flow = app.workflow("outer")
    flow.step(inner)
    async with harness(app) as bench:
        run = await bench.start(flow)
        with pytest.raises(RunFailedError, match="inner, which failed: RunDeadlineError: it had to have"):
            await run.result(20)


async def test_what_a_workflow_within_has_done_is_undone_with_the_run(app: App, log: list[Any]):
    """By the undos of its own steps, though it ended well."""
    order = nested(app, log)
    async with harness(app) as bench:
        run = await bench.start(order, text="bad")
        with pytest.raises(RunFailedError, match=r"failed in step 'tell'"):
            await run.result()
        assert log == [("push", "BAD"), ("unpush", "BAD!")]
        child = await app.session.store.get(run_id(step_id(run.id, "deploy"), "deploy", 0))
    assert child is not None
    assert (child.status, child.life) == ("cancelled", 2)


async def test_a_resumed_run_has_the_one_that_it_waits_for_go_on(app: App, log: list[Any]):
    """From where that failed."""
    is_away = True
    deploy = app.workflow("deploy", text=str)

    @deploy.step(retry=ONCE)
    def push(text: str) -> str:
        if is_away:
            raise OSError("away")
        return text

    order = app.workflow("order", text=str)
    order.step(deploy)
    async with harness(app) as bench:
        run = await bench.start(order, text="x")
        with pytest.raises(RunFailedError):
            await run.result()
        is_away = False
        await run.resume()
        assert await run.result(10) == "x"
        await bench.settle()


async def test_a_cancelled_run_cancels_the_one_that_it_waits_for(app: App):
    """Also where nothing is to be undone."""
    inner = app.workflow("inner", n=int)

    @inner.step
    async def ask(n: int, ctx: Context) -> Any:
        return await ctx.wait_for("approval")

    outer = app.workflow("outer", n=int)
    outer.step(inner)
    async with harness(app) as bench:
        run = await bench.start(outer, n=1)
        child = run_id(step_id(run.id, "inner"), "inner", 0)
        await until(lambda: app.session.store.waits(child), "the run within waits")
        assert await run.cancel()
        stored = await app.session.store.get(child)
        assert stored is not None
        assert stored.status == "cancelled"


async def test_a_workflow_may_be_fanned_out(app: App):
    """A run for each item, and the list of their results."""
    inner = app.workflow("inner", parcel=int, depot=str)
    inner.step(name="first")(lambda parcel: parcel)
    inner.step(name="second")(lambda depot: depot)
    outer = app.workflow("outer", parcels=list[int], depot=str)
    outer.step(inner, over="parcels", at_once=2)
    async with harness(app) as bench:
        found = await bench.run(outer, parcels=[1, 2, 3], depot="n")
    assert found == [{"first": number, "second": "n"} for number in (1, 2, 3)]


async def test_a_run_that_waits_for_another_holds_no_slot(app: App):
    """However many there are."""
    gate = asyncio.Event()
    inner = app.workflow("inner", n=int)

    @inner.step
    async def work(n: int) -> int:
        await gate.wait()
        return n

    outer = app.workflow("outer", n=int)
    outer.step(inner)
    async with harness(app) as bench:
        runs = [await bench.start(outer, n=number) for number in range(40)]
        gate.set()
        assert [await run.result(30) for run in runs] == list(range(40))
