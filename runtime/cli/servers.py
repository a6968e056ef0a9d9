"""`causeline dashboard`, and how a command becomes a server."""

import os

from runtime.cli.environment import build_environment, require_extra
from runtime.supervisor.python import child_environment, python_command


def dashboard() -> None:
    """Serve the dashboard; it reads the collector's API."""
    exec_package("dashboard")


def exec_package(package: str, *arguments: str) -> None:
    """Goes on as another program, in the same process.

    Args:
        package: `collector` or `dashboard`.
        arguments: what it is told.

    Raises:
        DefinitionError: when it is not installed.
        SettingsError: when a variable does not parse.
    """
    require_extra(package)
    _, variables = build_environment()
    command = python_command(package, *arguments)
    os.execve(command[0], command, child_environment(variables))  # noqa: S606 - no shell is the point
