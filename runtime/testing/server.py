"""One embedded server for all tests of a process."""

import atexit
import shutil
import tempfile
import threading
from functools import partial
from pathlib import Path

from runtime.embedded.join import EmbeddedServer, join
from runtime.server.client import Clients
from runtime.supervisor.threads import run_in_thread

_lock = threading.Lock()
_running: list[EmbeddedServer] = []


async def empty_server() -> str:
    """The address of the server, emptied. The first call starts it; it ends with the process."""
    url: str = await run_in_thread(_start_once)
    clients = Clients.of(url)
    try:
        await clients.commands.flushall()
    finally:
        await clients.close()
    return url


def _start_once() -> str:
    with _lock:
        if not _running:
            home = Path(tempfile.mkdtemp(prefix="causeline-tests-"))
            _running.append(join(home))
            atexit.register(partial(_stop_servers, home))
        return str(_running[0].url)


def _stop_servers(home: Path) -> None:
    for server in _running:
        server.close()
    _running.clear()
    shutil.rmtree(home, ignore_errors=True)
