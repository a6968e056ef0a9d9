"""Ports are asked for before anything starts."""

import errno
import socket
from typing import Final

from runtime.errors import SettingsError

#: What can be wrong with the port; all else is wrong with the address.
_OF_THE_PORT: Final = (errno.EADDRINUSE, errno.EACCES)


def require_free(host: str, port: int, owner: str) -> None:
    """Makes sure that a port can be listened on.

    Args:
        host: the address to listen on.
        port: 0 passes, it means any.
        owner: begins the names of both settings: `CAUSELINE_COLLECTOR`.

    Raises:
        SettingsError: when it can't; one line with the setting that is to blame.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one in TIME_WAIT is free
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:  # of a name that can't be one, Python's codec complains
            raise SettingsError(_refusal(host, port, owner, error)) from None


def _refusal(host: str, port: int, owner: str, error: OSError | UnicodeError) -> str:
    reason = getattr(error, "strerror", None) or error
    if getattr(error, "errno", None) in _OF_THE_PORT:
        return f"port {port} on {host} can't be used ({reason}): set {owner}_PORT to a free one"
    return f"the address {host} can't be listened on ({reason}): set {owner}_HOST to one of this machine's"
