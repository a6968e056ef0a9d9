"""How an attempt at a step ends, and what is told of it."""

import asyncio
import functools
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator
from redis.asyncio import Redis

from runtime import App, Breaker, Context, NonRetryableError, Retry, RunFailedError
from runtime.causality import identity
from runtime.client.run import Run
from runtime.errors import DefinitionError
from runtime.facts import RunEnded, StepBegun
from runtime.semconv import NodeKind, StepOutcome
from runtime.settings import Settings
from runtime.state.contract import Task
from runtime.testing import Recorder
from tests.runtime.outages import Outage
from tests.waiting import until


async def test_an_attempt_is_told_with_all_that_it_stood_on(settings: Settings, facts: Recorder):
    """The whole fact: upstream steps as causes, keys and size of its context, its place below the run."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment", order=int)
    workflow.step(name="pickup")(lambda order: "abc")

    @workflow.step(agent="courier", breaker=Breaker("carrier"))
    async def delivery(pickup: str, order: int, ctx: Context) -> None:
        await ctx.state.get("route")
        ctx.state.put("seen", True)
        ctx.score(True)

    async with app:
        run = await app.start(workflow, order=7, subject="order-7")
        await run.result(15)
    attempt = next(one for one in facts.attempts if one.begun.agent == "courier")
    begun, ended = attempt.begun, attempt.ended
    assert begun.parent is not None
    assert replace(begun, at_ns=0) == StepBegun(
        node_id=identity.step_id(run.id, "delivery"),
        kind=NodeKind.STEP,
        causation_id=run.id,
        correlation_id=run.correlation_id,
        agent="courier",
        subject="order-7",
        span=begun.parent.child(identity.step_id(run.id, "delivery"), "step delivery"),
        parent=begun.parent,
        at_ns=0,
        workflow="shipment",
        run_id=run.id,
        step="delivery",
        index=0,
        attempt=1,
        causes=(identity.step_id(run.id, "pickup"),),
        depth=2,
        keys_read=("pickup", "order"),
        context_size=6,
        breaker="carrier",
    )
    assert ended is not None
    assert (ended.outcome, ended.keys_read, ended.keys_written) == (StepOutcome.OK, ("route",), ("delivery", "seen"))
    assert [(score.name, score.value, score.label) for score in ended.scores] == [("correct", 1.0, "pass")]


async def test_while_its_breaker_is_open_a_step_waits_without_using_up_attempts(settings: Settings, facts: Recorder):
    """One run opens it; another run's step waits, and its first attempt is the one that succeeds."""
    app, down = App("logistics", settings=settings), [True]
    workflow = app.workflow("shipment")

    @workflow.step(retry=Retry(attempts=2, first_delay=0), breaker=Breaker("carrier", 2, cooldown=0.5))
    async def pickup(ctx: Context) -> int:
        if down[0]:
            raise OSError("carrier is down")
        return ctx.attempt

    async with app:
        first = await app.start(workflow)
        with pytest.raises(RunFailedError):
            await first.result(15)
        second = await app.start(workflow)

        async def put_off() -> bool:
            return await app.session.store.due(9) == [] and not await app.session.server.client.hexists(
                app.session.store.keys.attempts(second.id), "pickup:token"
            )

        await until(put_off)
        assert len(facts.attempts) == 2
        down[0] = False
        assert await second.result(15) == 1
    assert len(facts.attempts) == 3


async def test_time_that_an_attempt_took_counts_towards_its_limit(settings: Settings, facts: Recorder):
    """A first attempt that outlasts `max_elapsed` is the last one."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")

    @workflow.step(retry=Retry(attempts=99, first_delay=0, max_elapsed=0.05), timeout=0.1)
    async def pickup() -> None:
        await until(lambda: False)

    async with app:
        with pytest.raises(RunFailedError, match="AttemptTimeoutError"):
            await (await app.start(workflow)).result(15)
    assert len(facts.attempts) == 1


@pytest.mark.parametrize("error", [None, OSError("no route"), NonRetryableError("no such number")])
async def test_an_attempt_that_lost_its_lease_to_another_worker_is_told_as_stale(
    settings: Settings, facts: Recorder, error: Exception | None
):
    """Whether it would have been done, tried again or failed: it changes nothing, and the other's result holds."""
    # Its only slot is taken, so that it does not claim the step again itself.
    app = App("logistics", settings=settings.model_copy(update={"lease": 60, "concurrency": 1}))
    workflow, go_on = app.workflow("shipment"), asyncio.Event()

    @workflow.step
    async def pickup(ctx: Context) -> int:
        ctx.publish("noted", 1)
        await go_on.wait()
        if error:
            raise error
        return 1

    async with app:
        run = await app.start(workflow)
        attempt = (await until(lambda: facts.attempts))[0]
        store, server = app.session.store, app.session.server.client
        task = Task(run.id, "shipment", "pickup")
        await server.zadd(store.keys.tasks, {task.member: 0})
        taken = await store.claim(task, "another", 60_000, [])
        assert taken is not None
        go_on.set()
        ended = await until(lambda: attempt.ended)
        assert facts.of(RunEnded) == []
        assert await store.commit(taken, "2", [], [], {}) is not None
        assert await run.result(15) == 2
        assert await server.exists(store.keys.outbox, "causeline:1:{noted.0}:s") == 0
    assert (ended.outcome, ended.error and ended.error.type, ended.keys_written) == (
        StepOutcome.STALE,
        type(error).__name__ if error else None,
        (),
    )
    assert (len(facts.attempts), facts.of(RunEnded)) == (1, [])


