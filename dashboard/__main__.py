"""`python -m dashboard`: serves the dashboard in this process until a signal, or until the parent is gone."""

import errno
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.middleware import Middleware
from streamlit import config
from streamlit.starlette import App
from streamlit.web import bootstrap

from collector.connections import Connections
from collector.errors import StartError
from collector.hosts import AllowedHosts, is_loopback, parse_hosts
from collector.tls import Tls
from dashboard import selection, sign_in, warming
from dashboard.front_page import FrontPage
from dashboard.serving import OwnPagesOnly, Proxies
from dashboard.settings import Settings, SettingsError, load, split_list

APP = Path(__file__).with_name("app.py")
BAD_START = 2
"""Exit status when nothing was started because of a setting."""

_OF_THE_PORT: Final = (errno.EADDRINUSE, errno.EACCES)
"""What can be wrong with the port; all else is wrong with the address."""

#: What keeps pages of others out, whatever a configuration of this machine's user says.
_GUARDS: Final = {"server_enableCORS": True, "server_enableXsrfProtection": True, "server_enableAgentApi": False}

#: Whatever this process writes, nobody else reads.
_UMASK: Final = 0o077

#: Seconds for what is under way when it ends.
_PATIENCE: Final = 3


def main() -> int:
    """Serves until told to end. Returns the exit status: 0 after a clean end, 2 when a setting can't be used."""
    try:
        settings = load()
        _configure(settings)
        _require_sign_in(settings)
        tls = Tls.of(settings.tls_cert, settings.tls_key)
        listener = _bind(settings)
    except (SettingsError, StartError) as error:
        print(f"causeline dashboard: {error}", file=sys.stderr)
        return BAD_START
    os.umask(_UMASK)
    with listener:
        _serve(settings, listener, tls)
    return 0


def _configure(settings: Settings) -> None:
    options: dict[str, Any] = {
        "server_address": settings.dashboard_host,
        "server_port": settings.dashboard_port,
        **_GUARDS,
    }
    # As `streamlit run` does: the configuration beside app.py is found only once Streamlit knows the script.
    config._main_script_path = str(APP)  # noqa: SLF001 Streamlit has no public name for it
    bootstrap.load_config_options(options)


def _require_sign_in(settings: Settings) -> None:
    """Makes sure that not everybody who gets here may operate.

    Raises:
        SettingsError: when they might.
    """
    sign_in.require_usable()
    if is_loopback(settings.dashboard_host) or settings.insecure:
        return
    if not settings.dashboard_user_header and not sign_in.is_own():
        raise SettingsError(
            f"on {settings.dashboard_host} others could read and operate without signing in: name the header of a "
            "proxy in CAUSELINE_DASHBOARD_USER_HEADER, or configure Streamlit's sign-in ([auth] in secrets.toml), or "
            "set CAUSELINE_INSECURE=1 to let everybody in"
        )


def _serve(settings: Settings, listener: socket.socket, tls: Tls | None) -> None:
    hosts = AllowedHosts.of(settings.dashboard_host, parse_hosts(settings.allowed_hosts))
    proxies = Proxies(settings.dashboard_user_header, split_list(settings.dashboard_proxies))
    guard = Middleware(OwnPagesOnly, hosts=hosts, proxies=proxies)
    page = Middleware(FrontPage, views=(*selection.VIEWS, selection.BARE))
    app = App(APP, middleware=[guard, page])
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=Connections(tls=tls.context() if tls else None).protocol,
            access_log=False,
            log_level="error",  # its warnings are of what anybody may send, a line each
            proxy_headers=False,  # or a header would decide who is a proxy
            server_header=False,
            timeout_graceful_shutdown=_PATIENCE,
            ws="websockets-sansio",
            ws_per_message_deflate=False,  # hundreds of small messages a page: it costs more than it saves
            ws_max_size=config.get_option("server.maxMessageSize") * 2**20,
        )
    )

    def end(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for ending in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises again afterwards what it was ended by
        signal.signal(ending, end)
    if settings.parent_fd is not None:
        _end_with_parent(settings.parent_fd)
    warming.begin()
    server.run(sockets=[listener])


def _bind(settings: Settings) -> socket.socket:
    """Takes the port: left to itself, Streamlit quietly takes the next one that is free."""
    family = socket.AF_INET6 if ":" in settings.dashboard_host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.dashboard_host, settings.dashboard_port))
        listener.listen(2048)
    except (OSError, UnicodeError) as error:  # of a name that can't be one, Python's codec complains
        listener.close()
        raise SettingsError(_refusal(settings.dashboard_host, settings.dashboard_port, error)) from None
    return listener


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
