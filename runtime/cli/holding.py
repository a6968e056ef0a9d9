"""Holding the embedded server for as long as a command runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime import settings
from runtime.embedded import join


@contextmanager
def held_server(home: Path) -> Iterator[str]:
    """Keep the home's embedded server up; where a server is set there is nothing to hold. Yields its address.

    Raises:
        ServerError: when it does not start.
    """
    url = settings.load().redis_url
    if url is not None:
        yield url.rpartition("@")[2]  # never a password on the screen
        return
    server = join(home)
    try:
        yield server.url
    finally:
        server.close()
