"""Calls user code: sync or async, under a timeout, inside its attempt's span."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from runtime.definitions.context import Context, current_context
from runtime.facts import OpenAttempt
from runtime.supervisor.threads import in_thread


class AttemptTimeoutError(TimeoutError):
    """Raised when an attempt takes longer than its step or handler allows."""


class AttemptCancelledError(Exception):
    """Raised when user code is cancelled by itself, for a cancellation would otherwise end the worker's own task."""


async def invoke(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    *,
    what: str,
    timeout: float | None,
    attempt: OpenAttempt,
    context: Context,
) -> Any:
    """Runs one attempt's user code and returns what it returns.

    Args:
        function: sync functions run in a thread of their own, so that they don't hold up other work; one that outlives
            its timeout can't be stopped, but its result is dropped.
        arguments: by name.
        what: what it is, for messages, such as `step 'sorting'`.
        timeout: seconds; None for no limit.
        attempt: what the code's own spans nest below.
        context: what its publishes and starts are caused by.

    Raises:
        AttemptTimeoutError: when the time is up.
        AttemptCancelledError: when the code was cancelled by itself, such as by awaiting a task that was.
    """
    token = current_context.set(context)
    try:
        with attempt.activate():
            async with asyncio.timeout(timeout) as limit:
                if inspect.iscoroutinefunction(function):
                    return await function(**arguments)
                value = await in_thread(partial(function, **arguments))
                # An async function behind a plain decorator looks sync until it has been called.
                return await value if inspect.isawaitable(value) else value
    except TimeoutError as error:
        if limit.expired():
            raise AttemptTimeoutError(f"{what} took longer than its timeout of {timeout} s") from error
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise  # our own doing: the worker stops
        raise AttemptCancelledError(f"{what} cancelled itself: it awaited something that was cancelled") from error
    finally:
        current_context.reset(token)
