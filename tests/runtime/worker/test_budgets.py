"""Budgets at work: they hold over everything that a run or an event causes, and what is parked goes on when they are
raised."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from runtime import App, Budget, Context, Event, Retry, Run, RunCancelledError, RunFailedError, Settings, Usage
from runtime.admin import Admin
from runtime.budgets.account import Account, BudgetVerdict, Parked
from runtime.budgets.redis import RedisAccounts
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError, QueryError
from runtime.testing import harness
from tests.waiting import until

ONCE = Retry(attempts=1)


@pytest.fixture
def app() -> App:
    """An app without telemetry."""
    return App("crew", settings=Settings(telemetry=False))


async def account(app: App, id_: UUID) -> Account:
    found = await app.session.accounts.get(id_)
    assert found is not None
    return found


async def is_parked(app: App, id_: UUID, count: int = 1) -> Account | None:
    """The account, once so much is parked under it."""
    found = await account(app, id_)
    return found if len(found.parked) == count else None


async def raised(app: App, id_: UUID, **more: Any) -> None:
    """Raises a budget as an operator does."""
    admin = await Admin.connect(app.session.server.url)
    try:
        await admin.raise_budget(id_, Budget(**more), "ada")
    finally:
        await admin.close()


async def model(prompt: str) -> str:
    return prompt.upper()


def writing(app: App, log: list[str]) -> Workflow:
    """Two steps that ask a model, 50 tokens each."""
    flow = app.workflow("write", topic=str)

    async def asked(name: str, topic: str, ctx: Context) -> str:
        log.append(name)
        return str(
            await ctx.once("ask", model, topic, at_most=Usage(tokens=60), usage=lambda _: Usage(tokens=50, usd=0.01))
        )

    @flow.step
    async def plan(topic: str, ctx: Context) -> str:
        return await asked("plan", topic, ctx)

    @flow.step
    async def draft(plan: str, ctx: Context) -> str:
        return await asked("draft", plan, ctx)

    return flow


async def test_two_agents_that_answer_each_other_for_ever_stop_at_their_hops(app: App):
    """Across channels; the next one is parked, and goes on when the budget is raised."""
    said: list[str] = []

    @app.subscribe("ping", group="a")
    def a(event: Event[int], ctx: Context) -> None:
        said.append("a")
        ctx.publish("pong", event.data)

    @app.subscribe("pong", group="b")
    def b(event: Event[int], ctx: Context) -> None:
        said.append("b")
        ctx.publish("ping", event.data)

    async with harness(app):
        id_ = await app.publish("ping", 1, budget=Budget(hops=5))
        found = await until(lambda: is_parked(app, id_), "the sixth is parked")
        assert said == ["a", "b", "a", "b", "a"]
        assert (found.status, found.hops, found.parked[0].group) == ("spent", 5, "b")
        await raised(app, id_, hops=2)
        await until(lambda: len(said) == 7, "two more have answered")
        await until(lambda: is_parked(app, id_), "the next is parked")


@pytest.fixture
def at_once(app: App, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever a budget refuses, an operator raises it by one hop and 25 tokens before the work has left its slot."""
    refused: list[str] = []
    admit, reserve = RedisAccounts.admit, RedisAccounts.reserve

    async def answered(id_: UUID, verdict: BudgetVerdict) -> BudgetVerdict:
        if verdict.status == "spent":
            refused.append(verdict.reason)
            await raised(app, id_, hops=1, tokens=25)
        return verdict

    async def admitted(self: RedisAccounts, id_: UUID, work: Parked) -> BudgetVerdict:
        return await answered(id_, await admit(self, id_, work))

    async def reserved(self: RedisAccounts, id_: UUID, call: str, usage: Usage, work: Parked) -> BudgetVerdict:
        return await answered(id_, await reserve(self, id_, call, usage, work))

    monkeypatch.setattr(RedisAccounts, "admit", admitted)
    monkeypatch.setattr(RedisAccounts, "reserve", reserved)
    return refused


