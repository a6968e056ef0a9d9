"""While its breaker is open work waits; what says nothing about health moves none. Steps and handlers alike."""

import asyncio
from dataclasses import replace

import pytest

from runtime import App, Breaker, Context, NonRetryableError, Retry
from runtime.admin import Admin
from runtime.budgets.account import Parked
from runtime.causality import identity
from runtime.errors import ServerUnavailableError
from runtime.outages import Outage
from runtime.resilience.breaker_state import BreakerRecord, Permit
from runtime.resilience.redis import RedisBreakers
from runtime.settings import Settings
from runtime.testing import FakeClock, Recorder
from tests.runtime.worker.bench import NAME, ONCE, QUICK, STREAM, WELL, Bench, HandlerBench, counts
from tests.waiting import until


async def is_open(bench: Bench, breaker: Breaker) -> bool:
    return (await bench.app.session.breakers.glance(breaker)).room == 0


async def test_while_its_breaker_is_open_work_waits_without_using_up_attempts(bench: Bench):
    """Two failures open it; what comes meanwhile begins its first attempt once it is closed."""
    breaker, down = Breaker("carrier", 2, cooldown=1.5), [True]
    seen: list[tuple[int, int]] = []

    @bench.work(retry=Retry(attempts=30, first_delay=0), breaker=breaker)
    async def work(order: int, ctx: Context) -> None:
        if down:
            raise OSError("carrier is down")
        seen.append((order, ctx.attempt))

    async with bench.app:
        await bench.begin(1)
        await until(lambda: len(bench.outcomes) == 2)
        assert await is_open(bench, breaker)
        await bench.begin(2)
        assert len(bench.attempts) == 2
        down.clear()
        assert [await bench.ended(one) for one in (0, 1)] == [WELL, WELL]
    assert sorted(seen) == [(1, 3), (2, 1)]


async def test_a_success_starts_the_count_of_failures_anew(bench: Bench):
    """Three times it fails once and then succeeds; two failures in a row would have opened it."""
    breaker = Breaker("carrier", 2, cooldown=60)

    @bench.work(retry=QUICK, breaker=breaker)
    async def work(order: int, ctx: Context) -> None:
        if ctx.attempt == 1:
            raise OSError("no route")

    async with bench.app:
        for number in range(3):
            await bench.begin(number)
            assert await bench.ended(number) == WELL
        assert not await is_open(bench, breaker)


@pytest.mark.parametrize(
    ("error", "opens"),
    [
        (OSError("no route"), True),
        (SystemExit(3), True),
        (ExceptionGroup("legs", [ValueError("input"), OSError("no route")]), True),
        (NonRetryableError("no bank"), False),
        (ValueError("input"), False),
        (KeyError("bank"), False),
        (ExceptionGroup("legs", [ValueError("input"), KeyError("bank")]), False),
    ],
    ids=repr,
)
async def test_errors_that_say_nothing_about_health_do_not_open_a_breaker(
    bench: Bench, error: BaseException, opens: bool
):
    """Ours, those that it ignores, and those that the work calls not retryable; nor do groups of these alone."""
    breaker = Breaker("carrier", 1, cooldown=60, ignores=(ValueError,))

    @bench.work(retry=Retry(attempts=1, non_retryable=(KeyError,)), breaker=breaker)
    async def work(order: int) -> None:
        raise error

    async with bench.app:
        await bench.begin()
        await bench.ended()
        assert await is_open(bench, breaker) is opens


async def test_an_attempt_that_takes_too_long_opens_a_breaker(bench: Bench):
    """A service that does not answer is not well."""
    breaker = Breaker("carrier", 1, cooldown=60)

    @bench.work(retry=ONCE, timeout=0.05, breaker=breaker)
    async def work(order: int) -> None:
        await asyncio.Event().wait()

    async with bench.app:
        await bench.begin()
        await bench.ended()
        assert await is_open(bench, breaker)


async def test_what_can_not_be_read_does_not_open_a_breaker(bench: Bench):
    """Nothing was called."""
    breaker = Breaker("carrier", 1, cooldown=60)
    bench.work(retry=ONCE, breaker=breaker)(_takes_a_number)
    async with bench.app:
        await bench.begin("no number")
        assert not (await bench.ended()).ok
        assert not await is_open(bench, breaker)
        await bench.begin(7)
        assert await bench.ended(1) == WELL


