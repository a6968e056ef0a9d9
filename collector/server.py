"""The process: bind, serve, and end in order."""

import asyncio
import errno
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from collector.connections import Connections
from collector.errors import StartError

#: What ends it; Windows has no HUP.
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))

#: Seconds that a connection is kept without a request: more than senders wait between two.
_KEEP_ALIVE: Final = 75

#: Seconds from the order to end until requests that are under way are cut off.
_GRACE: Final = 4

#: Seconds from then until those are cut off that are still sending, or not reading.
_LAST_SECOND: Final = 1.0

AtEnd = Callable[[], object]
"""Called once."""

#: What can be wrong with the port; all else is wrong with the address.
_OF_THE_PORT: Final = (errno.EADDRINUSE, errno.EACCES)


def bind_socket(host: str, port: int, variable: str = "CAUSELINE_COLLECTOR_PORT") -> socket.socket:
    """Takes the port before anything else is opened.

    Args:
        host: the address.
        port: 0 takes a free one.
        variable: where another port can be named.

    Raises:
        StartError: when the port is taken, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, UnicodeError) as error:  # of a name that can't be one, Python's codec complains
        listener.close()
        raise StartError(_refusal(host, port, variable, error)) from None
    listener.set_inheritable(True)
    return listener


def choose_grpc_port(host: str, port: int | None, http_port: int) -> int:
    """Returns a port for gRPC, which binds by itself.

    Args:
        host: the address.
        port: what was set; 0 for a free one, None for the one below `http_port` if that is free.
        http_port: where HTTP listens.

    Raises:
        StartError: when the port that was set is taken.
    """
    if port is None:
        try:
            return _probe(host, http_port - 1, "CAUSELINE_GRPC_PORT")
        except StartError:
            port = 0
    return _probe(host, port, "CAUSELINE_GRPC_PORT")


def serve(
    app: FastAPI,
    listener: socket.socket,
    connections: Connections,
    at_end: Sequence[AtEnd],
    parent: int | None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serves until INT, TERM, or the parent's end; requests that are there whole are answered first, for a while.

    Args:
        app: the application.
        listener: a bound socket.
        connections: of the server; how many there may be, how slow, and whether they are TLS.
        at_end: called in the event loop when the end begins.
        parent: file descriptor of an inherited pipe whose end of file means that the parent is gone, or None.
        ready: called once all of it listens.
    """
    log = logging.getLogger("uvicorn.error")
    log.setLevel(logging.ERROR)
    log.addFilter(is_no_cut)
    server = make_server(app, connections, *at_end)
    server.ready = ready

    def end(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # Uvicorn takes INT and TERM while it serves and raises them again afterwards; these handlers keep that second time
    # from killing the process before the store is closed.
    for ending in _SIGNALS:
        signal.signal(ending, end)
    if parent is not None:
        _watch(parent, server)
    try:
        server.run(sockets=[listener])
    finally:
        # What outlives the modules, as loggers do, must hold nothing of ours: DuckDB tells of all that is left then.
        log.removeFilter(is_no_cut)


def is_no_cut(record: logging.LogRecord) -> bool:
    """Returns whether a log record is of something else than a request that was cut off at the end: nobody was told
    that it was done, so that it comes again, and its traceback says nothing."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError)


def make_server(app: FastAPI, connections: Connections, *at_end: AtEnd) -> "CutServer":
    """Returns a server that has not begun.

    Args:
        app: the application.
        connections: of the server.
        at_end: called in the event loop when the end begins.
    """
    config = uvicorn.Config(
        app,
        # Asyncio's own loop and h11: the fast ones are compiled, and the writer is the limit.
        loop="asyncio",
        http=connections.protocol,
        ws="none",
        access_log=False,
        log_level="error",  # its warnings are of what anybody may send, a line each, and do not say who
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )
    return CutServer(config, connections, at_end)


class CutServer(uvicorn.Server):
    """Cuts off who is waited for when it ends; `ready` is called once it listens, with what the application opens."""

    def __init__(self, config: uvicorn.Config, connections: Connections, at_end: Sequence[AtEnd]) -> None:
        super().__init__(config)
        self._connections = connections
        self._at_end = at_end
        self.ready: Callable[[], None] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins."""
        await super().startup(sockets)
        if self.started:
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends: what is there whole is answered, and others are given a second."""
        for call in self._at_end:
            call()
        ending = asyncio.get_running_loop().call_later(_LAST_SECOND, self._connections.end)
        await super().shutdown(sockets)
        ending.cancel()


def _probe(host: str, port: int, variable: str) -> int:
    with bind_socket(host, port, variable) as listener:
        return int(listener.getsockname()[1])


def _refusal(host: str, port: int, variable: str, error: OSError | UnicodeError) -> str:
    reason = getattr(error, "strerror", None) or error
    if getattr(error, "errno", None) in _OF_THE_PORT:
        return f"port {port} on {host} can't be used ({reason}); name another one in {variable}"
    return f"the address {host} can't be listened on ({reason}); name another one in CAUSELINE_COLLECTOR_HOST"


def _watch(parent: int, server: uvicorn.Server) -> None:
    def wait() -> None:
        while os.read(parent, 4096):
            pass
        server.should_exit = True

    threading.Thread(target=wait, name="parent", daemon=True).start()
