"""Programs under measurement: each says `ready` when it can begin, and its figures as JSON when it is done."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

#: Seconds that a program may take to say something.
PATIENCE: Final = 300.0


class ProgramError(RuntimeError):
    """Raised when a program ends before it has said what it was waited for."""


class Program:
    """A program that runs until the block is left.

    Args:
        command: program and arguments.
        variables: added to the environment, from which `CAUSELINE_*` and `OTEL_*` are taken out.
        folder: where it runs; not in a checkout, whose modules Python would take before those of another.
    """

    def __init__(self, command: Sequence[object], variables: Mapping[str, str], folder: Path) -> None:
        self._command = [str(part) for part in command]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
        self._environment = kept | dict(variables)
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment,
            cwd=self._folder,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is not None:
            process.kill()
            process.communicate()

    def wait_until_ready(self) -> Self:
        """Waits until it says that it can begin."""
        self._read_line()
        return self

    def start(self) -> Self:
        """Tells it to begin; what goes on until it is told so ends at the second time."""
        process = self._running_process
        if process.stdin is not None:
            process.stdin.write("go\n")
            process.stdin.flush()
        return self

    def read_figures(self) -> dict[str, float]:
        """Waits for what it has measured."""
        found: dict[str, Any] = json.loads(self._read_line())
        return {name: float(value) for name, value in found.items()}

    @property
    def _running_process(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise AssertionError("a program is asked inside its block")
        return self._process

    def _read_line(self) -> str:
        process = self._running_process
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            _, words = process.communicate(timeout=PATIENCE)
            raise ProgramError(f"{' '.join(self._command)} ended early:\n{words[-2000:]}")
        return line