async def test_a_budget_that_is_raised_while_work_leaves_its_slot_has_it_go_on_at_once(app: App, at_once: list[str]):
    """Steps before they begin and at a call of theirs, and deliveries: none waits until it asks by itself."""
    log: list[str] = []
    flow = writing(app, log)

    @app.subscribe("ping", group="a")
    @app.subscribe("ping", group="b")
    def hear(event: Event[int]) -> None:
        log.append("heard")

    async with harness(app):
        run = await app.start(flow, topic="x", budget=Budget(hops=1, tokens=60))
        assert await run.result(20) == "X"
        assert at_once == ["its 1 hops are taken", "needs 60 tokens, 35 left"]
        id_ = await app.publish("ping", 1, budget=Budget(hops=1, tokens=1))
        await until(lambda: log.count("heard") == 2, "both groups have it")
        assert (len(at_once), (await account(app, id_)).parked) == (3, ())


async def test_a_call_that_would_cost_more_than_is_left_parks_its_step(app: App):
    """No attempt has failed; when the budget is raised it goes on, and pays for nothing twice."""
    log: list[str] = []
    flow = writing(app, log)
    async with harness(app) as bench:
        run = await app.start(flow, topic="x", budget=Budget(tokens=100))
        found = await until(lambda: is_parked(app, run.id), "the second call is parked")
        assert (found.tokens, found.parked[0].what) == (50, f"step 'draft' of run {run.id}")
        assert await run.status() == "running"
        await raised(app, run.id, tokens=50)
        assert await run.result(10) == "X"
        assert ((await account(app, run.id)).tokens, (await account(app, run.id)).micros) == (100, 20_000)
    assert log == ["plan", "draft", "draft"]
    outcomes = [one.ended.outcome for one in bench.facts.attempts if one.ended]
    assert outcomes == ["ok", "waiting", "ok"]


async def test_what_is_parked_of_a_run_that_ends_otherwise_is_no_longer_listed(app: App):
    """Nobody has to raise its budget, or cancel it, for a step that is never done."""
    log: list[str] = []
    flow = writing(app, log)
    async with harness(app):
        runs = [await app.start(flow, topic="x", budget=Budget(tokens=60)) for _ in range(2)]
        for run in runs:
            await until(lambda run=run: is_parked(app, run.id), "the second step is parked")
        await runs[0].cancel()
        await until(lambda: is_parked(app, runs[0].id, 0), "the step that is over is not listed")
        assert [one.id for one in await app.session.accounts.list_spent(9)] == [runs[1].id]
        assert (await account(app, runs[0].id)).status == "open"


async def spent_on(app: App, work: Parked) -> UUID:
    """A budget of one hop that is spent, with work that is parked under it."""
    accounts, id_ = app.session.accounts, uuid4()
    await accounts.open(id_, Budget(hops=1), app.name, "an event", None)
    admitted = [(await accounts.admit(id_, each)).status for each in (Parked(uuid4(), "the first"), work)]
    assert admitted == ["may", "spent"]
    return id_


async def retired(app: App, group: str) -> None:
    """Registers a group that no worker serves, and has an operator retire it."""
    await app.session.bus.subscribe("asked", group, schema="{}", app=app.name)
    admin = await Admin.connect(app.session.server.url)
    try:
        await admin.retire("asked", group, "ada", "nobody serves it")
    finally:
        await admin.close()


async def test_what_is_parked_for_a_group_that_is_retired_is_no_longer_listed(app: App):
    """Whoever retires it sees to that, for no worker of its app may be left; what others wait for stays."""
    async with harness(app, works=False):
        await spent_on(app, Parked(uuid4(), "an event", channel="asked", group="gone"))
        kept = await spent_on(app, Parked(uuid4(), "an event", channel="asked", group="here"))
        await retired(app, "gone")
        assert [one.id for one in await app.session.accounts.list_spent(9)] == [kept]


