"""Steps beside their choreographed successors: compared without effect, moved and moved back while runs go on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import BaseModel

from runtime import App, Context, Event, Retry, RunFailedError, Settings, Shadow
from runtime.budgets.budget import Budget
from runtime.bus.redis import RedisBus
from runtime.dead_letters.letters import DeadLetters
from runtime.semconv import DeliveryOutcome, ShadowVerdict, StepOutcome
from runtime.shadows.record import ShadowRecord, StepAddress
from runtime.shadows.shadow import comparison_channel
from runtime.testing import Harness, harness
from runtime.worker import shadowing
from tests.postgres_servers import PostgresServer
from tests.waiting import until

ONCE = Retry(attempts=1)
RECEIPT = StepAddress("bank", "payment", "receipt")


class Asked(BaseModel):
    """What a receipt is written of."""

    settle: int
    customer: str


class Receipt(BaseModel):
    """What is written."""

    text: str
    number: int = 0


class Bank:
    """A flow whose last step has a successor, and what was really done."""

    def __init__(self, shadow: str | Shadow = "receipts") -> None:
        self.app = App("bank", version="1", settings=Settings(telemetry=False, lease=2))
        self.done: list[str] = []
        self.beside: list[str] = []
        self.text = "paid {}"
        self.flow = self.app.workflow("payment", cents=int, customer=str)
        self.flow.step(name="settle", retry=ONCE)(lambda cents: cents)
        self.trouble: list[BaseException] = []

        @self.flow.step(shadow=shadow, retry=Retry(attempts=3, first_delay=0.01))
        async def receipt(settle: int, customer: str, ctx: Context) -> Receipt:
            self.done.append(f"step {ctx.subject}")
            if self.trouble:
                raise self.trouble.pop()
            return Receipt(text=f"paid {settle}", number=len(self.done))

        @self.app.subscribe("receipts", group="receipts")
        async def write(event: Event[Asked], ctx: Context) -> Any:
            return await self.handle(event.data, ctx)

    async def handle(self, asked: Asked, ctx: Context) -> Any:
        (self.beside if ctx.is_shadow else self.done).append(f"handler {ctx.subject}")
        return Receipt(text=self.text.format(asked.settle), number=1)


async def record(bench: Harness, place: StepAddress = RECEIPT) -> ShadowRecord:
    """How the step stands."""
    found = await bench.app.session.shadows.get(place)
    assert found is not None
    return found


async def switch(bench: Harness, mode: Any) -> None:
    """An operator says who does the step."""
    await bench.app.session.shadows.switch(RECEIPT, mode, "ada", "")


async def pay(bench: Harness, bank: Bank, subject: str = "") -> Any:
    """One run, to its end."""
    run = await bench.app.start(bank.flow, subject=subject, cents=7, customer="ada")
    result = await run.result(10)
    await bench.settle()
    return result


def beside_attempts(bench: Harness) -> list[Any]:
    """Attempts of the successor beside the step."""
    return [one for one in bench.facts.attempts if getattr(one.begun, "shadow_of", "")]


async def test_a_successor_is_compared_with_its_step_and_does_nothing():
    """It is given what the step is given, and its result is dropped."""
    bank = Bank()
    async with harness(bank.app) as bench:
        await pay(bench, bank, "one")
        found = await record(bench)

    assert (found.mode, found.agreed, found.compared, found.coverage) == ("shadow", 1, 1, 1.0)
    assert (bank.done, bank.beside) == (["step one"], ["handler one"])
    (attempt,) = beside_attempts(bench)
    assert attempt.begun.shadow_of == "receipt"
    assert attempt.ended.beside.verdict is ShadowVerdict.AGREED


async def test_a_moved_step_is_done_by_its_successor_alone():
    """The step publishes what it is given, in the commit that ends it; none of its code runs."""
    bank = Bank()
    async with harness(bank.app) as bench:
        await switch(bench, "moved")
        await pay(bench, bank, "one")
        found = await record(bench)

    assert (bank.done, bank.beside) == (["handler one"], [])
    assert found.compared == 0
    ended = {one.begun.agent: one.ended.outcome for one in bench.facts.attempts if one.ended}
    assert ended["receipt"] is StepOutcome.MOVED


async def test_a_step_that_was_moved_back_is_compared_again():
    """And one that is kept to itself is not."""
    bank = Bank()
    async with harness(bank.app) as bench:
        for mode in ("moved", "shadow", "step"):
            await switch(bench, mode)
            await pay(bench, bank, mode)
        found = await record(bench)

    assert bank.done == ["handler moved", "step shadow", "step step"]
    assert bank.beside == ["handler shadow"]
    assert [one.mode for one in found.switches] == ["step", "shadow", "moved"]
    assert found.mode == "step"


async def test_fields_that_differ_are_recorded_with_both_values():
    """Of the newest, with the event that leads to its rows."""
    bank = Bank()
    bank.text = "you paid {}"
    async with harness(bank.app) as bench:
        await pay(bench, bank, "one")
        found = await record(bench)

    (last,) = found.last
    assert (found.agreed, found.disagreed) == (0, 1)
    assert [(one.field, one.step, one.successor) for one in last.comparison.differences] == [
        ("text", '"paid 7"', '"you paid 7"')
    ]
    assert last.comparison.subject == "one"
    (attempt,) = beside_attempts(bench)
    assert last.comparison.event == attempt.begun.event_id
    assert attempt.ended.beside.differences == ("text",)


async def test_fields_that_are_never_the_same_twice_are_left_out_by_name():
    """`number` counts how often the step has run."""
    bank = Bank(Shadow("receipts", ignore=("number",)))
    async with harness(bank.app) as bench:
        for _ in range(2):
            await pay(bench, bank)
        found = await record(bench)

    assert (found.agreed, found.disagreed) == (2, 0)


async def test_secrets_are_taken_out_of_what_differs():
    """What an operator sees of a result is what telemetry would tell of it."""
    bank = Bank()
    bank.text = "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789"
    async with harness(bank.app) as bench:
        await pay(bench, bank)
        (last,) = (await record(bench)).last

    assert "abcdefghijklmnop" not in last.comparison.differences[0].successor


async def test_a_successor_that_fails_costs_its_step_nothing():
    """The run goes well, there is no dead letter and no second try, and agreement is not touched."""
    bank = Bank()

    async def fail(asked: Asked, ctx: Context) -> Any:
        raise ValueError("no printer")

    bank.handle = fail  # type: ignore[method-assign]  # this bank's handler is broken
    async with harness(bank.app) as bench:
        assert await pay(bench, bank) == 7
        found = await record(bench)
        letters = await bench.app.session.bus.count_pending(comparison_channel("receipts"), "receipts")

    assert (found.agreed, found.disagreed, found.failed) == (0, 0, 1)
    assert found.last[0].comparison.error == "ValueError: no printer"
    (attempt,) = beside_attempts(bench)
    assert (attempt.ended.outcome, attempt.ended.beside.verdict) == (DeliveryOutcome.OK, ShadowVerdict.FAILED)
    assert letters == 0


async def test_a_successor_that_is_slow_is_not_waited_for():
    """The run ends while its successor goes on; that has a time limit of its own."""
    bank = Bank(Shadow("receipts", timeout=0.2))
    begun = asyncio.Event()

    async def slow(asked: Asked, ctx: Context) -> Any:
        begun.set()
        await asyncio.Event().wait()

    bank.handle = slow  # type: ignore[method-assign]  # this bank's handler never ends
    async with harness(bank.app) as bench:
        run = await bench.app.start(bank.flow, cents=7, customer="ada")
        assert await run.result(10) == 7
        await begun.wait()
        await bench.settle()
        found = await record(bench)

    assert found.failed == 1
    assert "longer than its timeout of 0.2 s" in found.last[0].comparison.error


async def test_what_a_successor_asks_for_beside_is_withheld_and_named():
    """Events and shared keys; what it keeps in its group's state is the comparison's own."""
    bank = Bank(Shadow("receipts", ignore=("publish mails", "write last")))  # its step does neither

    async def busy(asked: Asked, ctx: Context) -> Any:
        ctx.publish("mails", asked.customer)
        await bank.app.shared.put("last", asked.customer)
        ctx.state.put("count", await ctx.state.get("count", 0) + 1)
        ctx.score(0.0)
        return Receipt(text="paid 7", number=await ctx.state.get("count"))

    bank.handle = busy  # type: ignore[method-assign]  # this bank's handler does more
    mails: list[Any] = []
    bank.app.subscribe("mails", group="mails")(lambda name: mails.append(name))
    async with harness(bank.app) as bench:
        for _ in range(2):
            await pay(bench, bank)
        found = await record(bench)
        assert await bank.app.shared.get("last") is None
        assert await bench.app.session.bus.read_state("receipts", "receipts", "count") is None

    assert (found.agreed, mails) == (2, [])
    assert {one.ended.beside.withheld for one in beside_attempts(bench)} == {("publish mails", "write last")}
    assert [one.ended.scores for one in beside_attempts(bench)] == [(), ()]


async def test_what_a_step_does_beside_its_result_is_compared_too():
    """Events, shared keys and its run's state: once it is moved, nobody would do what its successor does not."""
    bank = Bank()

    async def busy(settle: int, customer: str, ctx: Context) -> Receipt:
        for _ in range(2):
            ctx.publish("mails", customer)
        await bank.app.shared.put("last", customer)
        ctx.state.put("count", 1)
        return Receipt(text=f"paid {settle}", number=1)

    async def idle(asked: Asked, ctx: Context) -> Receipt:
        ctx.publish("mails", asked.customer)
        ctx.state.put("mine", 1)
        return Receipt(text="paid 7", number=1)

    for number, ignored in enumerate([(), ("publish mails", "write last", "keep count")]):
        flow = bank.app.workflow(f"busy-{number}", cents=int, customer=str)
        flow.step(name="settle")(lambda cents: cents)
        flow.step(name="receipt", shadow=Shadow(f"busy-{number}", ignore=ignored))(busy)
        bank.app.subscribe(f"busy-{number}", group="busy")(idle)
        async with harness(bank.app) as bench:
            await bench.run(flow, cents=7, customer="ada")
            found = await record(bench, StepAddress("bank", f"busy-{number}", "receipt"))
        if ignored:
            assert (found.agreed, found.disagreed) == (1, 0)
            continue
        (last,) = found.last
        assert [(one.field, one.step, one.successor) for one in last.comparison.differences] == [
            ("keep count", "1", "(absent)"),
            ("publish mails", "2", "1"),
            ("write last", "1", "(absent)"),
        ]


