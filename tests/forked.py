"""Programs of ours in processes that are forked from one that has imported them: they start in a tenth of the time."""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import connection
from pathlib import Path
from types import ModuleType
from typing import IO, Final

from runtime.cli import terminal

#: Forks all of them; it can be told only once what to import.
CONTEXT: Final = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["collector.__main__", "runtime.cli.commands", "runtime.app", "tests.collector.forked"])


class Forked:
    """`python -m MODULE ARGUMENTS`, used like `subprocess.Popen`.

    Args:
        environment: all of its variables.
        folder: where it works; None for here.
        log: where what it says is added, while it has a session of its own; None for pipes and this session.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        folder: Path | None = None,
        log: Path | None = None,
    ) -> None:
        self.stdout, theirs_out = _pipe() if log is None else (None, None)
        self.stderr, theirs_err = _pipe() if log is None else (None, None)
        begun, theirs_begun = CONTEXT.Pipe(duplex=False)
        self._lock = threading.Lock()
        command = [module, *arguments]
        said = log or (theirs_out, theirs_err)
        self._process = CONTEXT.Process(target=_run, args=(command, dict(environment), folder, said, theirs_begun))
        with no_main():
            self._process.start()
        for end in (theirs_out, theirs_err, theirs_begun):
            if end is not None:
                end.close()
        with begun:
            begun.recv()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int:
        """Its status; of one that a signal ended the signal's number, negative."""
        status = self.poll()
        assert status is not None
        return status

    def poll(self) -> int | None:
        """Its status once it has ended."""
        with self._lock:  # it can be read only once
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end; its status.

        Raises:
            subprocess.TimeoutExpired: it has not ended within so many seconds.
        """
        if self.poll() is None and not connection.wait([self._process.sentinel], timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends it a signal; nothing where it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Tells it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Waits for its end; what it said on stdout and stderr, once.

        Raises:
            subprocess.TimeoutExpired: it has not ended within so many seconds, and was killed.
        """
        if self.stdout is None or self.stderr is None or self.stdout.closed:
            self.wait(timeout)
            return "", ""
        with self.stdout, self.stderr, ThreadPoolExecutor(2) as readers:
            out, err = readers.submit(self.stdout.read), readers.submit(self.stderr.read)
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            return out.result(), err.result()


@contextmanager
def no_main() -> Iterator[None]:
    """Has the new process run no script as `__main__` before it begins. Streamlit's tests leave one there, which would
    be run without its arguments."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _pipe() -> tuple[IO[str], connection.Connection]:
    ours, theirs = CONTEXT.Pipe(duplex=False)
    with ours:
        return os.fdopen(os.dup(ours.fileno()), encoding="utf-8"), theirs


def _run(
    command: list[str],
    environment: dict[str, str],
    folder: Path | None,
    said: Path | tuple[connection.Connection, connection.Connection],
    begun: connection.Connection,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)
    if isinstance(said, Path):
        os.setsid()
        with said.open("ab") as log:
            ends = [os.dup(log.fileno()), os.dup(log.fileno())]
    else:
        ends = [os.dup(end.fileno()) for end in said]
        for end in said:
            end.close()
    for number, end in zip((sys.stdout.fileno(), sys.stderr.fileno()), ends, strict=True):
        os.dup2(end, number)
        os.close(end)
    with begun:
        begun.send(None)  # the session is its own
    # What it prints on is as wide as its own surroundings say, not as those in which it was imported.
    terminal.screen.__dict__.update(terminal._console().__dict__)
    sys.argv = command
    # What is to be run has not been imported, and nor has anything of the tests.
    for name in [name for name in sys.modules if name == f"{command[0]}.__main__" or name.split(".")[0] == "tests"]:
        del sys.modules[name]
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
