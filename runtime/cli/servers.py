"""`causeline collector` and `causeline dashboard`: become the server."""

import os

from runtime.cli.environment import require_extra, surroundings
from runtime.supervisor.python import environment, python


def collector() -> None:
    """Receive spans over OTLP, store them, and answer questions about them."""
    _become("collector")


def dashboard() -> None:
    """Serve the dashboard; it reads the collector's API."""
    _become("dashboard")


def _become(package: str) -> None:
    require_extra(package)
    _, variables = surroundings()
    command = python(package)
    os.execve(command[0], command, environment(variables))  # noqa: S606 - no shell is the point
