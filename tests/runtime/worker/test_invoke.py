"""User code is called under a timeout, inside its attempt, wherever it runs."""

import asyncio
import functools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from runtime.worker.invoke import AttemptCancelledError, AttemptTimeoutError, invoke

from runtime.definitions.context import Context, current_context
from runtime.testing import Recorder
from tests.runtime.definitions.test_context import opened
from tests.runtime.telemetry.samples import delivery_begun

CONTEXT: Context = opened()[0]
TOO_LONG = r"^step 'sorting' took longer than its timeout of 0\.01 s$"


async def call(function: Any, timeout: float | None = None, attempt: Any = None, **arguments: Any) -> Any:
    attempt = attempt or Recorder().open(delivery_begun())
    return await invoke(function, arguments, what="step 'sorting'", timeout=timeout, attempt=attempt, context=CONTEXT)


async def test_async_code_runs_where_it_is_called():
    """Its position is that of the attempt, and gone afterwards."""

    async def handler(order: int) -> tuple[int, Any, Any]:
        return order, current_context.get(), threading.current_thread()

    assert await call(handler, order=7) == (7, CONTEXT, threading.current_thread())
    assert current_context.get() is None


async def test_sync_code_runs_in_a_thread_of_its_own():
    """With the same position; it does not hold up other work."""
    other_work = threading.Event()

    def handler(order: int) -> tuple[int, Any, Any]:
        assert other_work.wait(10)
        return order, current_context.get(), threading.current_thread()

    asyncio.get_running_loop().call_soon(other_work.set)
    order, position, thread = await call(handler, order=7)
    assert (order, position) == (7, CONTEXT)
    assert thread is not threading.current_thread()


def timed(function: Any) -> Any:
    """A decorator as people write them: it knows nothing of async functions."""

    @functools.wraps(function)
    def inner(**arguments: Any) -> Any:
        return function(**arguments)

    return inner


class Timed:
    """The same as a class, whose objects are called."""

    def __init__(self, function: Any) -> None:
        functools.update_wrapper(self, function)
        self._function = function

    async def __call__(self, **arguments: Any) -> Any:
        return await self._function(**arguments)


@pytest.mark.parametrize("decorator", [timed, Timed])
async def test_async_code_behind_a_decorator_is_awaited(decorator: Any):
    """It looks sync until it has been called; it runs where it would run without, in the same position."""

    @decorator
    async def handler(order: int) -> tuple[int, Any, Any]:
        await asyncio.sleep(0)
        return order, current_context.get(), threading.current_thread()

    assert await call(handler, order=7) == (7, CONTEXT, threading.current_thread())


@pytest.mark.parametrize("decorator", [timed, Timed])
async def test_async_code_behind_a_decorator_has_the_same_time(decorator: Any):
    """Its timeout covers what it awaits."""

    @decorator
    async def handler() -> None:
        await asyncio.Event().wait()

    with pytest.raises(AttemptTimeoutError, match=TOO_LONG):
        await call(handler, timeout=0.01)


async def test_an_iterator_that_ends_in_sync_code_is_an_error_like_any_other():
    """`next` without a default: no future takes its exception, and without one the call would never end."""

    def handler() -> int:
        return next(iter([]))  # type: ignore[call-overload, no-any-return]

    with pytest.raises(RuntimeError, match="raised StopIteration") as told:
        await asyncio.wait_for(call(handler), 5)
    assert isinstance(told.value.__cause__, StopIteration)


async def test_code_runs_inside_its_attempts_span():
    """From beginning to end, also where it fails."""
    inside: list[str] = []

    class Attempt:
        @contextmanager
        def activate(self) -> Iterator[None]:
            inside.append("in")
            try:
                yield
            finally:
                inside.append("out")

    async def handler() -> None:
        inside.append("work")
        raise KeyError

    with pytest.raises(KeyError):
        await call(handler, attempt=Attempt())
    assert inside == ["in", "work", "out"]


async def test_async_code_that_takes_too_long_is_cancelled():
    """The error says what took too long, and how long it had."""
    cancelled = []

    async def handler() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(AttemptTimeoutError, match=TOO_LONG):
        await call(handler, timeout=0.01)
    assert cancelled == [True]


async def test_sync_code_that_takes_too_long_is_given_up():
    """It can't be stopped; its result is dropped, and its error is the same."""
    ended = threading.Event()

    def handler() -> None:
        ended.wait(10)

    began = time.monotonic()
    with pytest.raises(AttemptTimeoutError, match=TOO_LONG):
        await call(handler, timeout=0.01)
    assert time.monotonic() - began < 5
    ended.set()


async def test_a_time_out_of_the_code_itself_is_its_own_error():
    """A slow carrier is no slow attempt."""

    async def handler() -> None:
        raise TimeoutError("carrier")

    with pytest.raises(TimeoutError, match="carrier") as told:
        await call(handler, timeout=60)
    assert type(told.value) is TimeoutError


async def test_code_that_is_cancelled_by_itself_fails_like_any_other():
    """It awaited a task that was cancelled; the worker's own task goes on."""

    async def handler() -> None:
        task = asyncio.create_task(asyncio.Event().wait())
        task.cancel()
        await task

    with pytest.raises(AttemptCancelledError):
        await call(handler)


async def test_code_is_cancelled_with_the_worker_that_calls_it():
    """A stop that can't wait any longer is no error of the code."""
    begun = asyncio.Event()

    async def handler() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(call(handler))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