async def test_a_successor_beside_its_step_starts_no_run():
    """That can't be taken back: it is told so, and the comparison names it."""
    bank = Bank()
    other = bank.app.workflow("mailing", customer=str)
    other.step(name="mail")(lambda customer: customer)

    async def starting(asked: Asked, ctx: Context) -> Any:
        await bank.app.start(other, customer=asked.customer)

    bank.handle = starting  # type: ignore[method-assign]  # this bank's handler starts runs
    async with harness(bank.app) as bench:
        await pay(bench, bank)
        found = await record(bench)

    assert "can't start a run of mailing" in found.last[0].comparison.error
    assert "ctx.is_shadow" in found.last[0].comparison.error


async def test_a_run_is_decided_once_whatever_is_switched_meanwhile():
    """Its step has been called, and fails: the next attempt calls it again, though the step was moved in between."""
    bank = Bank()
    bank.trouble.append(ValueError("no ink"))
    async with harness(bank.app) as bench:
        run = await bench.app.start(bank.flow, subject="one", cents=7, customer="ada")
        await until(lambda: bank.done, "its step has been called")
        await switch(bench, "moved")
        await bench.turn(1)
        await run.result(10)
        await bench.settle()

    assert bank.done == ["step one", "step one"]
    assert bank.beside == ["handler one"]


