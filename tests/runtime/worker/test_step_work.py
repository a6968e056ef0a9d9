"""What is a step's alone: its place in the run, what it reads and returns, and how its run ends."""

from dataclasses import replace

import pytest

from runtime import App, Breaker, Context, NonRetryableError, Retry, RunFailedError
from runtime.causality import identity
from runtime.codec.encoded import Encoded
from runtime.definitions.workflow import Workflow
from runtime.errors import PoisonError
from runtime.facts import RunEnded, StepBegun
from runtime.resilience.poison import KILL_LIMIT, VANISH_LIMIT
from runtime.semconv import NodeKind, StepOutcome
from runtime.settings import Settings
from runtime.state.tasks import Task, token_of
from runtime.testing import Recorder
from tests.runtime.worker.bench import ONCE


def shipment(settings: Settings, facts: Recorder) -> tuple[App, Workflow]:
    """An app with a workflow that has no steps yet."""
    app = App("logistics", settings=settings, observer=facts)
    return app, app.workflow("shipment", order=int)


async def test_an_attempt_is_told_with_all_that_it_stood_on(settings: Settings, facts: Recorder):
    """The whole fact: upstream steps as causes, keys and size of its context, its place below the run."""
    app, workflow = shipment(settings, facts)
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
        attempt=1,
        causes=(identity.step_id(run.id, "pickup"),),
        depth=2,
        keys_read=("pickup", "order"),
        key_sizes=(5, 1),
        context_size=6,
        breaker="carrier",
        inputs={"pickup": Encoded("abc"), "order": Encoded(7)},
    )
    assert ended is not None
    assert (ended.outcome, ended.keys_read, ended.keys_written) == (StepOutcome.OK, ("route",), ("delivery", "seen"))
    assert [(score.name, score.value, score.label) for score in ended.scores] == [("correct", 1.0, "pass")]


async def test_keys_are_told_with_their_sizes_and_those_that_were_not_used(settings: Settings, facts: Recorder):
    """A key of the run's state counts as used once it was read, a parameter where the code mentions it."""
    app, workflow = shipment(settings, facts)

    @workflow.step
    def pickup(order: int, ctx: Context) -> str:
        ctx.state.put("route", {"hub": "a"})
        return "abc"

    @workflow.step(reads=["route", "rates"])
    async def delivery(pickup: str, order: int, ctx: Context) -> None:
        await ctx.state.get("route")
        ctx.state.put("own", order)  # what it writes it need not name

    async with app:
        await (await app.start(workflow, order=7)).result(15)
    first, second = (one.ended for one in facts.attempts)
    assert first is not None
    assert second is not None
    assert (first.keys_read, first.keys_unused) == ((), ("order",))
    assert (second.keys_read, second.key_sizes, second.keys_unused) == (("route",), (11,), ("pickup", "rates"))


async def test_a_step_that_reads_a_key_it_has_not_named_fails_by_name(settings: Settings, facts: Recorder):
    """It is told so where it reads; the server is not asked."""
    app, workflow = shipment(settings, facts)

    @workflow.step(retry=ONCE, reads=["route"])
    async def delivery(order: int, ctx: Context) -> None:
        await ctx.state.get("rates")

    async with app:
        with pytest.raises(RunFailedError, match="step 'delivery' reads state key 'rates', and names 'route' alone"):
            await (await app.start(workflow, order=7)).result(15)
    (failed,) = (one.ended for one in facts.attempts)
    assert failed is not None
    assert (failed.keys_read, failed.keys_unused) == ((), ())


@pytest.mark.parametrize("way", ["result", "state"])
async def test_a_key_that_is_too_large_fails_its_step_at_once_by_name_and_size(
    settings: Settings, facts: Recorder, way: str
):
    """Trying again would make it no smaller."""
    app, workflow = shipment(settings.model_copy(update={"key_kib": 1}), facts)

    @workflow.step
    def pickup(order: int, ctx: Context) -> str:
        if way == "state":
            ctx.state.put("pickup", "x" * 2046)
        return "x" * 2046

    async with app:
        with pytest.raises(RunFailedError, match=r"key 'pickup' of step 'pickup' takes 2.0 KiB, .* takes 1.0 KiB at"):
            await (await app.start(workflow, order=7)).result(15)
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.FAILED]


@pytest.mark.parametrize("channel", [None, "noted"])
async def test_a_result_that_can_not_travel_is_a_failure_of_its_step(
    settings: Settings, facts: Recorder, channel: str | None
):
    """And not of its worker, which would try it again and again."""
    app, workflow = shipment(settings, facts)
    workflow.step(name="pickup", retry=ONCE, publishes=channel)(lambda order: object())
    async with app:
        with pytest.raises(RunFailedError, match="failed in step 'pickup'"):
            await (await app.start(workflow, order=7)).result(15)
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.FAILED]


async def test_a_result_that_does_not_fit_the_next_step_ends_the_run(settings: Settings, facts: Recorder):
    """Trying again can't help; the error names the parameter and the step."""
    app, workflow = shipment(settings, facts)
    workflow.step(name="pickup")(lambda order: "seven")

    @workflow.step
    async def delivery(pickup: int) -> None: ...

    async with app:
        with pytest.raises(RunFailedError, match="the result of step 'pickup' does not fit what parameter 'pickup'"):
            await (await app.start(workflow, order=7)).result(15)
    assert [one.ended.outcome for one in facts.attempts if one.ended] == [StepOutcome.OK, StepOutcome.FAILED]