async def test_a_worker_takes_off_the_list_what_is_parked_when_its_group_is_gone(app: App):
    """Such as a delivery that asked just as its group was retired."""
    async with harness(app):
        await retired(app, "gone")
        id_ = await spent_on(app, Parked(uuid4(), "an event", channel="asked", group="gone"))
        await until(lambda: is_parked(app, id_, 0), "it is not listed")


async def test_a_budget_holds_over_runs_within_and_over_handlers(app: App):
    """Whatever starts them: a step, a workflow that is a step, a handler of what they publish."""
    inner = app.workflow("inner", n=int)
    inner.step(name="work", publishes="done")(lambda n: n)
    other = app.workflow("other", n=int)
    other.step(name="work")(lambda n: n)
    outer = app.workflow("outer", n=int)
    outer.step(inner)

    @app.subscribe("done", group="next")
    async def next_(event: Event[int]) -> None:
        await app.start(other, n=event.data)

    async with harness(app) as bench:
        run = await app.start(outer, n=1, budget=Budget(hops=100))
        await run.result(10)
        await bench.settle()
        assert (await account(app, run.id)).hops == 4  # the step, the one within, the handler, the run that it starts


async def test_a_run_s_own_budget_is_charged_to_the_one_over_it(app: App):
    """So nobody opens an allowance of its own."""
    inner = app.workflow("inner", n=int)

    @inner.step
    async def ask(n: int, ctx: Context) -> str:
        return str(await ctx.once("ask", model, "x", at_most=Usage(tokens=30)))

    outer = app.workflow("outer", n=int)
    started: list[Run] = []

    @outer.step
    async def work(n: int) -> None:
        started.append(await app.start(inner, n=n, budget=Budget(tokens=1000)))
        await started[0].result()

    async with harness(app):
        run = await app.start(outer, n=1, budget=Budget(tokens=20))
        found = await until(lambda: is_parked(app, run.id), "the call within is parked")
        assert (await account(app, started[0].id)).parent == run.id
        assert found.tokens == 0
        await raised(app, run.id, tokens=20)
        await run.result(10)
        assert [(await account(app, one.id)).tokens for one in (run, *started)] == [30, 30]


async def test_nothing_of_a_cancelled_budget_goes_on(app: App):
    """Parked steps fail their runs, which are undone."""
    log: list[str] = []
    flow = app.workflow("write", topic=str)
    flow.step(name="plan", undo=lambda plan: log.append("unplan"))(lambda topic: topic)
    flow.step(name="draft")(lambda plan: plan)
    async with harness(app) as bench:
        run = await app.start(flow, topic="x", budget=Budget(hops=1))
        await until(lambda: is_parked(app, run.id), "the second step is parked")
        admin = await Admin.connect(app.session.server.url)
        assert await admin.cancel_budget(run.id, "ada") == 1
        with pytest.raises(
            RunFailedError, match=r"in step 'draft': BudgetCancelledError: budget .* was cancelled by ada"
        ):
            await run.result(10)
        assert log == ["unplan"]
        await bench.settle()
        await admin.close()


async def test_deliveries_under_a_cancelled_budget_go_dead(app: App):
    """None vanishes: each is a letter that says why."""
    said: list[int] = []

    @app.subscribe("count", group="counter")
    def count(event: Event[int], ctx: Context) -> None:
        said.append(event.data)
        ctx.publish("count", event.data + 1)

    async with harness(app) as bench:
        id_ = await app.publish("count", 1, budget=Budget(hops=2))
        await until(lambda: is_parked(app, id_), "the third is parked")
        admin = await Admin.connect(app.session.server.url)
        try:
            await admin.cancel_budget(id_, "ada")
            await until(lambda: dead(admin), "it is dead")
            (letter,) = await dead(admin)
            assert (letter.error_type, said) == ("BudgetCancelledError", [1, 2])
        finally:
            await admin.close()
        await bench.settle()


