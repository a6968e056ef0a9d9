"""How a process of ours is told to end, and how it ends for certain, whatever is still going on in it."""

import atexit
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Final, NoReturn

#: Signals that tell a process to end; Windows has no HUP.
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))

#: Seconds that functions registered with `atexit` may take, such as those that flush other libraries' telemetry.
EXIT_FUNCTIONS: Final = 3.0


def end_process(status: int, patience: float = EXIT_FUNCTIONS) -> NoReturn:
    """Ends this process with a status, after its exit functions, and waits for no thread.

    The interpreter's own end waits for every thread of every executor: one that is blocked would keep the process.

    Args:
        status: its exit status.
        patience: seconds that exit functions may take, where that is less than they may take anyway.
    """
    finishing = threading.Thread(target=_run_exit_functions, name="exit-functions", daemon=True)
    finishing.start()
    finishing.join(min(EXIT_FUNCTIONS, patience))
    with suppress(Exception):
        logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a terminal that is gone
            stream.flush()
    os._exit(status)


def _run_exit_functions() -> None:
    with suppress(Exception):
        atexit._run_exitfuncs()  # noqa: SLF001 - the interpreter offers no other way to run them before its end
