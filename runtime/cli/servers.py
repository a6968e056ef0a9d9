"""`causeline dashboard`, and how a command becomes a server."""

import os

from runtime.cli.environment import require_extra, surroundings
from runtime.supervisor.python import environment, python


def dashboard() -> None:
    """Serve the dashboard; it reads the collector's API."""
    become("dashboard")


def become(package: str, *arguments: str) -> None:
    """Goes on as another program, in the same process.

    Args:
        package: `collector` or `dashboard`.
        arguments: what it is told.

    Raises:
        DefinitionError: when it is not installed.
        SettingsError: when a variable does not parse.
    """
    require_extra(package)
    _, variables = surroundings()
    command = python(package, *arguments)
    os.execve(command[0], command, environment(variables))  # noqa: S606 - no shell is the point