async def test_a_default_is_taken_where_nothing_has_the_parameters_name(settings: Settings, facts: Recorder):
    """Neither the run nor the workflow knows it; what the workflow knows is given all the same."""
    app, workflow = shipment(settings, facts)

    @workflow.step
    async def pickup(order: int = 1, bay: str = "north") -> str:
        return f"{bay} {order}"

    async with app:
        assert await (await app.start(workflow, order=7)).result(15) == "north 7"


async def test_a_default_is_taken_where_a_run_began_before_a_newer_version(settings: Settings, facts: Recorder):
    """Which added the input; the old run goes on with what the step has for it."""
    old, new = (App("logistics", settings=settings, observer=facts) for _ in range(2))
    before = old.workflow("shipment")
    before.step(name="pickup")(lambda: None)
    after = new.workflow("shipment", bay=str)

    @after.step
    async def pickup(bay: str = "north") -> str:
        return bay

    async with old.client():
        run = await old.start(before)
        async with new:
            assert await run.result(15) == "north"


async def test_steps_behind_one_that_failed_for_good_never_run(settings: Settings, facts: Recorder):
    """The end is told with the step's error."""
    app, workflow = shipment(settings, facts)
    ran: list[str] = []

    @workflow.step
    async def pickup(order: int) -> None:
        raise NonRetryableError("no such parcel")

    @workflow.step
    async def delivery(pickup: None) -> None:
        ran.append("delivery")

    async with app:
        run = await app.start(workflow, order=7)
        with pytest.raises(RunFailedError, match="'pickup': NonRetryableError: no such parcel"):
            await run.result(15)
    (ended,) = facts.of(RunEnded)
    assert (len(facts.attempts), ran, ended.error_type, ended.error_message) == (
        1,
        [],
        "NonRetryableError",
        "no such parcel",
    )


@pytest.mark.parametrize(
    ("kills", "vanishings", "said"),
    [
        (KILL_LIMIT, 0, f"{KILL_LIMIT} times, each time alone"),
        (0, VANISH_LIMIT, f"{VANISH_LIMIT} times with its parent"),
    ],
)
async def test_a_step_that_kills_its_cells_ends_its_run_without_another_attempt(
    settings: Settings, facts: Recorder, kills: int, vanishings: int, said: str
):
    """Alone with what it killed each time; one death less would have been one attempt more."""
    app, workflow = shipment(settings, facts)
    ran: list[int] = []

    @workflow.step(retry=Retry(attempts=1))
    async def pickup(order: int) -> None:
        ran.append(order)

    async with app.client():
        run, spared = [await app.start(workflow, order=order) for order in (7, 8)]
        for one, deaths in ((run, (kills, vanishings)), (spared, (KILL_LIMIT - 1, VANISH_LIMIT - 1))):
            await die(app, Task(one.id, "shipment", "pickup"), *deaths)
        async with app:
            with pytest.raises(RunFailedError, match=f"step 'pickup' killed its worker {said}"):
                await run.result(15)
            await spared.result(15)
    assert ran == [8]
    assert {told.error_type for told in facts.of(RunEnded)} == {"", PoisonError.__name__}


async def die(app: App, task: Task, kills: int, vanishings: int) -> None:
    """Begins a task in a worker that is lost, and then in cells of which so many are killed, and so many vanish."""
    store = app.session.store
    for number, loss in enumerate(["lost", *["killed"] * kills, *["vanished"] * vanishings]):
        token = token_of(f"gone-{number}", "1")
        assert await store.claim(task, token, 60_000, [], isolated=number > 0)
        assert await store.forfeit(f"gone-{number}", loss) == 1


def plain(fact: Encoded | None) -> object:
    """What an input is told as."""
    return None if fact is None else fact.data


async def test_failed_attempts_are_told_with_inputs_and_good_ones_with_results(settings: Settings, facts: Recorder):
    """Each attempt for itself."""
    app, workflow = shipment(settings, facts)

    @workflow.step(retry=Retry(attempts=2, first_delay=0.01))
    async def pickup(order: int, ctx: Context) -> dict[str, int]:
        if ctx.attempt == 1:
            raise OSError("away")
        return {"order": order}

    async with app:
        await (await app.start(workflow, order=7)).result(15)
    told = [(dict(one.begun.inputs), one.ended.result) for one in facts.attempts if one.ended]
    assert told == [({"order": Encoded(7)}, None), ({"order": Encoded(7)}, Encoded({"order": 7}))]


async def test_what_could_not_travel_is_told_as_it_was(settings: Settings, facts: Recorder):
    """Or nobody would know what the step returned."""
    app, workflow = shipment(settings, facts)
    strange = object()
    workflow.step(name="pickup", retry=ONCE)(lambda order: strange)
    async with app:
        with pytest.raises(RunFailedError):
            await (await app.start(workflow, order=7)).result(15)
    assert [one.ended.result for one in facts.attempts if one.ended] == [strange]


async def test_values_of_a_step_that_keeps_them_out_are_told_nowhere(settings: Settings, facts: Recorder):
    """Nor as the input of another; its own inputs are told by steps that don't."""
    app, workflow = shipment(settings, facts)
    workflow.step(name="pickup", record_values=False)(lambda order: "who lives there")
    workflow.step(name="delivery")(lambda pickup, order: None)
    async with app:
        await (await app.start(workflow, order=7)).result(15)
    first, second = facts.attempts
    assert isinstance(first.begun, StepBegun)
    assert isinstance(second.begun, StepBegun)
    assert (first.begun.inputs, first.ended and first.ended.result) == ({}, None)
    assert {key: plain(value) for key, value in second.begun.inputs.items()} == {"pickup": None, "order": 7}
    assert "lives there" not in repr(facts.attempts)