async def test_time_between_attempts_counts_towards_their_limit(settings: Settings, facts: Recorder):
    """It runs from the first attempt on; each of them alone is quick."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")

    @workflow.step(retry=Retry(attempts=99, first_delay=0.05, max_delay=0.05, max_elapsed=0.2))
    async def pickup() -> None:
        raise OSError("no route")

    async with app:
        with pytest.raises(RunFailedError, match="no route"):
            await (await app.start(workflow)).result(15)
    assert len(facts.attempts) < 99


async def test_a_success_starts_the_count_of_failures_anew(settings: Settings, facts: Recorder):
    """Three runs each fail once and then succeed; two failures in a row would have opened the breaker."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")

    @workflow.step(retry=Retry(first_delay=0), breaker=Breaker("carrier", 2, cooldown=60))
    async def pickup(ctx: Context) -> int:
        if ctx.attempt == 1:
            raise OSError("no route")
        return ctx.attempt

    async with app:
        for _ in range(3):
            assert await (await app.start(workflow)).result(5) == 2


async def test_a_step_that_has_ended_can_ask_for_nothing_more(settings: Settings, facts: Recorder):
    """What it left running behind is told so, instead of being lost without a word."""
    app, kept = App("logistics", settings=settings), []
    workflow = app.workflow("shipment")

    @workflow.step
    async def pickup(ctx: Context) -> None:
        kept.append(ctx)

    async with app:
        await (await app.start(workflow)).result(15)
        await until(lambda: facts.attempts[0].ended)
        with pytest.raises(DefinitionError, match="the attempt has ended"):
            kept[0].publish("noted", 1)


@pytest.mark.parametrize("channel", [None, "noted"])
async def test_a_result_that_can_not_travel_is_a_failure_of_its_step(
    settings: Settings, facts: Recorder, channel: str | None
):
    """And not of its worker, which would try it again and again."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")
    workflow.step(name="pickup", retry=Retry(attempts=1), publishes=channel)(lambda: object())
    async with app:
        with pytest.raises(RunFailedError, match="failed in step 'pickup': PydanticSerializationError"):
            await (await app.start(workflow)).result(5)
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.FAILED]


async def test_a_result_that_does_not_fit_the_next_step_ends_the_run(settings: Settings, facts: Recorder):
    """Trying again can't help; the error names the parameter and the step."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")
    workflow.step(name="pickup")(lambda: "seven")

    @workflow.step
    async def delivery(pickup: int) -> None: ...

    async with app:
        with pytest.raises(RunFailedError, match="UndecodableError: pickup does not fit what step 'delivery' asks for"):
            await (await app.start(workflow)).result(15)
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.OK, StepOutcome.FAILED]


async def test_an_async_step_behind_a_plain_decorator_is_awaited(settings: Settings, facts: Recorder):
    """Its result is what it returns in the end, not that it would return something."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment", order=int)

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def inner(**arguments: Any) -> Any:
            return function(**arguments)

        return inner

    @workflow.step
    @timed
    async def pickup(order: int) -> int:
        await asyncio.sleep(0)
        return order + 1

    async with app:
        assert await (await app.start(workflow, order=7)).result(15) == 8


async def test_sync_work_that_never_ends_takes_nobody_elses_place_or_time(settings: Settings, facts: Recorder):
    """It has used up its own timeout; a step that is called later has all of its own."""
    app, go_on, calls = App("logistics", settings=settings.model_copy(update={"concurrency": 1})), threading.Event(), []
    stuck, healthy = app.workflow("stuck"), app.workflow("healthy")

    @stuck.step(timeout=0.05, retry=Retry(attempts=3, first_delay=0))
    def hang() -> None:
        go_on.wait(60)

    @healthy.step(timeout=5, retry=Retry(attempts=1))
    def work() -> None:
        calls.append(1)

    try:
        async with app:
            with pytest.raises(RunFailedError, match=r"step 'hang' took longer than its timeout of 0\.05 s"):
                await (await app.start(stuck)).result(15)
            await (await app.start(healthy)).result(15)
    finally:
        go_on.set()
    assert calls == [1]


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def unknown(value: int) -> int:
    raise KeyError(value)


async def test_an_error_without_words_ends_the_run_like_any_other(settings: Settings, facts: Recorder):
    """It must not take the engine along."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")

    @workflow.step(retry=Retry(attempts=2, first_delay=0))
    def pickup() -> None:
        raise SpeechlessError

    async with app:
        with pytest.raises(RunFailedError, match=r"SpeechlessError: <exception str\(\) failed>"):
            await (await app.start(workflow)).result(15)
    assert [one.begun.attempt for one in facts.attempts] == [1, 2]


