"""How an attempt ends: done, tried again, given up, or stale. Steps and handlers alike."""

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from runtime import Context, NonRetryableError, Retry
from runtime.errors import DefinitionError
from runtime.testing import FakeClock
from tests.runtime.worker.bench import ONCE, QUICK, WELL, Bench, End
from tests.waiting import a_turn, until


async def test_work_that_is_done_is_done_once(bench: Bench):
    """One attempt, told from its beginning to its end."""
    seen: list[int] = []

    @bench.work()
    async def work(order: int) -> None:
        seen.append(order)

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
    assert (seen, bench.outcomes) == ([7], [(1, "ok")])


async def test_work_that_fails_is_tried_again(bench: Bench):
    """Until it is done; each attempt is told, with its error, as one of the same node."""

    @bench.work(retry=QUICK)
    async def work(order: int, ctx: Context) -> None:
        if ctx.attempt < 3:
            raise OSError(f"no route {ctx.attempt}")

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
    assert bench.outcomes == [(1, "retry"), (2, "retry"), (3, "ok")]
    errors = [one.ended.error for one in bench.attempts if one.ended]
    assert [error and (error.type, error.message) for error in errors] == [
        ("OSError", "no route 1"),
        ("OSError", "no route 2"),
        None,
    ]
    assert len({one.begun.node_id for one in bench.attempts}) == 1


async def test_work_that_keeps_failing_is_given_up(bench: Bench):
    """After as many attempts as it may have, with the last one's error."""

    @bench.work(retry=QUICK)
    def work(order: int, ctx: Context) -> None:
        raise OSError(f"no route {ctx.attempt}")

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == End(ok=False, error_type="OSError", message="no route 3")
    assert bench.outcomes == [(1, "retry"), (2, "retry"), (3, "given up")]


@pytest.mark.parametrize("error", [NonRetryableError("no bank"), KeyError("bank")])
async def test_an_error_that_trying_again_can_not_help_is_given_up_at_once(bench: Bench, error: Exception):
    """Ours, or one that the policy names."""

    @bench.work(retry=Retry(attempts=3, first_delay=0, non_retryable=(LookupError,)))
    async def work(order: int) -> None:
        raise error

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == End(False, type(error).__name__, str(error))
    assert bench.outcomes == [(1, "given up")]


async def test_time_that_an_attempt_took_counts_towards_its_limit(timed: Bench, clock: FakeClock):
    """A first attempt that outlasts `max_elapsed` is the last one."""

    @timed.work(retry=Retry(attempts=99, first_delay=0, max_elapsed=60))
    async def work(order: int) -> None:
        clock.turn(61)
        raise OSError("no route")

    async with timed.app:
        await timed.begin()
        assert not (await timed.ended()).ok
    assert timed.outcomes == [(1, "given up")]


async def test_time_between_attempts_counts_towards_their_limit(bench: Bench):
    """It runs from the first attempt on; each of them alone is quick."""

    @bench.work(retry=Retry(attempts=99, first_delay=0.05, max_delay=0.05, max_elapsed=0.2))
    async def work(order: int) -> None:
        raise OSError("no route")

    async with bench.app:
        await bench.begin()
        assert not (await bench.ended()).ok
    assert 1 < len(bench.attempts) < 99


@pytest.mark.parametrize("kind", ["async", "sync"])
async def test_an_attempt_that_takes_too_long_is_tried_again(bench: Bench, kind: str):
    """And given up with an error that says what took too long, and how long it had."""
    go_on = threading.Event()

    async def slow(order: int) -> None:
        await asyncio.Event().wait()

    def slow_sync(order: int) -> None:
        go_on.wait(60)

    bench.work(timeout=0.05, retry=Retry(attempts=2, first_delay=0))(slow if kind == "async" else slow_sync)
    async with bench.app:
        await bench.begin()
        end = await bench.ended()
    go_on.set()
    assert end == End(False, "AttemptTimeoutError", f"{bench.noun} took longer than its timeout of 0.05 s")
    assert bench.outcomes == [(1, "retry"), (2, "given up")]


async def test_sync_work_that_never_ends_takes_nobody_elses_place_or_time(bench: Bench):
    """It has used up its own timeout; what is called later has all of its own, though there is one slot alone."""
    bench = bench.again(concurrency=1)
    go_on, calls = threading.Event(), list[int]()

    @bench.work(timeout=1, retry=ONCE)
    def work(order: int) -> None:
        calls.append(order)
        if order == 0:
            go_on.wait(60)

    try:
        async with bench.app:
            await bench.begin(0)
            assert not (await bench.ended()).ok
            await bench.begin(1)
            assert await bench.ended(1) == WELL
    finally:
        go_on.set()
    assert calls == [0, 1]