async def test_a_step_that_fails_for_good_fails_its_run_and_is_not_compared():
    """There is no result to compare with."""
    bank = Bank()
    bank.trouble += [ValueError("no ink") for _ in range(3)]
    async with harness(bank.app) as bench:
        run = await bench.app.start(bank.flow, cents=7, customer="ada")
        for _ in range(3):
            await bench.settle()
            await bench.turn(1)
        with pytest.raises(RunFailedError):
            await run.result(10)
        found = await record(bench)

    assert (found.compared, bank.beside) == (0, [])


async def test_only_a_sample_is_compared_where_that_is_said():
    """The same runs always; those that are left out by it are none that lack."""
    bank = Bank(Shadow("receipts", sample=0.5))
    async with harness(bank.app) as bench:
        for _ in range(24):
            await bench.app.start(bank.flow, cents=7, customer="ada")
        await bench.settle()
        found = await record(bench)

    assert 0 < found.compared < 24
    assert found.left_out == 0


async def test_a_successor_that_lags_behind_is_left_out(monkeypatch: pytest.MonkeyPatch):
    """What waits for it never fills a channel; how many are left out is told."""
    monkeypatch.setattr(shadowing, "MOST_WAITING", 0)
    bank = Bank()
    async with harness(bank.app) as bench:
        await pay(bench, bank)
        found = await record(bench)

    assert (found.compared, found.left_out, found.coverage) == (0, 1, 0.0)


