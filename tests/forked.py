"""Programs of ours in processes that are forked from one that has imported them: they start in a tenth of the time."""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, forkserver, resource_tracker
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO, Final

from runtime.cli import terminal
from runtime.supervisor import child, lifeline
from runtime.supervisor.python import python_command

#: Forks all of them; it can be told only once what to import.
CONTEXT: Final = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["collector.__main__", "runtime.cli.commands", "runtime.app", "tests.collector.forked", "tests.made_once"]
)


@dataclass(frozen=True)
class Start:
    """How a process is started.

    command      a module, and its arguments
    environment  all of its variables
    folder       where it works; None for here
    said         where what it says is added; or its stdout and stderr
    is_leader    whether it has a session of its own
    lifeline     what its supervisor gives it; None for one that has none
    forks        whether what it starts as a supervisor is forked like this, too
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None
    said: Path | tuple[connection.Connection, connection.Connection]
    is_leader: bool
    lifeline: connection.Connection | None = None
    forks: bool = False


class ForkedProcess:
    """A process that was forked, used like `subprocess.Popen`. It has its session when it is there."""

    def __init__(self, start: Start) -> None:
        begun, theirs_begun = CONTEXT.Pipe(duplex=False)
        self._lock = threading.Lock()
        self._process = CONTEXT.Process(target=_run, args=(start, theirs_begun))
        with no_main():
            self._process.start()
        theirs_begun.close()
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


class Forked(ForkedProcess):
    """`python -m MODULE ARGUMENTS`.

    Args:
        environment: all of its variables.
        folder: where it works; None for here.
        log: where what it says is added, while it has a session of its own; None for pipes and this session.
        forks: whether what it starts as a supervisor is forked, too.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        folder: Path | None = None,
        log: Path | None = None,
        forks: bool = False,
    ) -> None:
        self.stdout, theirs_out = _pipe() if log is None else (None, None)
        self.stderr, theirs_err = _pipe() if log is None else (None, None)
        said = log if theirs_out is None or theirs_err is None else (theirs_out, theirs_err)
        assert said is not None
        super().__init__(
            Start((module, *arguments), dict(environment), folder, said, is_leader=log is not None, forks=forks)
        )
        for end in (theirs_out, theirs_err):
            if end is not None:
                end.close()

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


def _run(start: Start, begun: connection.Connection) -> None:
    os.environ.clear()
    os.environ.update(start.environment)
    if start.folder is not None:
        os.chdir(start.folder)
    if start.is_leader:
        os.setsid()
    _speak(start.said)
    if start.lifeline is not None:
        os.environ[lifeline.VARIABLE] = str(os.dup(start.lifeline.fileno()))
        start.lifeline.close()
    with begun:
        begun.send(None)  # the session is its own
    # What it prints on is as wide as its own surroundings say, not as those in which it was imported.
    terminal.screen.__dict__.update(terminal._console().__dict__)
    sys.argv = list(start.command)
    # What is to be run has not been imported, and nor has anything of the tests but what is needed to fork more.
    kept = {"tests", __name__} if start.forks else set()
    module = start.command[0]
    for name in [name for name in sys.modules if name == f"{module}.__main__" or name.split(".")[0] == "tests"]:
        if name not in kept:
            del sys.modules[name]
    if start.forks:
        _fork_children()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _speak(said: Path | tuple[connection.Connection, connection.Connection]) -> None:
    if isinstance(said, Path):
        with said.open("ab") as log:
            ends = [os.dup(log.fileno()), os.dup(log.fileno())]
    else:
        ends = [os.dup(end.fileno()) for end in said]
        for end in said:
            end.close()
    for number, end in zip((sys.stdout.fileno(), sys.stderr.fileno()), ends, strict=True):
        os.dup2(end, number)
        os.close(end)


class ForkedChild(ForkedProcess):
    """What a supervisor uses of `subprocess.Popen`, for a child that has a log."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        stdin: int,
        stdout: IO[bytes] | int,
        stderr: IO[bytes],
        pass_fds: tuple[int],
        start_new_session: bool,
    ) -> None:
        assert command[:3] == python_command("")[:3]
        assert (stdin, start_new_session) == (subprocess.DEVNULL, True)
        self.stdout: IO[bytes] | None = None
        with ExitStack() as stack:
            if isinstance(stdout, int):
                ours, out = map(stack.enter_context, CONTEXT.Pipe(duplex=False))
                self.stdout = os.fdopen(os.dup(ours.fileno()), "rb")
            else:
                out = stack.enter_context(_end(stdout.fileno()))
            err, held = (stack.enter_context(_end(number)) for number in (stderr.fileno(), *pass_fds))
            super().__init__(Start(tuple(command[3:]), dict(env), None, (out, err), is_leader=True, lifeline=held))


def _end(number: int) -> connection.Connection:
    return connection.Connection(os.dup(number))


def _fork_children() -> None:
    """From now on has this process fork whatever it supervises, from where it was forked itself."""
    forkserver._forkserver.ensure_running = resource_tracker.ensure_running
    vars(child)["subprocess"] = SimpleNamespace(**{**vars(subprocess), "Popen": ForkedChild})
