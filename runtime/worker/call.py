"""Calls user code: sync or async, under a timeout, inside its attempt's span. Whatever it does is an outcome."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from runtime.definitions.context import Context, current_context
from runtime.errors import CauselineError
from runtime.facts import OpenAttempt
from runtime.frozen import frozen
from runtime.worker.functions import call_function

_log = logging.getLogger("causeline.worker")

#: Seconds that cancelled code is given to end; what goes on after that is left behind.
LAST_GRACE: Final = 1.0

#: Code that goes on although it was cancelled; the event loop itself holds tasks only weakly.
_left_behind: set["asyncio.Task[CodeOutcome]"] = set()


class AttemptTimeoutError(TimeoutError):
    """Raised when an attempt takes longer than its step or handler allows."""


class AttemptCancelledError(CauselineError):
    """Raised when user code is cancelled by itself, such as by awaiting a task that was cancelled."""


@frozen()
class UserCode:
    """What is called: the function, the arguments by name, what it is for messages, and seconds at most."""

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    what: str
    timeout: float | None


@frozen()
class CodeOutcome:
    """How the code ended: with a value, or with an error of whatever class."""

    value: Any = None
    error: BaseException | None = None


async def call_user_code(code: UserCode, attempt: OpenAttempt, context: Context) -> CodeOutcome:
    """Runs one attempt's user code, in a task of its own.

    Sync functions run in a thread of their own, so that they don't hold up other work. What outlives its timeout, or
    swallows its cancellation, is left behind: it costs its own time alone, and its result is dropped.

    Args:
        code: what is called.
        attempt: what the code's own spans nest below.
        context: what its publishes and starts are caused by.

    Raises:
        asyncio.CancelledError: the caller is cancelled, and the code with it.
    """
    task = asyncio.create_task(_run_code(code, attempt, context), name=code.what)
    try:
        await _wait_until_ended(task, code.timeout)
    except asyncio.CancelledError:
        await _cancel(task)
        raise
    if task.cancelled():  # it cancelled itself and then returned: Python drops what it returned
        return CodeOutcome(error=AttemptCancelledError(f"{code.what} cancelled itself before it returned"))
    if task.done():
        return task.result()
    await _cancel(task)
    return CodeOutcome(error=AttemptTimeoutError(f"{code.what} took longer than its timeout of {code.timeout} s"))


async def _wait_until_ended(task: "asyncio.Task[CodeOutcome]", timeout: float | None) -> None:
    """Waits until a task has ended, or its time is up, as `asyncio.wait` does for many."""
    if timeout is not None:
        await asyncio.wait({task}, timeout=timeout)
        return
    ended = asyncio.get_running_loop().create_future()
    task.add_done_callback(lambda _: None if ended.done() else ended.set_result(None))
    await ended


async def _run_code(code: UserCode, attempt: OpenAttempt, context: Context) -> CodeOutcome:
    current_context.set(context)
    try:
        with attempt.activate():
            return CodeOutcome(await call_function(partial(code.function, **code.arguments)))
    except asyncio.CancelledError as error:
        cancelled = AttemptCancelledError(f"{code.what} cancelled itself: it awaited something that was cancelled")
        cancelled.__cause__ = error
        return CodeOutcome(error=cancelled)
    except BaseException as error:  # noqa: BLE001 - extensions raise such as these when they panic
        return CodeOutcome(error=error)


async def _cancel(task: "asyncio.Task[CodeOutcome]") -> None:
    task.cancel()
    try:
        await asyncio.wait({task}, timeout=LAST_GRACE)
    finally:  # also where whoever waits is told once more to end
        if not task.done():
            _leave_behind(task)


def _leave_behind(task: "asyncio.Task[CodeOutcome]") -> None:
    _left_behind.add(task)
    # Nor does whoever ends the event loop wait for it: `asyncio.run` waits for all tasks that it knows of.
    asyncio._unregister_task(task)  # noqa: SLF001 - documented for those who extend asyncio
    task.add_done_callback(_left_behind.discard)
    _log.error("%s goes on although it was cancelled; it is left behind, and its slot is free", task.get_name())
