"""Workers that say that they are there."""

from typing import Any

from runtime.state.presence import WorkerRecord


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