async def test_comparisons_cost_a_runs_budget_nothing():
    """Each delivery would be one hop of it."""
    bank = Bank()
    async with harness(bank.app) as bench:
        run = await bench.app.start(bank.flow, budget=Budget(hops=2), cents=7, customer="ada")
        await run.result(10)
        await bench.settle()
        found = await record(bench)
        account = await bench.app.session.accounts.get(run.id)

    assert found.compared == 1
    assert account is not None
    assert account.hops == 2


async def test_others_who_subscribe_to_the_channel_hear_of_no_comparison():
    """They are told of what was moved."""
    bank = Bank(Shadow("receipts", group="receipts"))
    heard: list[UUID] = []

    @bank.app.subscribe("receipts", group="archive")
    def archive(event: Event[Asked]) -> None:
        heard.append(event.id)

    async with harness(bank.app) as bench:
        await pay(bench, bank)
        assert not heard
        await switch(bench, "moved")
        await pay(bench, bank)

    assert len(heard) == 1


async def test_comparisons_of_another_version_do_not_count():
    """What the code of another version did says nothing of this one's."""
    first, second = Bank(), Bank()
    second.app.version = "2"
    async with harness(first.app) as bench:
        await pay(bench, first)
        before = await record(bench)
        await bench.app.session.shadows.declare("bank", "2", {RECEIPT: ("receipts", "receipts")})
        after = await record(bench)

    assert (before.version, before.compared, before.outdated) == ("1", 1, 0)
    assert (after.version, after.compared, after.outdated) == ("2", 0, 1)


@pytest.fixture
async def compared() -> AsyncIterator[tuple[Harness, Bank]]:
    """A bank of whose comparisons one did not agree."""
    bank = Bank()
    bank.text = "{}"
    async with harness(bank.app) as bench:
        await pay(bench, bank)
        yield bench, bank


async def test_once_a_successor_is_mended_it_is_compared_anew(compared: tuple[Harness, Bank]):
    """The figures before say nothing of what it does now."""
    bench, bank = compared
    bank.text = "paid {}"
    await bench.app.session.shadows.begin_anew(RECEIPT, "ada", "mended")
    bank.done.clear()
    await pay(bench, bank)
    found = await record(bench)

    assert (found.agreed, found.disagreed, found.last) == (1, 0, ())
    assert found.switches[0].reason == "mended"


async def test_a_successor_that_kills_its_worker_again_and_again_makes_no_dead_letter(monkeypatch: pytest.MonkeyPatch):
    """It is given up as any other that fails beside its step: the comparison says why."""
    begin = RedisBus.begin

    async def poison(bus: RedisBus, delivery: Any, *rest: Any, **more: Any) -> Any:
        found = await begin(bus, delivery, *rest, **more)
        return replace(found, status="poison") if delivery.channel == comparison_channel("receipts") else found

    monkeypatch.setattr(RedisBus, "begin", poison)  # as the server says it of what has killed three cells
    bank = Bank()
    async with harness(bank.app) as bench:
        assert await pay(bench, bank) == 7
        found = await record(bench)
        letters = await DeadLetters(bench.app.session.server.client).counts()

    assert (found.failed, bank.beside, letters) == (1, [], [])
    assert "killed its worker" in found.last[0].comparison.error


async def test_what_a_successor_writes_to_a_database_of_its_own_is_rolled_back(postgres_server: PostgresServer):
    """Nor is there a row that names the event: once the step is moved, it is written."""
    postgres_server.empty()
    url = postgres_server.url
    app = App("bank", settings=Settings(telemetry=False, lease=2))
    flow = app.workflow("payment", cents=int)
    flow.step(name="settle")(lambda cents: cents)
    flow.step(name="receipt", shadow="receipts")(lambda settle: None)

    @app.subscribe("receipts", group="receipts", inbox=url)
    async def write(event: dict[str, int], ctx: Context) -> None:
        connection = await ctx.transaction()
        await connection.execute("INSERT INTO written VALUES (%s)", (event["settle"],))

    def written() -> list[int]:
        return [number for (number,) in owner.execute("SELECT number FROM written")]

    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE TABLE written (number integer NOT NULL)")
        try:
            async with harness(app) as bench:
                await bench.run(flow, cents=1)
                assert ((await record(bench)).agreed, written()) == (1, [])
                await switch(bench, "moved")
                await bench.run(flow, cents=2)
                assert written() == [2]
        finally:
            owner.execute("DROP TABLE written")
