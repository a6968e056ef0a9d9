"""Who gives a command."""

import getpass


def operator() -> str:
    """The name of the operating system's user, for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's number without a name
        return "unknown"
