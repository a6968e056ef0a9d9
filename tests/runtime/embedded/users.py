"""Other processes that use the embedded server."""

import subprocess
import sys
from pathlib import Path
from typing import Self

from runtime.supervisor.python import child_environment

_SCRIPT = """
import sys
from pathlib import Path
from runtime.embedded import join
server = join(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
"""


class User:
    """A process that joins a home's server and stays until it is ended or killed. Attributes: `url` once joined."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(),
            text=True,
        )

    @property
    def url(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
