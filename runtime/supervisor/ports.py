"""Ports are asked for before anything starts."""

import errno
import json
import socket
from typing import Final

from runtime.errors import SettingsError

#: Seconds that whoever has a port is waited for, and bytes of its answer that are read.
_PATIENCE: Final = 1.0
_MOST_BYTES: Final = 100_000

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
            raise SettingsError(_refusal_message(host, port, owner, error)) from None


def _refusal_message(host: str, port: int, owner: str, error: OSError | UnicodeError) -> str:
    reason = getattr(error, "strerror", None) or error
    if getattr(error, "errno", None) in _OF_THE_PORT:
        who = _describe_collector(host, port) if getattr(error, "errno", None) == errno.EADDRINUSE else ""
        return f"port {port} on {host} can't be used ({reason}{who}): set {owner}_PORT to a free one"
    return f"the address {host} can't be listened on ({reason}): set {owner}_HOST to one of this machine's"


def _describe_collector(host: str, port: int) -> str:
    """Which of our collectors listens on a port; empty where none does, or it does not say so in time."""
    from http.client import HTTPException  # heavy, and only a refusal needs them
    from urllib.request import urlopen

    where = f"[{host}]" if ":" in host else host
    try:
        with urlopen(f"http://{where}:{port}/healthz", timeout=_PATIENCE) as answer:
            said = json.loads(answer.read(_MOST_BYTES))
        return f"; the collector {said['version']} of {said.get('home') or 'another home'} listens there"
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return ""
