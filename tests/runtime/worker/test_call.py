"""User code is called under a timeout, inside its attempt, wherever it runs; whatever it does is an outcome."""

import asyncio
import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from runtime.definitions.context import Context, current_context
from runtime.testing import Recorder
from runtime.worker.call import AttemptCancelledError, AttemptTimeoutError, CodeOutcome, UserCode, call_user_code
from tests.runtime.definitions.test_context import opened
from tests.runtime.telemetry.samples import delivery_begun
from tests.waiting import a_turn

CONTEXT: Context = opened()[0]
WHAT = "step 'sorting'"
TOO_LONG = f"{WHAT} took longer than its timeout of 0.01 s"


async def outcome(function: Any, timeout: float | None = None, attempt: Any = None, **arguments: Any) -> CodeOutcome:
    """How it ends."""
    attempt = attempt or Recorder().open(delivery_begun())
    return await call_user_code(UserCode(function, arguments, WHAT, timeout), attempt, CONTEXT)


async def error(function: Any, timeout: float | None = None) -> BaseException:
    """What it ends in."""
    found = await outcome(function, timeout)
    assert found.error is not None
    return found.error


async def test_async_code_runs_in_the_event_loop():
    """In a task of its own; its position is that of the attempt, and the caller's is what it was."""

    async def handler(order: int) -> tuple[int, Any, Any, Any]:
        return order, current_context.get(), threading.current_thread(), asyncio.current_task()

    order, position, thread, task = (await outcome(handler, order=7)).value
    assert (order, position, thread) == (7, CONTEXT, threading.current_thread())
    assert task is not asyncio.current_task()
    assert current_context.get() is None


async def test_sync_code_runs_in_a_thread_of_its_own():
    """With the same position; it does not hold up other work."""
    other_work = threading.Event()

    def handler(order: int) -> tuple[int, Any, Any]:
        assert other_work.wait(10)
        return order, current_context.get(), threading.current_thread()

    asyncio.get_running_loop().call_soon(other_work.set)
    order, position, thread = (await outcome(handler, order=7)).value
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


@pytest.mark.parametrize("decorator", [timed, Timed, functools.partial])
async def test_async_code_behind_a_decorator_is_awaited(decorator: Any):
    """It may look sync until it has been called; it runs where it would run without, in the same position."""

    @decorator
    async def handler(order: int) -> tuple[int, Any, Any]:
        await a_turn()
        return order, current_context.get(), threading.current_thread()

    assert (await outcome(handler, order=7)).value == (7, CONTEXT, threading.current_thread())


@pytest.mark.parametrize("decorator", [timed, Timed])
async def test_async_code_behind_a_decorator_has_the_same_time(decorator: Any):
    """Its timeout covers what it awaits."""

    @decorator
    async def handler() -> None:
        await asyncio.Event().wait()

    assert str(await error(handler, timeout=0.01)) == TOO_LONG


async def test_an_iterator_that_ends_in_sync_code_is_an_error_like_any_other():
    """`next` without a default: no future takes its exception, and without one the call would never end."""

    def handler() -> int:
        return next(iter([]))

    found = await asyncio.wait_for(error(handler), 5)
    assert isinstance(found, RuntimeError)
    assert isinstance(found.__cause__, StopIteration)


class PanicException(BaseException):
    """As extensions written in Rust raise when they panic."""


@pytest.mark.parametrize("kind", ["async", "sync"])
@pytest.mark.parametrize(
    "raised", [KeyError("x"), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), PanicException()]
)
async def test_whatever_code_raises_is_its_outcome(kind: str, raised: BaseException):
    """Nothing of it reaches the event loop or the caller."""

    async def slow() -> None:
        raise raised

    def plain() -> None:
        raise raised

    assert await error(slow if kind == "async" else plain) is raised


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

    assert isinstance((await outcome(handler, attempt=Attempt())).error, KeyError)
    assert inside == ["in", "work", "out"]


async def test_async_code_that_takes_too_long_is_cancelled():
    """The error says what took too long, and how long it had."""
    cancelled = []

    async def handler() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    found = await error(handler, timeout=0.01)
    assert (type(found), str(found), cancelled) == (AttemptTimeoutError, TOO_LONG, [True])


async def test_sync_code_that_takes_too_long_is_given_up():
    """It can't be stopped; its result is dropped, and its error is the same."""
    go_on = threading.Event()

    def handler() -> None:
        go_on.wait(60)

    found = await asyncio.wait_for(error(handler, timeout=0.01), 20)
    go_on.set()
    assert (type(found), str(found)) == (AttemptTimeoutError, TOO_LONG)


async def test_what_cancelled_code_returns_in_the_end_is_dropped():
    """It was too late."""

    async def handler() -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return 7
        return 8

    assert isinstance(await error(handler, timeout=0.01), AttemptTimeoutError)


async def test_a_time_out_of_the_code_itself_is_its_own_error():
    """A slow carrier is no slow attempt."""

    async def handler() -> None:
        raise TimeoutError("carrier")

    found = await error(handler, timeout=60)
    assert (type(found), str(found)) == (TimeoutError, "carrier")


async def test_code_that_is_cancelled_by_itself_fails_like_any_other():
    """It awaited a task that was cancelled; the worker's own task goes on."""

    async def handler() -> None:
        task = asyncio.create_task(asyncio.Event().wait())
        task.cancel()
        await task

    found = await error(handler)
    assert isinstance(found, AttemptCancelledError)
    assert isinstance(found.__cause__, asyncio.CancelledError)


async def test_code_that_cancels_its_own_task_and_returns_has_failed():
    """Python drops what it returned; taken for an order to stop, its attempt would come again for ever."""

    async def handler() -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return "done"

    found = await error(handler)
    assert (type(found), str(found)) == (AttemptCancelledError, f"{WHAT} cancelled itself before it returned")


async def test_code_is_cancelled_with_the_worker_that_calls_it():
    """A stop that can't wait any longer is no error of the code."""
    begun, cancelled = asyncio.Event(), []

    async def handler() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    calling = asyncio.create_task(outcome(handler))
    await begun.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert cancelled == [True]
