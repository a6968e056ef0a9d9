"""`python -m dashboard`: serves the dashboard in this process until a signal, or until the parent is gone."""

import errno
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Final

from streamlit import config
from streamlit.web import bootstrap

from dashboard.settings import Settings, SettingsError, load

APP = Path(__file__).with_name("app.py")
BAD_START = 2
"""Exit status when nothing was started because of a setting."""

_OF_THE_PORT: Final = (errno.EADDRINUSE, errno.EACCES)
"""What can be wrong with the port; all else is wrong with the address."""


def main() -> int:
    """Serves until told to end. Returns the exit status: 0 after a clean end, 2 when a setting can't be used."""
    try:
        settings = load()
        _require_free_port(settings)
    except SettingsError as error:
        print(f"causeline dashboard: {error}", file=sys.stderr)
        return BAD_START
    if settings.parent_fd is not None:
        _end_with_parent(settings.parent_fd)
    options = {"server_address": settings.dashboard_host, "server_port": settings.dashboard_port}
    # As `streamlit run` does: the configuration beside app.py is found only once Streamlit knows the script.
    config._main_script_path = str(APP)  # noqa: SLF001
    bootstrap.load_config_options(options)
    bootstrap.run(str(APP), is_hello=False, args=[], flag_options=options)
    return 0


def _require_free_port(settings: Settings) -> None:
    """Makes sure that the port is free: where it is not, Streamlit quietly takes the next one."""
    family = socket.AF_INET6 if ":" in settings.dashboard_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.dashboard_host, settings.dashboard_port))
        except (OSError, UnicodeError) as error:  # of a name that can't be one, Python's codec complains
            raise SettingsError(_refusal(settings.dashboard_host, settings.dashboard_port, error)) from None


def _refusal(host: str, port: int, error: OSError | UnicodeError) -> str:
    reason = getattr(error, "strerror", None) or error
    if getattr(error, "errno", None) in _OF_THE_PORT:
        return f"port {port} on {host} can't be used ({reason}); set CAUSELINE_DASHBOARD_PORT to a free one"
    return f"the address {host} can't be listened on ({reason}); set CAUSELINE_DASHBOARD_HOST to one of this machine's"


def _end_with_parent(descriptor: int) -> None:
    """Ends this process once the other end of the pipe is closed, however its owner died."""

    def watch() -> None:
        while os.read(descriptor, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
