"""Using the embedded server of a home: join the one that runs, or start it."""

import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import IO

from runtime.embedded import locks, record
from runtime.embedded.binary import find_binary
from runtime.embedded.files import ServerFiles
from runtime.embedded.keeper import FAILED
from runtime.errors import ServerError
from runtime.supervisor.python import child_environment, python_command


class EmbeddedServer:
    """This process's hold on the server of a home; the server lives at least as long. Attributes: `url`."""

    def __init__(self, url: str, users_lock: int) -> None:
        self.url = url
        self._users_lock: int | None = users_lock

    def close(self) -> None:
        """Lets go; the last one to do so ends the server a moment later. Doing it twice does no harm."""
        if self._users_lock is not None:
            os.close(self._users_lock)
            self._users_lock = None


def join(home: Path, timeout: float = 30.0) -> EmbeddedServer:
    """Joins the server of a home, started if need be.

    Args:
        home: the folder of its data; made if it is not there.
        timeout: most seconds to wait for a server to serve.

    Raises:
        ServerError: when there is no server program, or it does not start, or this platform can't have one.
    """
    if not locks.AVAILABLE:
        raise ServerError("no embedded server on this system: name a running Redis or Valkey in CAUSELINE_REDIS_URL")
    files = ServerFiles(home.resolve())
    deadline = time.monotonic() + timeout
    try:
        files.make_folders()
        users_lock = locks.open_lock(files.users)
    except OSError as error:
        raise ServerError(
            f"{files.home} can't hold the embedded server: {error.strerror}; name another folder in CAUSELINE_HOME"
        ) from None
    try:
        return EmbeddedServer(_find_or_start(files, users_lock, deadline).url, users_lock)
    except BaseException:
        os.close(users_lock)
        raise


def is_running(home: Path) -> bool:
    """Returns whether the server of a home runs; starts none.

    Args:
        home: the folder of its data.
    """
    return locks.AVAILABLE and _find_running(ServerFiles(home.resolve())) is not None


def _find_or_start(files: ServerFiles, users_lock: int, deadline: float) -> record.ServerRecord:
    if not locks.try_shared_until(users_lock, deadline):  # a keeper that shuts down holds it until it is gone
        raise ServerError(f"the embedded server of {files.home} does not end; see {files.log}")
    start_lock = locks.open_lock(files.start)
    try:
        while time.monotonic() < deadline:
            if found := _find_running(files):
                return found
            if locks.try_exclusive(start_lock) and not _find_running(files):
                _start_keeper(files, deadline)
            locks.unlock(start_lock)
            time.sleep(locks.POLL)
    finally:
        os.close(start_lock)
    raise ServerError(f"the embedded server of {files.home} does not answer; see {files.log}")


def _find_running(files: ServerFiles) -> record.ServerRecord | None:
    found = record.read(files.record)
    return found if found and found.is_alive() else None


def _start_keeper(files: ServerFiles, deadline: float) -> None:
    """Starts a keeper and waits for its word.

    Raises:
        ServerError: when it says that the server did not start.
    """
    keeper = subprocess.Popen(
        python_command("runtime.embedded", str(files.home), str(find_binary(files))),
        cwd="/",  # whatever folder we are in may have to be unmounted while the keeper lives
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    with keeper:
        word = _read_word(keeper.stdout, deadline) if keeper.stdout else ""
    if word == "":
        raise ServerError(f"the embedded server's keeper died at its start; see {files.log}")
    if word is not None and word.startswith(FAILED):
        raise ServerError(f"the embedded server did not start: {word.removeprefix(FAILED)}; see {files.log}")


def _read_word(said: IO[str], deadline: float) -> str | None:
    """The keeper's one line; empty when it died first, None when it takes too long."""
    # `select.select` fails in a process that has a thousand files and connections open.
    with selectors.DefaultSelector() as selector:
        selector.register(said, selectors.EVENT_READ)
        is_there = selector.select(max(0.0, deadline - time.monotonic()))
    return said.readline().strip() if is_there else None
