"""Steps that wait for an answer: they hold nothing meanwhile, and go on from their top when it is there."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from runtime import AnswerRefusedError, App, Context, Event, Retry, RunFailedError, Settings, WaitTimeoutError
from runtime.causality.identity import delivery_id
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError, RunNotFoundError
from runtime.semconv import DeliveryOutcome, StepOutcome
from runtime.testing import Harness, harness
from tests.waiting import until

ONCE = Retry(attempts=1)


@dataclass
class Approval:
    """What a person says."""

    ok: bool
    note: str = ""


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("shop", settings=Settings(telemetry=False, concurrency=1))


@pytest.fixture
def calls() -> list[Any]:
    """What was called."""
    return []


def deploying(app: App, calls: list[Any], timeout: float | None = None, gate: asyncio.Event | None = None) -> Workflow:
    """A step that plans, asks, and deploys; a gate holds its plan up until it is set."""
    workflow = app.workflow("deploy")

    async def plan() -> str:
        calls.append("plan")
        if gate is not None:
            await gate.wait()
        return "the plan"

    @workflow.step(retry=ONCE)
    async def work(ctx: Context) -> str:
        planned = await ctx.once("plan", plan)
        try:
            approval = await ctx.wait_for("approval", into=Approval, timeout=timeout)
        except WaitTimeoutError:
            return "nobody"
        calls.append(approval)
        return f"{planned}: {approval.note}"

    return workflow


async def waiting(bench: Harness, times: int = 1) -> None:
    """Returns when so many attempts have left to wait."""
    await until(lambda: outcomes(bench).count(StepOutcome.WAITING) == times, "a step waits")


def outcomes(bench: Harness) -> list[StepOutcome | DeliveryOutcome]:
    """How attempts ended, in order."""
    return [attempt.ended.outcome for attempt in bench.facts.attempts if attempt.ended]


async def test_a_step_goes_on_with_its_answer(app: App, calls: list[Any]):
    """What it has paid for before it waited is not paid for again; its retries are not used up by waiting."""
    workflow = deploying(app, calls)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        assert await run.status() == "running"
        await run.send("approval", {"ok": True, "note": "go"}, by="ann")
        assert await run.result(10) == "the plan: go"
        assert outcomes(bench) == ["waiting", "ok"]
    assert calls == ["plan", Approval(True, "go")]


async def test_who_waits_holds_no_slot(app: App, calls: list[Any]):
    """A worker with one slot does other work meanwhile."""
    workflow = deploying(app, calls)
    other = app.workflow("other")
    other.step(name="work")(lambda: "done")
    async with harness(app) as bench:
        runs = [await bench.start(workflow) for _ in range(3)]
        await waiting(bench, 3)
        assert await bench.run(other) == "done"
        for run in runs:
            await run.send("approval", Approval(True, str(run.id)))
        assert [await run.result(10) for run in runs] == [f"the plan: {run.id}" for run in runs]


async def test_an_answer_that_comes_before_the_wait_is_kept_for_it(app: App, calls: list[Any]):
    """Whoever is asked may be faster."""
    workflow = deploying(app, calls, gate=(gate := asyncio.Event()))
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await run.send("approval", Approval(True, "go"))
        with pytest.raises(AnswerRefusedError, match="was given before by shop"):
            await run.send("approval", Approval(False))
        gate.set()
        assert await run.result(10) == "the plan: go"
        assert outcomes(bench) == ["ok"]


async def test_a_second_answer_finds_it_answered(app: App, calls: list[Any]):
    """By whom, and when; also when the run is over."""
    workflow = deploying(app, calls)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        answers = await asyncio.gather(
            *[run.send("approval", Approval(True, who), by=who) for who in ("ann", "bob")], return_exceptions=True
        )
        assert sorted(type(one).__name__ for one in answers) == ["AnswerRefusedError", "NoneType"]
        await run.result(10)
        with pytest.raises(AnswerRefusedError, match="comes too late: the run is ok"):
            await run.send("approval", Approval(False))


async def test_an_answer_that_does_not_fit_is_refused_and_the_wait_goes_on(app: App, calls: list[Any]):
    """With the place and the reason."""
    workflow = deploying(app, calls)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        with pytest.raises(AnswerRefusedError, match=r"does not fit at \$.ok: 'perhaps' is not of type 'boolean'"):
            await run.send("approval", {"ok": "perhaps"})
        await run.send("approval", {"ok": True})
        assert await run.result(10) == "the plan: "


async def test_an_early_answer_that_does_not_fit_is_not_taken(
    app: App, calls: list[Any], caplog: pytest.LogCaptureFixture
):
    """Nobody could say so before: the log does, and the step waits for another one."""
    workflow = deploying(app, calls, gate=(gate := asyncio.Event()))
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await run.send("approval", 7)
        gate.set()
        await waiting(bench)
        assert f"run {run.id}: what shop answered does not fit" in caplog.text
        await run.send("approval", Approval(True, "go"))
        assert await run.result(10) == "the plan: go"


async def test_nobody_is_waited_for_beyond_the_timeout(app: App, calls: list[Any]):
    """The step is told, goes on, and an answer comes too late."""
    workflow = deploying(app, calls, timeout=60)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        await bench.turn(61)
        assert await run.result(10) == "nobody"
        with pytest.raises(AnswerRefusedError, match="too late"):
            await run.send("approval", Approval(True))


async def test_a_run_that_is_cancelled_waits_for_nobody(app: App, calls: list[Any]):
    """Nor is it answered."""
    workflow = deploying(app, calls, timeout=3600)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        assert await run.cancel()
        with pytest.raises(AnswerRefusedError, match="the run is cancelled"):
            await run.send("approval", Approval(True))
        keys = app.session.store.keys
        assert await app.session.server.client.zcard(keys.tasks) == 0


async def test_several_waits_of_a_run_are_told_apart(app: App):
    """By their names and keys; two steps can't wait for the same answer."""
    workflow = app.workflow("crew")

    @workflow.step(retry=ONCE)
    async def ask(ctx: Context) -> list[int]:
        return [await ctx.wait_for("size", into=int, key=key) for key in ("a", "b")]

    @workflow.step(retry=ONCE)
    async def other(ctx: Context) -> str:
        await ctx.wait_for("twice")
        with pytest.raises(DefinitionError, match="tell the waits apart by key="):
            await ctx.wait_for("twice")
        return "told"

    async with harness(app) as bench:
        run = await bench.start(workflow)
        await run.send("twice", 1)
        await run.send("size", 2, key="b")
        await run.send("size", 1, key="a")
        assert await run.result(10) == {"ask": [1, 2], "other": "told"}


