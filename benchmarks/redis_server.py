"""A Redis or Valkey server of the benchmark's own."""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import redis

_START_S: Final = 20.0


class RedisServer:
    """Durable as a server of production would be: an append-only file, written to disk once a second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        durable = ["--appendonly", "yes", "--appendfsync", "everysec", "--daemonize", "no"]
        self._process = subprocess.Popen([_server(), *settings, *durable], stdout=subprocess.DEVNULL)
        self._client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + _START_S
        while not self._is_there():
            if time.monotonic() > deadline:
                raise RuntimeError(f"no Redis server came up at {self.url}")
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        self._process.terminate()
        self._process.wait()

    def clear(self) -> None:
        """Forgets all data."""
        self._client.flushall()

    def cpu_s(self) -> float:
        """Seconds of a core that the server has used so far."""
        found: Any = self._client.info("cpu")
        return float(found["used_cpu_sys"]) + float(found["used_cpu_user"])

    def _is_there(self) -> bool:
        try:
            return bool(self._client.ping())
        except redis.ConnectionError:
            return False


def _server() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise RuntimeError("no redis-server and no valkey-server is on PATH")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