async def dead(admin: Admin) -> list[Any]:
    """What went dead."""
    return list((await admin.dead_letters()).items)


async def test_what_is_spent_outside_of_recorded_calls_is_charged_as_it_is_said(app: App):
    """In steps, and in handlers, which record none; another attempt costs again."""
    flow = app.workflow("write", topic=str)

    @flow.step(retry=Retry(attempts=2, first_delay=0.01), publishes="written")
    async def write(topic: str, ctx: Context) -> str:
        await ctx.spent(Usage(tokens=10))
        if ctx.attempt == 1:
            raise OSError("away")
        return topic

    @app.subscribe("written", group="judge")
    async def judge(event: Event[str], ctx: Context) -> None:
        await ctx.spent(Usage(tokens=5))

    async with harness(app) as bench:
        run = await app.start(flow, topic="x", budget=Budget(tokens=1000))
        await run.result(10)
        await bench.settle()
        assert (await account(app, run.id)).tokens == 25
        free = await app.start(flow, topic="x")
        assert await free.result(10) == "x"


async def test_a_start_or_an_event_that_is_repeated_opens_one_budget(app: App):
    """That of the first, under its key."""
    flow = app.workflow("write", topic=str)
    flow.step(name="write")(lambda topic: topic)
    app.subscribe("asked", group="ear")(lambda topic: None)
    async with harness(app) as bench:
        runs = [await app.start(flow, topic="x", key="one", budget=Budget(hops=number)) for number in (5, 7)]
        events = [await app.publish("asked", "x", key="one", budget=Budget(hops=9)) for _ in range(2)]
        await bench.settle()
        assert (runs[0].id, events[0]) == (runs[1].id, events[1])
        found = {one.id: one.limits.hops for one in await app.session.accounts.list_newest(10)}
        assert found == {runs[0].id: 5, events[0]: 9}


async def test_what_is_no_budget_is_refused_when_it_is_given(app: App):
    """Not when it is spent."""
    flow = app.workflow("write", topic=str)
    flow.step(name="write")(lambda topic: topic)
    async with harness(app):
        with pytest.raises(DefinitionError, match=r"the budget can't be 7: give a Budget"):
            await app.start(flow, topic="x", budget=7)  # type: ignore[arg-type]  # what somebody may write


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (lambda answer: Usage(tokens=answer.total), "AttributeError: 'str' object has no attribute 'total'"),
        (lambda _: 5, "usage= must return a Usage, and has returned 5"),
        (lambda _: Usage(model="gpt", input_tokens=3), "model 'gpt' has no price in its budget"),
    ],
)
async def test_a_call_whose_cost_nobody_can_say_is_recorded_all_the_same(app: App, usage: Any, said: str):
    """It is paid: another attempt takes its result from the record, when somebody has looked at it."""
    flow = app.workflow("write", topic=str)
    asked: list[str] = []

    async def ask(topic: str) -> str:
        asked.append(topic)
        return "a text"

    @flow.step(retry=Retry(attempts=3, first_delay=0))
    async def draft(topic: str, ctx: Context) -> str:
        return str(await ctx.once("ask", ask, topic, at_most=Usage(tokens=60), usage=usage))

    async with harness(app) as bench:
        run = await app.start(flow, topic="causes", budget=Budget(usd=1, tokens=100))
        with pytest.raises(RunFailedError, match="CallUncountedError: nobody can say what call 'ask'") as failed:
            await run.result(20)
        assert said in str(failed.value)
        assert (await account(app, run.id)).tokens == 60  # what was reserved
        await run.resume()
        assert await run.result(20) == "a text"
        await bench.settle()
    assert asked == ["causes"]


