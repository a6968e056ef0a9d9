"""While its breaker is open work waits; what says nothing about health moves none. Steps and handlers alike."""

import asyncio

import pytest

from runtime import Breaker, Context, NonRetryableError, Retry
from runtime.errors import ServerUnavailableError
from runtime.resilience.breaker import Breakers
from tests.runtime.worker.bench import ONCE, QUICK, WELL, Bench
from tests.waiting import until


async def is_open(bench: Bench, breaker: Breaker) -> bool:
    return await bench.app.session.breakers.wait_ms(breaker) > 0


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

    monkeypatch.setattr(Breakers, "record", away)
    bench.work(breaker=Breaker("carrier"))(_takes_a_number)
    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