async def test_of_two_steps_that_wait_for_the_same_one_is_refused(app: App):
    """Else one of them would take the other's answer."""
    workflow = app.workflow("crew")
    for name in ("a", "b"):

        @workflow.step(name=name, retry=ONCE)
        async def ask(ctx: Context) -> Any:
            return await ctx.wait_for("size")

    async with harness(app) as bench:
        run = await bench.start(workflow)
        with pytest.raises(RunFailedError, match=r"is waited for by step '[ab]', too"):
            await run.result(10)


async def test_what_waits_is_seen_and_answered_by_an_operator(app: App, calls: list[Any]):
    """With the type of the answer."""
    workflow = deploying(app, calls, timeout=60)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        (wait,) = await app.session.store.waits(run.id)
        assert (wait.name, wait.key, wait.step) == ("approval", "", "work")
        assert wait.ends_ms == wait.since_ms + 60_000
        assert '"boolean"' in wait.schema
        await run.send("approval", Approval(True))
        await run.result(10)
        assert await app.session.store.waits(run.id) == []


async def test_a_handler_that_answers_and_fails_answers_once(app: App, calls: list[Any]):
    """Its next attempt finds its own answer taken, which is no failure; the step is told whose it was."""
    workflow = deploying(app, calls)

    @app.subscribe("approved", group="clerk", retry=Retry(attempts=2, first_delay=0.01))
    async def approve(event: Event[str], ctx: Context) -> None:
        await (await app.get_run(event.data)).send("approval", Approval(True, f"attempt {ctx.attempt}"))
        if ctx.attempt == 1:
            raise OSError("it has answered")

    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        event = await app.publish("approved", str(run.id))
        assert await run.result(10) == "the plan: attempt 1"
        await until(lambda: DeliveryOutcome.OK in outcomes(bench), "the handler is done")
        (told,) = [wait for one in bench.facts.attempts if one.ended for wait in one.ended.waits]
    assert (told.name, told.by, told.node) == ("approval", "shop", delivery_id(event, "clerk", 0))


async def test_an_attempt_answers_a_wait_once(app: App, calls: list[Any]):
    """What it says beyond that is no repetition; one that was refused does not count."""
    workflow, asked = deploying(app, calls), app.workflow("asked", run=str)
    refused: list[str] = []

    @asked.step(retry=ONCE)
    async def say(run: str) -> None:
        waiting_run = await app.get_run(run)
        for value in ({"ok": "perhaps"}, Approval(True, "go"), Approval(True, "again")):
            try:
                await waiting_run.send("approval", value)
            except AnswerRefusedError as error:
                refused.append(str(error))

    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        await bench.run(asked, run=str(run.id))
        assert await run.result(10) == "the plan: go"
    first, second = refused
    assert "does not fit" in first
    assert "was given before by shop" in second


async def test_a_handler_cannot_wait(app: App):
    """It would hold its group up; a run that it starts can."""

    @app.subscribe("orders", group="billing", retry=ONCE)
    async def bill(event: dict[str, int], ctx: Context) -> None:
        await ctx.wait_for("approval")

    async with harness(app) as bench:
        tried = await bench.deliver("billing", {"id": 1})
    assert tried.error is not None
    assert "start a run from the handler" in tried.error.message


async def test_code_that_goes_on_after_any_error_does_not_go_on_after_a_wait(app: App):
    """`except Exception` is no answer."""
    workflow = app.workflow("crew")
    went_on: list[str] = []

    @workflow.step(retry=ONCE)
    async def ask(ctx: Context) -> Any:
        try:
            return await ctx.wait_for("size")
        except Exception:  # noqa: BLE001 - as users write it
            went_on.append("on")

    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        await run.send("size", 7)
        assert await run.result(10) == 7
    assert went_on == []


async def test_a_run_that_nobody_has_is_not_answered(app: App, calls: list[Any]):
    """It may have been removed."""
    workflow = deploying(app, calls)
    async with harness(app) as bench:
        run = await bench.start(workflow)
        await waiting(bench)
        await app.session.server.client.flushall()
        with pytest.raises(RunNotFoundError):
            await run.send("approval", Approval(True))
