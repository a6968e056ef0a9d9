"""Ports are asked for before anything starts."""

import socket

from runtime.errors import SettingsError


def require_free(host: str, port: int, variable: str) -> None:
    """Make sure that a port can be listened on.

    Args:
        host: the address to listen on.
        port: 0 passes, it means any.
        variable: the setting that names the port.

    Raises:
        SettingsError: when it can't; one line with the port and the setting.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one in TIME_WAIT is free
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"port {port} on {host} can't be used ({error.strerror}): set {variable} to a free one"
            ) from None