@pytest.mark.parametrize("how", ["cancelled", "spent"])
async def test_what_was_done_is_taken_back_whatever_is_spent(app: App, how: str):
    """Also by calls that an undo records."""
    flow = app.workflow("order", amount=int)
    undone: list[int] = []

    async def refund(amount: int) -> str:
        undone.append(amount)
        return "refunded"

    async def take_back(amount: int, ctx: Context) -> None:
        await ctx.once("refund", refund, amount, at_most=Usage(tokens=1000), usage=lambda _: Usage(tokens=500))
        await ctx.spent(Usage(tokens=5))

    @flow.step(undo=take_back)
    async def pay(amount: int, ctx: Context) -> int:
        await ctx.spent(Usage(tokens=20))
        return amount

    @flow.step(retry=ONCE)
    def ship(pay: int) -> int:
        return pay

    async with harness(app) as bench:
        run = await app.start(flow, amount=7, budget=Budget(tokens=20))
        await until(lambda: is_parked(app, run.id), "the shipment is parked")
        if how == "cancelled":
            admin = await Admin.connect(app.session.server.url)
            await admin.cancel_budget(run.id, "ada")
            await admin.close()
        else:
            await run.cancel()
        with pytest.raises((RunFailedError, RunCancelledError)):
            await run.result(20)
        await bench.settle()
        stored = await app.session.store.get(run.id)
        assert stored is not None
        assert (stored.undo_failed, undone) == ((), [7])
        assert (await account(app, run.id)).tokens == 20


async def test_what_an_undo_publishes_is_under_the_budget(app: App):
    """Its handlers are charged, and so is all that they cause."""
    flow = app.workflow("order", amount=int)
    told: list[int] = []

    def take_back(amount: int, ctx: Context) -> None:
        ctx.publish("refunds", amount)

    flow.step(name="pay", undo=take_back)(lambda amount: amount)

    @flow.step(retry=ONCE)
    def ship(pay: int) -> int:
        raise OSError("no carrier")

    @app.subscribe("refunds")
    async def tell(amount: int, ctx: Context) -> None:
        await ctx.spent(Usage(tokens=5))
        told.append(amount)

    async with harness(app) as bench:
        run = await app.start(flow, amount=7, budget=Budget(tokens=20))
        await until(lambda: told == [7], "the refund is told of")
        await bench.settle()
        admin = await Admin.connect(app.session.server.url)
        assert (await admin.budget(run.id)).tokens == 5
        await admin.close()


async def test_only_limits_that_a_budget_has_are_raised(app: App):
    """Nothing is changed by what names another."""
    flow = app.workflow("order", amount=int)
    flow.step(name="pay")(lambda amount: amount)
    async with harness(app):
        run = await app.start(flow, amount=7, budget=Budget(tokens=20))
        admin = await Admin.connect(app.session.server.url)
        with pytest.raises(QueryError, match=r"has no limit of usd or hops, .* it bounds tokens"):
            await admin.raise_budget(run.id, Budget(usd=1, hops=3, tokens=5), "ada")
        assert (await admin.budget(run.id)).limits.tokens == 20
        await admin.raise_budget(run.id, Budget(tokens=5), "ada")
        assert (await admin.budget(run.id)).limits.tokens == 25
        await admin.close()


async def test_an_error_whose_cost_has_no_price_stays_the_error_that_it_is(app: App, caplog: pytest.LogCaptureFixture):
    """It is counted as what it might have cost."""
    flow = app.workflow("order", amount=int)

    class AnswerError(Exception):
        usage = Usage(input_tokens=3, model="unheard-of")

    def ask() -> None:
        raise AnswerError("no answer")

    @flow.step(retry=ONCE)
    async def pay(amount: int, ctx: Context) -> None:
        await ctx.once("ask", ask, at_most=Usage(usd=0.5))

    async with harness(app):
        run = await app.start(flow, amount=7, budget=Budget(usd=1))
        with pytest.raises(RunFailedError, match="AnswerError: no answer"):
            await run.result(20)
    assert "is not charged" in caplog.text
