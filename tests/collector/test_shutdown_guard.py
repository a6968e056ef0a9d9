"""The process ends, whatever still runs in it."""

import asyncio
import logging
import subprocess
import sys

import pytest

from collector import server

THREAD = "threading.Thread(target=threading.Event().wait).start()"


@pytest.mark.parametrize(
    "program",
    [
        "ending.begin(); threading.Event().wait()",
        f"ending.begin(); {THREAD}; ending.finish()",
        f"{THREAD}; ending.finish()",
        "ending.begin(); ending.finish(); print('orderly')",
    ],
    ids=["too late", "with a thread that is stuck", "never begun", "in time"],
)
def test_it_is_over_with_status_0(program: str) -> None:
    """In order where there is time for that."""
    imports = "import threading\nfrom collector.shutdown_guard import ShutdownGuard"
    text = f"{imports}\nending = ShutdownGuard(0.2)\n{program}\n"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, timeout=30)
    assert (done.stdout, done.stderr) == (b"orderly\n" if "orderly" in program else b"", b"")


def test_a_request_that_is_cut_off_at_the_end_leaves_no_traceback() -> None:
    """And what went wrong otherwise does."""

    def record(error: BaseException | None) -> logging.LogRecord:
        about = (type(error), error, None) if error is not None else None
        return logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "Exception in ASGI application", None, about)

    assert not server.is_no_cut(record(asyncio.CancelledError("graceful shutdown exceeded")))
    assert server.is_no_cut(record(ValueError("a mistake")))
    assert server.is_no_cut(record(None))
