"""What users test their agents with."""

import asyncio

import pytest

from runtime import App, Breaker, Context, Event, Every, NonRetryableError, Retry, RunDeadlineError
from runtime.errors import DefinitionError, RunFailedError
from runtime.facts import EventPublished, RunEnded, Ticked
from runtime.settings import Settings
from runtime.testing import harness

pytestmark = pytest.mark.redis


class Shop:
    """An app that somebody tests; its carrier may be away."""

    def __init__(self) -> None:
        self.app = App("shop")
        self.away = 0
        self.seen: list[tuple[str, int]] = []
        self.ship = self.app.workflow("ship", order=int)
        patient = Retry(attempts=3, first_delay=60, max_delay=60)
        self.ship.step(name="label", retry=patient, publishes="labels")(self._label)
        self.app.subscribe("labels", group="stock", retry=patient)(self.stock)
        self.app.subscribe("labels", group="mail")(self.mail)

    def _label(self, order: int) -> int:
        self._travel()
        return order

    def stock(self, label: int) -> None:
        self.seen.append(("stock", label))
        self._travel()

    def mail(self, event: Event[int]) -> None:
        self.seen.append((event.subject or "mail", event.data))

    def _travel(self) -> None:
        if self.away:
            self.away -= 1
            raise OSError("no route")


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_a_run_is_worked_on_and_its_facts_are_told(shop: Shop):
    """Steps and handlers; what happened is there in order."""
    async with harness(shop.app) as tested:
        assert await tested.run(shop.ship, order=7) == 7
        assert [fact.channel for fact in tested.facts.of(EventPublished)] == ["labels"]
        assert [fact.outcome for fact in tested.facts.of(RunEnded)] == ["ok"]
    assert sorted(shop.seen) == [("mail", 7), ("stock", 7)]


async def test_every_test_begins_on_an_empty_server(shop: Shop):
    """Nothing of the tests before is there, not even of one that left work behind."""
    async with harness(shop.app, works=False) as tested:
        before = await tested.start(shop.ship, order=1)
        assert await before.status() == "running"
    async with harness(shop.app) as tested:
        assert await tested.run(shop.ship, order=2) == 2
        assert await tested.app.session.store.get(before.id) is None


async def test_an_event_is_delivered_to_one_group_alone(shop: Shop):
    """By its function or by its name; the others never see it."""
    async with harness(shop.app) as tested:
        assert (await tested.deliver(shop.stock, 5)).outcome == "ok"
        assert (await tested.deliver("mail", 6, subject="ann")).outcome == "ok"
    assert shop.seen == [("stock", 5), ("ann", 6)]


async def test_an_attempt_that_fails_is_told_with_its_error(shop: Shop):
    """And the next is made when the test has turned the clock."""
    shop.away = 1
    async with harness(shop.app) as tested:
        tried = await tested.deliver(shop.stock, 5)
        assert tried.error is not None
        assert (tried.outcome, tried.error.type, tried.error.message) == ("retry", "OSError", "no route")
        await tested.turn(60)
        await tested.settle()
        assert [one.ended and one.ended.outcome for one in tested.facts.attempts] == ["retry", "ok"]
    assert shop.seen == [("stock", 5), ("stock", 5)]


async def test_payloads_that_do_not_fit_and_errors_for_good_go_dead(shop: Shop):
    """As they would at work."""

    @shop.app.subscribe("labels", group="picky")
    def picky(label: int) -> None:
        raise NonRetryableError("no label like that")

    async with harness(shop.app) as tested:
        assert (await tested.deliver(picky, 1)).outcome == "dead_letter"
        assert (await tested.deliver(picky, "one")).outcome == "dead_letter"


async def test_retries_of_steps_are_due_when_the_clock_is_turned(shop: Shop):
    """A test of three attempts a minute apart takes no minute."""
    shop.away = 2
    async with harness(shop.app) as tested:
        run = await tested.start(shop.ship, order=7)
        for _ in range(2):
            await tested.settle()
            assert await run.status() == "running"
            await tested.turn(60)
        assert await run.result(10) == 7
        assert len([one for one in tested.facts.attempts if one.begun.causation_id == run.id]) == 3


async def test_a_run_that_fails_raises(shop: Shop):
    """What `Run.result` raises."""
    flow = shop.app.workflow("flow")

    @flow.step(retry=Retry(attempts=1))
    def fail() -> None:
        raise ValueError("wrong")

    async with harness(shop.app) as tested:
        with pytest.raises(RunFailedError, match="ValueError: wrong"):
            await tested.run(flow)


async def test_an_open_breaker_closes_when_the_clock_is_turned(shop: Shop):
    """Work that it puts off is tried again."""
    calls: list[int] = []

    @shop.app.subscribe("labels", group="api", breaker=Breaker("api", failures=1, cooldown=3600))
    def api(label: int, ctx: Context) -> None:
        calls.append(label)
        if len(calls) == 1:
            raise OSError("down")

    async with harness(shop.app) as tested:
        assert (await tested.deliver(api, 1)).outcome == "retry"
        await tested.turn(2 * 3600)
        assert (await tested.deliver(api, 2)).outcome == "ok"


async def test_what_waits_is_not_waited_for_when_the_test_ends(shop: Shop):
    """A retry that is due in a minute holds up no test."""
    shop.away = 1
    async with asyncio.timeout(10), harness(shop.app) as tested:
        assert (await tested.deliver(shop.stock, 5)).outcome == "retry"


async def test_the_app_is_given_back_as_it_was(shop: Shop, settings: Settings):
    """Its own settings count again; while it is tested those count that say nothing of a server."""
    app = App("mine", settings=settings.model_copy(update={"concurrency": 3}))
    means = app.options
    async with harness(app) as tested:
        assert app.options.settings is not None
        assert (app.options.settings.concurrency, app.options.settings.redis_url) != (3, settings.redis_url)
        assert app.options.settings.concurrency == 3
        assert tested.app is app
    assert app.options is means


async def test_a_handler_that_the_app_does_not_have_is_told_with_those_it_has(shop: Shop):
    """By their groups' names."""
    async with harness(shop.app, works=False) as tested:
        with pytest.raises(DefinitionError, match=r"app shop has not one handler 'post'; its groups: stock, mail"):
            await tested.deliver("post", 1)


async def test_a_deadline_passes_when_the_clock_is_turned(shop: Shop):
    """A run that has an hour fails in a moment."""
    flow = shop.app.workflow("flow", deadline=3600)

    @flow.step
    async def wait(ctx: Context) -> None:
        await ctx.wait_for("word")

    async with harness(shop.app) as tested:
        run = await tested.start(flow)
        await tested.turn(3590)
        assert await run.status() == "running"
        await tested.turn(20)
        with pytest.raises(RunDeadlineError):
            await run.result(10)


async def test_a_schedule_ticks_when_the_test_says_so_and_never_by_itself(shop: Shop):
    """With the inputs that it was declared with; a test must not depend on when it runs."""
    flow = shop.app.workflow("flow", number=int)
    flow.step(name="double")(lambda number: number * 2)
    shop.app.schedule("often", flow, Every(seconds=1), inputs={"number": 21})
    async with harness(shop.app) as tested:
        run = await tested.tick("often")
        assert await run.result(10) == 42
        assert await shop.app.session.store.runs(9) == [await shop.app.session.store.get(run.id)]
        assert (await shop.app.session.schedules.read_board()).schedules == []
        (told,) = tested.facts.of(Ticked)
        assert told.schedule == "often"
        with pytest.raises(DefinitionError, match="app shop has no schedule 'never'; its schedules: often"):
            await tested.tick("never")
