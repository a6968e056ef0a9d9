"""Workers that say that they are there: as records, and as processes of their own."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any, Final, Self

from runtime.errors import ServerError
from runtime.server.client import Clients
from runtime.state.presence import WorkerRecord
from runtime.state.redis_presence import RedisPresence
from tests.forked import Forked

ROOT: Final = Path(__file__).resolve().parents[2]
APP: Final = "logistics"


def worker(consumer: str = "w1", **more: Any) -> WorkerRecord:
    """A worker as it describes itself."""
    members: dict[str, Any] = {
        "host": "depot",
        "pid": 7,
        "concurrency": 16,
        "version": "1.0",
        "started_ms": 1_750_000_000_000,
        "cells": True,
    }
    return WorkerRecord(consumer, **(members | more))


class WorkerProcess:
    """A process that joins as a worker and beats many times a second, until the block ends or it is killed."""

    def __init__(self, url: str, consumer: str) -> None:
        self._process = Forked(__name__, url, consumer, environment=os.environ, folder=ROOT)

    def __enter__(self) -> Self:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "joined\n"
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._process.communicate()

    def kill(self) -> None:
        """It dies at once, and says nothing."""
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """It stands still until `go_on`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)


async def _beat(url: str, consumer: str) -> None:
    presence = RedisPresence(Clients.of(url), APP)
    await presence.join(worker(consumer))
    print("joined", flush=True)
    while True:
        await asyncio.sleep(0.02)  # how often it beats, which waits for nothing
        try:
            await presence.beat(consumer)
        except ServerError:
            continue


if __name__ == "__main__":
    asyncio.run(_beat(*sys.argv[1:]))