@pytest.mark.parametrize("error", [None, OSError("no route"), NonRetryableError("no bank")])
async def test_an_attempt_whose_work_somebody_else_has_taken_is_stale(bench: Bench, error: Exception | None):
    """Whether it would have been done, tried again or given up: it changes nothing, and the other's settlement
    holds."""
    bench = bench.again(lease=60, concurrency=1)
    go_on = asyncio.Event()

    @bench.work(retry=QUICK)
    async def work(order: int, ctx: Context) -> int:
        ctx.publish("noted", 1)
        ctx.state.put("noted", order)
        await go_on.wait()
        if error:
            raise error
        return 1

    async with bench.app:
        await bench.begin()
        attempt = (await until(lambda: bench.attempts))[0]
        [worker] = await bench.app.session.presence.workers()
        assert await bench.loses(worker.record.consumer, "lost") == 1
        taken = await bench.isolates("another")
        go_on.set()
        ended = await until(lambda: attempt.ended)
        assert await bench.finishes(taken, "another")
        assert await bench.ended() == WELL
        assert not await bench.app.session.server.client.exists("causeline:1:{noted.0}:s")
    assert (ended.outcome.value, ended.error and ended.error.type, ended.keys_written) == (
        "stale",
        type(error).__name__ if error else None,
        (),
    )
    assert len(bench.attempts) == 1


async def test_an_attempt_whose_worker_is_gone_is_told_as_lost(bench: Bench):
    """By whoever goes on; when it began, and when that was noticed."""
    bench.work()(lambda order: None)
    async with bench.app.client():
        await bench.begin()
        await bench.takes("gone")
        assert await bench.loses("gone", "lost") == 1
        async with bench.app:
            assert await bench.ended() == WELL
    assert bench.outcomes == [(1, "lost"), (2, "ok")]
    lost, done = bench.attempts
    assert lost.ended is not None
    assert 0 < lost.begun.at_ns <= lost.ended.ended_ns
    assert lost.begun.node_id == done.begun.node_id


async def test_an_attempt_that_has_ended_can_ask_for_nothing_more(bench: Bench):
    """What it left running behind is told so, instead of being lost without a word."""
    kept: list[Context] = []

    @bench.work()
    async def work(order: int, ctx: Context) -> None:
        kept.append(ctx)

    async with bench.app:
        await bench.begin()
        await bench.ended()
        await until(lambda: bench.outcomes)
        with pytest.raises(DefinitionError, match="the attempt has ended"):
            kept[0].publish("noted", 1)


async def test_an_async_function_behind_a_plain_decorator_is_awaited(bench: Bench):
    """Work that was never done must not count as done."""
    seen: list[int] = []

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def inner(**arguments: Any) -> Any:
            return function(**arguments)

        return inner

    @bench.work(retry=ONCE)
    @timed
    async def work(order: int) -> None:
        await a_turn()
        seen.append(order)

    async with bench.app:
        await bench.begin()
        assert await bench.ended() == WELL
    assert seen == [7]


async def test_what_an_attempt_publishes_is_carried_by_its_own_worker(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """At once; those who tidy up behind others would come seconds later."""
    monkeypatch.setattr("runtime.worker.tidy_loop.ORPHAN_MS", 60_000)
    seen: list[int] = []

    @bench.work()
    async def work(order: int, ctx: Context) -> None:
        ctx.publish("noted", order)

    @bench.app.subscribe("noted", group="board")
    async def note(order: int) -> None:
        seen.append(order)

    async with bench.app:
        await bench.begin()
        await until(lambda: seen == [7])


async def test_an_attempt_under_way_is_marked_as_pending_from_the_second_heartbeat_on(bench: Bench):
    """Its end comes late, and whoever looks meanwhile should know that it goes on."""
    go_on = asyncio.Event()

    @bench.work()
    async def work(order: int) -> None:
        await go_on.wait()

    async with bench.app:
        await bench.begin()
        [attempt] = await until(lambda: bench.attempts)
        await until(lambda: attempt.pendings)
        go_on.set()
        assert await bench.ended() == WELL
