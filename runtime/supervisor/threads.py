"""Runs sync user code in threads."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


async def run_in_thread(call: Callable[[], Any]) -> Any:
    """Runs a call in a thread of its own, in a copy of the caller's context, and returns what it returns.

    Never in a pool: a call that never ends would keep its place there, and others would wait in line with their
    leases and timeouts running. Whoever cancels is rid of the call at once, but nothing can stop it: it goes on
    unheard, and does not hold up the end of the process.

    Raises:
        RuntimeError: the call raised StopIteration, which no future takes: whoever waits would wait for ever.
    """
    future: Future[Any] = Future()
    inside = contextvars.copy_context()
    threading.Thread(
        target=inside.run, args=(_run_into_future, future, call), name="causeline-call", daemon=True
    ).start()
    return await asyncio.wrap_future(future)


def _run_into_future(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except StopIteration as error:
        wrapped = RuntimeError("the code raised StopIteration, as next() does without a default")
        wrapped.__cause__ = error
        future.set_exception(wrapped)
    except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it is
        future.set_exception(error)
