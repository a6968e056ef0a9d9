"""A dashboard of the benchmark's own, or an empty page of Streamlit in its place."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.server import begin, cpu_s, free_port, memory_mib

#: A page that says one line, which the browser waits for as it does for the last line of ours.
_EMPTY: Final = 'import streamlit as st\nst.set_page_config(layout="wide")\nst.caption("Causeline")\n'


class DashboardServer:
    """The process, for as long as the block lasts. `url` is where it listens.

    Args:
        folder: where it runs.
        command: what starts it, after the interpreter; `{port}` stands for its port.
        variables: added to its environment; `{port}` as above.
    """

    def __init__(self, folder: Path, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self._folder = folder
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, *(part.replace("{port}", port) for part in command)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "STREAMLIT_"))}
        self._variables = kept | {name: value.replace("{port}", port) for name, value in variables.items()}

    @classmethod
    def ours(cls, folder: Path, checkout: Path, collector: str) -> Self:
        """Returns that of a checkout, which asks a collector."""
        variables = {
            "PYTHONPATH": str(checkout),
            "CAUSELINE_HOME": str(folder),
            "CAUSELINE_COLLECTOR_URL": collector,
            "CAUSELINE_DASHBOARD_PORT": "{port}",
        }
        return cls(folder, ["-P", "-m", "dashboard"], variables)

    @classmethod
    def empty(cls, folder: Path) -> Self:
        """Returns one that has a single line to say."""
        folder.mkdir(parents=True, exist_ok=True)
        script = folder / "empty.py"
        script.write_text(_EMPTY)
        options = {
            "server.port": "{port}",
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        said = [f"--{name}={value}" for name, value in options.items()]
        return cls(folder, ["-m", "streamlit", "run", str(script), *said], {})

    def __enter__(self) -> Self:
        self._process = begin(self._command, self._variables, self._folder, f"{self.url}/_stcore/health")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def cpu_s(self) -> float:
        """Seconds of a core that it has used so far."""
        return cpu_s(self._process.pid)

    def memory_mib(self) -> float:
        """Memory that it holds, in MiB."""
        return memory_mib(self._process.pid)
