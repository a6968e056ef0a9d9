"""Code that goes on although it is cancelled is left behind: nobody waits for it, and it costs its own time alone."""

import asyncio
import subprocess
import sys

import pytest

from tests.runtime.worker.test_call import TOO_LONG, WHAT, error, outcome
from tests.waiting import until


class Deaf:
    """Code that goes on although it is cancelled, until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = 0
        self.go_on = asyncio.Event()
        self.ended = False

    async def __call__(self) -> None:
        self.begun.set()
        while not self.go_on.is_set():
            try:
                await self.go_on.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
        self.ended = True


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.worker.call.LAST_GRACE", 0.01)


@pytest.mark.usefixtures("_impatient")
async def test_code_that_swallows_its_timeout_is_left_behind(caplog: pytest.LogCaptureFixture):
    """Its outcome is the timeout, its end is heard by nobody, and it is said once by name."""
    deaf = Deaf()
    assert str(await asyncio.wait_for(error(deaf, timeout=0.01), 10)) == TOO_LONG
    assert [record.getMessage() for record in caplog.records] == [
        f"{WHAT} goes on although it was cancelled; it is left behind, and its slot is free"
    ]
    deaf.go_on.set()
    await until(lambda: deaf.ended)


@pytest.mark.usefixtures("_impatient")
async def test_code_that_swallows_its_cancellation_is_left_behind(caplog: pytest.LogCaptureFixture):
    """The worker that is told to stop goes on stopping."""
    deaf = Deaf()
    calling = asyncio.create_task(outcome(deaf))
    await deaf.begun.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(calling, 10)
    assert (deaf.cancelled, deaf.ended, "goes on although it was cancelled" in caplog.text) == (1, False, True)
    deaf.go_on.set()
    await until(lambda: deaf.ended)


async def test_a_second_cancellation_does_not_wait_for_code_that_swallowed_the_first(caplog: pytest.LogCaptureFixture):
    """A worker that is told to hurry; the code is left behind as well."""
    deaf = Deaf()
    calling = asyncio.create_task(outcome(deaf))
    await deaf.begun.wait()
    calling.cancel()
    await until(lambda: deaf.cancelled)
    calling.cancel()
    await asyncio.wait_for(asyncio.wait({calling}), 10)
    assert calling.cancelled()
    assert "goes on although it was cancelled" in caplog.text
    deaf.go_on.set()
    await until(lambda: deaf.ended)


#: Ends by itself although its code never does.
PROGRAM = """
import asyncio, threading
from runtime.testing import Recorder
from runtime.worker import call as module
from tests.runtime.worker.test_call import outcome

module.LAST_GRACE = 0.01

async def deaf():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def main():
    print(type((await outcome(deaf, timeout=0.01)).error).__name__)
    print(type((await outcome(threading.Event().wait, timeout=0.01)).error).__name__)

asyncio.run(main())
"""


def test_code_that_is_left_behind_holds_up_neither_event_loop_nor_process():
    """Async code and sync code."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM], timeout=60, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.split()) == (0, ["AttemptTimeoutError"] * 2), ended.stderr
