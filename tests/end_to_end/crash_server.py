"""A server that writes everything to disk before it answers, and that can be killed and come back."""

import subprocess
import time
from pathlib import Path
from typing import Self

import redis

from tests.servers import START_LIMIT, free_port


class DurableServer:
    """A server with `appendfsync always`. Leaving its block kills it.

    Args:
        program: of Redis or Valkey.
        folder: for its data.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._command = [str(program), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        self._command += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Starts it on its port with its data, and waits until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_LIMIT
        with redis.Redis.from_url(self.url) as client:
            while not _answers(client):
                assert self._process.poll() is None, "the server did not start"
                assert time.monotonic() < deadline, "the server did not answer in time"

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_LIMIT)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