async def _takes_a_number(order: int) -> None: ...


async def test_an_outcome_that_a_breaker_was_not_told_of_holds(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """It counts more than the breaker's memory of it."""

    async def away(*_: object, **__: object) -> None:
        raise ServerUnavailableError("away")

    monkeypatch.setattr(RedisBreakers, "record", away)
    bench.work(breaker=Breaker("carrier"))(_takes_a_number)
    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL


async def record(app: App, breaker: Breaker) -> BreakerRecord:
    found = await app.session.breakers.get(breaker.name)
    assert found is not None
    return found


async def test_work_that_was_deferred_says_so_when_it_begins(bench: Bench):
    """How often, since when and until when; what never was says nothing. The outage is told when it is over."""
    breaker, down = Breaker("carrier", 1, cooldown=0.5), [True]

    @bench.work(retry=QUICK, breaker=breaker)
    async def work(order: int) -> None:
        if down.pop() if down else False:
            raise OSError("carrier is down")

    async with bench.app:
        await bench.begin(1)
        assert await bench.ended() == WELL
    first, second = bench.attempts
    assert first.begun.deferred is None
    deferred = second.begun.deferred
    assert deferred is not None
    assert deferred.times >= 1
    assert deferred.until_ms - deferred.since_ms > 0
    (outage,) = bench.facts.of(Outage)
    assert (outage.breaker, outage.why, outage.probes) == ("carrier", "1 in a row failed: carrier is down", 0)
    assert outage.ended_ns - outage.at_ns >= 500_000_000


async def test_a_probe_that_fails_uses_up_no_attempt(bench: Bench):
    """However long the outage is: work that may be tried three times is tried until it is over."""
    breaker = Breaker("carrier", 1, cooldown=0.1)
    calls: list[int] = []

    @bench.work(retry=QUICK, breaker=breaker)
    async def work(order: int, ctx: Context) -> None:
        calls.append(ctx.attempt)
        if len(calls) < 8:
            raise OSError("carrier is down")

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
        assert (await record(bench.app, breaker)).state == "closed"
    assert calls == list(range(1, 9))
    (outage,) = bench.facts.of(Outage)
    assert outage.probes == 6


async def test_a_probe_of_work_that_is_tried_once_is_its_one_attempt(bench: Bench):
    """Nothing runs more often than its author allows."""
    breaker = Breaker("carrier", 1, cooldown=0.1)
    calls: list[int] = []

    @bench.work(retry=ONCE, breaker=breaker)
    async def work(order: int) -> None:
        calls.append(order)
        raise OSError("carrier is down")

    async with bench.app:
        await bench.begin(0)
        assert not (await bench.ended(0)).ok
        await bench.begin(1)
        assert not (await bench.ended(1)).ok
    assert calls == [0, 1]


async def test_a_call_that_is_slow_counts_as_failed_though_its_result_holds(timed: Bench, clock: FakeClock):
    """Thirty seconds that end well are worse than an error at once."""
    breaker = Breaker("carrier", 1, cooldown=60, slow=30)

    @timed.work(breaker=breaker)
    async def work(order: int) -> None:
        clock.turn(30)

    async with timed.app:
        await timed.begin()
        assert await timed.ended() == WELL
        found = await record(timed.app, breaker)
    assert found.state == "open"
    assert "counts as slow" in found.why


async def test_a_probe_has_a_short_timeout_of_its_own(bench: Bench):
    """Work may take long; to see whether something answers must not."""
    breaker = Breaker("carrier", 1, cooldown=0.1, probe_timeout=0.05)
    calls: list[int] = []

    @bench.work(retry=QUICK, timeout=60, breaker=breaker)
    async def work(order: int) -> None:
        calls.append(order)
        if len(calls) == 1:
            raise OSError("carrier is down")
        if len(calls) == 2:
            await asyncio.Event().wait()

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
    errors = [one.ended.error for one in bench.attempts if one.ended and one.ended.error]
    assert [one.type for one in errors] == ["OSError", "AttemptTimeoutError"]
    assert "0.05 s" in errors[1].message


async def test_a_probe_that_says_nothing_lets_the_next_one_probe(bench: Bench):
    """A permit is given back on every way out, not only after a success or a failure."""
    breaker = Breaker("carrier", 1, cooldown=0.1, ignores=(ValueError,))
    calls: list[int] = []

    @bench.work(retry=QUICK, breaker=breaker)
    async def work(order: int) -> None:
        calls.append(order)
        if len(calls) < 3:
            raise OSError("carrier is down") if len(calls) == 1 else ValueError("bad input")

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
    assert len(calls) == 3


async def test_a_group_whose_breaker_is_open_reads_no_more(handling: HandlerBench, admin: Admin):
    """What comes stays in the channel, where it is nobody's; by hand it is closed, and all of it is done."""
    breaker = Breaker("carrier", 1, cooldown=600)
    done: list[int] = []

    @handling.work(retry=QUICK, breaker=breaker)
    async def work(order: int) -> None:
        if not done and order == 0:
            done.append(-1)
            raise OSError("carrier is down")
        done.append(order)

    async with handling.app as app:
        await handling.begin(0)
        await until(lambda: len(handling.outcomes) == 1)
        assert await is_open(handling, breaker)
        before = len(handling.attempts)
        await asyncio.gather(*(handling.begin(number) for number in range(1, 6)))

        async def glanced_again() -> bool:
            return (await record(app, breaker)).waiting_total == 1

        await until(glanced_again)
        assert (len(handling.attempts), await counts(app)) == (before, {"owed": 6, "pending": 5, "retrying": 1})
        read = await app.session.server.client.xpending(STREAM, NAME)
        assert read["pending"] == 0
        assert await admin.close_breaker("carrier", "ann", "mended")
        for number in range(6):
            assert await handling.ended(number) == WELL
    assert sorted(done) == [-1, 0, 1, 2, 3, 4, 5]


async def test_steps_and_handlers_share_a_breaker(settings: Settings, facts: Recorder, admin: Admin):
    """What fails for the one is spared the other, though what each ignores is its own."""
    breaker = Breaker("carrier", 1, cooldown=600)
    app = App("logistics", settings=settings, observer=facts)
    flow = app.workflow("shipment", order=int)

    @flow.step(name="send", retry=ONCE, breaker=breaker)
    async def send(order: int) -> None:
        raise OSError("carrier is down")

    @app.subscribe("parcels", breaker=replace(breaker, ignores=(ValueError,)))
    async def track(parcel: int) -> None: ...

    async with app:
        await app.start(flow, order=1)
        await until(lambda: facts.attempts and facts.attempts[0].ended)
        event = await app.publish("parcels", 7)
        found = await record(app, breaker)
        assert found.guards == {"logistics": ("step 'send' of shipment", "group logistics.track of parcels")}
        assert found.state == "open"
        assert await counts(app, "logistics.track", "parcels") in (
            {"owed": 1, "pending": 1},
            {"owed": 1, "retrying": 1},
        )
        await admin.close_breaker("carrier", "ann", "mended")
        delivery = identity.delivery_id(event, "logistics.track", 0)
        await until(lambda: any(one.begun.node_id == delivery and one.ended for one in facts.attempts))


async def test_work_goes_on_at_once_whose_breaker_is_closed_while_it_leaves_its_slot(
    settings: Settings, admin: Admin, monkeypatch: pytest.MonkeyPatch
):
    """Before it is put off, and before a call of it is: whoever closes it finds nothing to hasten yet."""
    step, call = Breaker("step"), Breaker("call")
    app = App("logistics", settings=settings)
    flow = app.workflow("shipment", order=int)
    refused: list[str] = []
    ask = RedisBreakers.request_permit

    async def asked(self: RedisBreakers, breaker: Breaker, work: Parked, lease_ms: int) -> Permit | int:
        answer = await ask(self, breaker, work, lease_ms)
        if isinstance(answer, int):
            refused.append(breaker.name)
            await admin.close_breaker(breaker.name, "ann", "mended")
        return answer

    async def carry() -> str:
        return "sent"

    @flow.step(name="send", retry=ONCE, breaker=step)
    async def send(order: int, ctx: Context) -> str:
        return await ctx.once("carry", carry, breaker=call)

    monkeypatch.setattr(RedisBreakers, "request_permit", asked)
    async with app:
        assert await (await app.start(flow, order=1)).result(20) == "sent"
        for breaker in (step, call):
            await admin.hold_breaker(breaker.name, "ann", "no calls today")
        assert await (await app.start(flow, order=2)).result(20) == "sent"
    assert refused == ["step", "call"]
