"""Programs of ours in processes that are forked from one that has imported them: they start in a tenth of the time."""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

#: Forks all of them; it can be told only once what to import.
CONTEXT: Final = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["collector.__main__", "runtime.cli.commands", "tests.collector.forked"])


class Forked:
    """`python -m MODULE ARGUMENTS`, used like `subprocess.Popen` with pipes for what it says.

    Args:
        environment: all of its variables.
        folder: where it works; None for here.
    """

    def __init__(
        self, module: str, *arguments: str, environment: Mapping[str, str], folder: Path | None = None
    ) -> None:
        out, their_out = CONTEXT.Pipe(duplex=False)
        err, their_err = CONTEXT.Pipe(duplex=False)
        command = ([module, *arguments], dict(environment), folder)
        self._process = CONTEXT.Process(target=_run, args=(*command, their_out, their_err), name=module)
        self._process.start()
        their_out.close()
        their_err.close()
        self.stdout, self.stderr = (os.fdopen(os.dup(pipe.fileno()), encoding="utf-8") for pipe in (out, err))
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int:
        """Its status; of one that a signal ended the signal's number, negative."""
        assert self._process.exitcode is not None
        return self._process.exitcode

    def poll(self) -> int | None:
        """Its status once it has ended."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Sends it a signal; nothing where it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Waits for its end; what it said on stdout and stderr since somebody read that.

        Raises:
            subprocess.TimeoutExpired: it has not ended within so many seconds.
        """
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        if self.stdout.closed:
            return "", ""
        with self.stdout, self.stderr:
            return self.stdout.read(), self.stderr.read()


def _run(
    command: list[str], environment: dict[str, str], folder: Path | None, out: Connection, err: Connection
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    if folder is not None:
        os.chdir(folder)
    os.dup2(out.fileno(), sys.stdout.fileno())
    os.dup2(err.fileno(), sys.stderr.fileno())
    out.close()
    err.close()
    sys.argv = command
    sys.modules.pop(f"{command[0]}.__main__", None)  # imported beforehand, and now to be run
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
