"""Sync code runs in threads that wait for nobody, and that nobody has to wait for."""

import asyncio
import subprocess
import sys
import threading
from contextvars import ContextVar

import pytest

from runtime.supervisor.threads import run_in_thread

#: Ends by itself although a call in it never does.
PROGRAM = """
import asyncio, threading
from runtime.supervisor.threads import run_in_thread

async def main():
    call = asyncio.create_task(run_in_thread(threading.Event().wait))
    await asyncio.wait({call}, timeout=0.05)
    call.cancel()

asyncio.run(main())
"""

here: ContextVar[str] = ContextVar("here", default="nowhere")


async def test_each_call_has_a_thread_of_its_own():
    """However many there are that have not ended."""
    meet = threading.Barrier(50)

    def call() -> str:
        meet.wait(10)
        return threading.current_thread().name

    assert len(await asyncio.gather(*(run_in_thread(call) for _ in range(50)))) == 50


async def test_a_call_sees_its_callers_context_and_changes_only_a_copy():
    """As code does that is awaited in a task."""
    token = here.set("outside")

    def call() -> str:
        seen = here.get()
        here.set("inside")
        return seen

    try:
        assert (await run_in_thread(call), here.get()) == ("outside", "outside")
    finally:
        here.reset(token)


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(3), asyncio.CancelledError()])
async def test_what_a_call_raises_is_raised(error: BaseException):
    """Whatever it is."""

    def call() -> None:
        raise error

    with pytest.raises(type(error)):
        await run_in_thread(call)


async def test_a_call_that_is_given_up_goes_on_unheard():
    """Its result comes when nobody waits for it any more."""
    go_on, ended = threading.Event(), threading.Event()

    def call() -> None:
        go_on.wait(10)
        ended.set()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run_in_thread(call), 0.01)
    go_on.set()
    assert await run_in_thread(lambda: ended.wait(10))


def test_a_call_that_never_ends_does_not_hold_up_the_end_of_the_process():
    """It was given up, and the process has nothing else to do."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM], timeout=30, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
