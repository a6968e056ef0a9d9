"""One process of a supervisor."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from runtime.errors import ChildError
from runtime.supervisor import logs
from runtime.supervisor.lifeline import VARIABLE
from runtime.supervisor.python import child_environment

LAST_LINES: Final = 8
"""Lines of a dead child's log that its error shows."""

CANNOT_START: Final = 2
"""Exit status of ours when something outside has to be put right first; the last line says what."""

_TAIL_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class Plan:
    """How to start a child.

    name        what people call it
    command     program and arguments
    settings    variables beside the parent's own
    deadline    seconds that it has for an orderly end
    speaks      whether its stdout is read by the parent, line by line
    log         file of its output; None lets it use the terminal
    """

    name: str
    command: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 10.0
    speaks: bool = False
    log: Path | None = None


class Child:
    """A started process, in a session of its own, so that the terminal's Ctrl-C reaches the parent alone."""

    def __init__(self, plan: Plan, lifeline: int) -> None:
        self.plan = plan
        self.name = plan.name
        self._asked = False
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(logs.begin_log(plan.log)) if plan.log else None
            self._process = subprocess.Popen(
                plan.command,
                env=child_environment({**plan.settings, VARIABLE: str(lifeline)}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if plan.speaks else log,
                stderr=log,
                pass_fds=(lifeline,),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    @property
    def stdout(self) -> IO[bytes]:
        """What it says on stdout, for a plan that `speaks`."""
        if self._process.stdout is None:
            raise ValueError(f"{self.name} does not speak")
        return self._process.stdout

    @property
    def ending(self) -> str:
        """How it ended, such as `was ended by SIGKILL`."""
        status = self._process.wait()
        return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended by itself with status {status}"

    def require_alive(self) -> None:
        """Raises `ChildError` with its last lines when it ended by itself."""
        if self.status is not None:
            raise self.failure(self.ending)

    def require_willing(self) -> None:
        """Raises `ChildError` with the reason alone when it refused to start; for one that is not ready yet."""
        lines = self._tail() if self.status == CANNOT_START else []
        if lines:
            raise ChildError(lines[-1].removeprefix(f"causeline {self.name}: ").removeprefix("causeline: "))

    def failure(self, what: str) -> ChildError:
        """An error that says what it did, such as `ended early`, with its last lines."""
        return ChildError(f"{self.name} {what}{self._last_lines()}")

    def wait(self, timeout: float) -> bool:
        """Whether it ended within `timeout` seconds."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask_to_end(self) -> None:
        """Sends TERM to it alone, once: it ends its own children in order, and a second one would mean haste."""
        if not self._asked:
            self._asked = True
            self._process.terminate()

    def kill(self) -> None:
        """Kills it with all of its session, at once and without waiting."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Reaps it once it was ended or killed, and lets go of its pipe."""
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _last_lines(self) -> str:
        if self.plan.log is None:
            return ""
        return "".join(f"\n    {line}" for line in self._tail()) + f"\n    all of it: {self.plan.log}"

    def _tail(self) -> list[str]:
        text = self.plan.log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace") if self.plan.log else ""
        return [line for line in text.splitlines() if line.strip()][-LAST_LINES:]
