"""Workers that say that they are there: as records, and as processes of their own."""

import os
import signal
import sys
from pathlib import Path
from typing import Any, Final, Self

from runtime.settings import Settings
from runtime.state.presence import WorkerRecord
from runtime.worker.heartbeat import Heartbeat, make_connector
from tests.forked import Forked

ROOT: Final = Path(__file__).resolve().parents[2]
APP: Final = "logistics"
#: Seconds of lease of a worker that beats many times a second.
LEASE: Final = 0.2


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


def _live(url: str, consumer: str) -> None:
    settings = Settings(redis_url=url, lease=LEASE, telemetry=False)
    Heartbeat(make_connector(url, APP, settings), worker(consumer), (), LEASE).start()
    print("joined", flush=True)
    signal.pause()


if __name__ == "__main__":
    _live(*sys.argv[1:])