async def test_an_input_that_its_types_own_code_fails_on_ends_the_run(settings: Settings, facts: Recorder):
    """Trying again can't help; what a validator raised is said."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment", order=int)

    @workflow.step
    async def pickup(order: Annotated[int, AfterValidator(unknown)]) -> None: ...

    said = "UndecodableError: order can't be read into what step 'pickup' asks for: KeyError: 7"
    async with app:
        with pytest.raises(RunFailedError, match=said):
            await (await app.start(workflow, order=7)).result(15)
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.FAILED]


@pytest.mark.parametrize("added", ["an input", "a step"])
async def test_what_a_newer_version_reads_and_a_run_does_not_have_ends_it(
    settings: Settings, facts: Recorder, added: str
):
    """It began before; the error says so."""
    old, new = App("logistics", settings=settings), App("logistics", settings=settings)
    before = old.workflow("shipment")
    before.step(name="pickup")(lambda: None)
    after = new.workflow("shipment", **({"order": int} if added == "an input" else {}))
    if added == "a step":
        after.step(name="order")(lambda: 7)
    after.step(name="pickup")(lambda order: None)
    async with old.client():
        run = await old.start(before)
        async with new:
            with pytest.raises(RunFailedError, match=f"run {run.id} has no 'order', which step 'pickup' asks for: it"):
                await run.result(15)


async def test_what_a_step_asks_of_the_server_and_can_not_be_is_its_own_failure(settings: Settings, facts: Recorder):
    """A key that is no text is refused, however often it is tried."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")

    @workflow.step(retry=Retry(attempts=2, first_delay=0))
    async def pickup(ctx: Context) -> None:
        ctx.state.put(None, 1)  # type: ignore[arg-type]

    async with app:
        with pytest.raises(RunFailedError, match="DataError: Invalid input of type: 'NoneType'"):
            await (await app.start(workflow)).result(15)
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.RETRY, StepOutcome.FAILED]


async def test_a_fault_of_the_engine_itself_is_a_failed_attempt(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """It must end somewhere, with its own words, and not as a worker that died."""
    app = App("logistics", settings=settings)
    workflow = app.workflow("shipment")
    workflow.step(name="pickup", retry=Retry(attempts=1))(lambda: None)

    def fails(begun: object) -> None:
        raise LookupError("nobody thought of it")

    monkeypatch.setattr(facts, "open", fails)
    async with app:
        with pytest.raises(RunFailedError, match="LookupError: nobody thought of it"):
            await (await app.start(workflow)).result(15)
    assert [told.error_type for told in facts.of(RunEnded)] == ["LookupError"]


async def test_an_outage_at_the_commit_of_lone_work_is_not_taken_for_its_worker_s_death(
    settings: Settings, facts: Recorder, redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    """The worker lives: it says so as soon as the server answers, and the step is tried again."""
    monkeypatch.setattr("runtime.worker.outage.REST", 0.02)
    async with Outage(redis_url) as proxy:
        settings = settings.model_copy(update={"redis_url": proxy.url, "lease": 60})
        app, blame = App("logistics", settings=settings), []
        workflow = app.workflow("shipment")

        @workflow.step
        async def pickup(ctx: Context) -> int:
            flags = [f"pickup:{name}" for name in ("solo", "deaths")]
            async with Redis.from_url(redis_url) as server:
                blame.append(await server.hmget(app.session.store.keys.attempts(ctx.run_id or ctx.node_id), flags))
            if len(blame) == 1:
                await proxy.go_away()
            return len(blame)

        async with app.client():
            run = await app.start(workflow)
            assert await app.session.store.claim(Task(run.id, "shipment", "pickup"), "dead", 1, []) is not None
        async with app:
            attempt = (await until(lambda: facts.attempts))[0]
            await until(lambda: attempt.ended)
            await proxy.come_back()
            run = Run(app.session, app.session.app.workflows["shipment"], run.id, run.correlation_id)
            assert await run.result(15) == 2
    assert blame == [[b"1", None], [b"0", None]]
