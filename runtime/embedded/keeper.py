"""The keeper: a small process that runs the server as its child for as long as anybody uses it.

It says one line on stdout (`ready`, `busy`, or `failed: why`) and is then on its own. Of other packages it imports
none but the standard library, so that it stays small.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from runtime.embedded import locks, record
from runtime.embedded.binary import save_binary
from runtime.embedded.files import ServerFiles
from runtime.embedded.socket_path import find_socket_path
from runtime.supervisor import logs
from runtime.supervisor.death_signal import die_with_parent

READY: Final = "ready"
BUSY: Final = "busy"
FAILED: Final = "failed: "

GRACE: Final = 1.5
"""Seconds that the server outlives its last user, so that a row of short commands does not start it each time."""

_START_LIMIT: Final = 20.0
"""Seconds for a server to answer; loading its data does not count."""
_STOP_LIMIT: Final = 20.0
_RESTARTS: Final = 5
"""How often in a row a server that ended by itself is started again."""
_RESTART_PAUSE: Final = 0.25
"""Seconds of rest before the second of them; as much more before each after that."""
_STABLE: Final = 60.0
"""Seconds of life after which a server's end begins a new row."""
_LOOK_AT_LOG: Final = 10.0
"""Seconds between two looks at how large the log is."""

_UMASK: Final = 0o077
"""Whatever keeper and server write, nobody else reads."""


def main(arguments: list[str]) -> int:
    """Keeps the server of the home `arguments[0]`, run from the program `arguments[1]`; returns the exit status."""
    files, binary = ServerFiles(Path(arguments[0])), Path(arguments[1])
    if os.fork():
        return 0  # whoever started us waits for this process; the keeper belongs to nobody
    os.umask(_UMASK)
    keeper_lock = locks.open_lock(files.keeper)
    data_lock = locks.open_lock(files.data_lock)
    if not locks.try_exclusive(keeper_lock):
        return _say(BUSY)
    if not locks.try_exclusive(data_lock) and not _end_orphan(files, data_lock):
        return _say(f"{FAILED}a server that nobody keeps still holds {files.data}")
    files.record.unlink(missing_ok=True)
    return _keep_server(files, binary, data_lock)


def _keep_server(files: ServerFiles, binary: Path, data_lock: int) -> int:
    _open_log(files)
    place = find_socket_path(files)
    if place is None:
        return _say(f"{FAILED}no socket can be made in {files.home}, nor in a folder for temporary files")
    server = _start(files, binary, place, data_lock)
    started = _await_start(server, place)
    if started is None:
        server.kill()
        server.wait()
        return _say(f"{FAILED}{_last_words(files)}")
    save_binary(files, binary)
    record.write(files.record, started)
    kept = KeptServer(server)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: kept.end())
    threading.Thread(target=_end_when_unused, args=(files, kept), daemon=True).start()
    threading.Thread(target=_keep_log_small, args=(files,), daemon=True).start()
    _say(READY)
    os.close(data_lock)  # the server holds it now, so it is free the moment the server is gone
    status = _restart_until_ended(files, binary, place, kept)
    files.record.unlink(missing_ok=True)
    return status


class KeptServer:
    """The server that runs now, and whether it is to end. Not locked: whoever puts a server in its place looks after
    that whether it is to end, and whoever ends it says so first."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self.server = server
        self.ending = False

    def end(self) -> None:
        """Ends the server, and any that is just taking its place."""
        self.ending = True
        self.server.terminate()

    def replace(self, server: subprocess.Popen[bytes]) -> None:
        """Puts a server in place of one that is gone."""
        self.server = server
        if self.ending:
            server.terminate()


def _restart_until_ended(files: ServerFiles, binary: Path, place: Path, kept: KeptServer) -> int:
    """Starts the server again whenever it dies, at its place, where its users look for it; returns its last status.

    Called in the main thread: a server dies with the thread that started it.
    """
    tries = 0
    while True:
        began = time.monotonic()
        status = kept.server.wait()
        tries = 0 if time.monotonic() - began > _STABLE else tries
        if kept.ending:
            return status
        if tries == _RESTARTS:
            _log_note(f"the server ended {tries + 1} times in a row (status {status}) and is not started again")
            return status
        time.sleep(_RESTART_PAUSE * tries)
        tries += 1
        _log_note(f"the server ended by itself (status {status}) and is started again, try {tries} of {_RESTARTS}")
        _start_again(files, binary, place, kept)


def _start_again(files: ServerFiles, binary: Path, place: Path, kept: KeptServer) -> None:
    data_lock = locks.open_lock(files.data_lock)
    try:
        if not locks.try_exclusive_until(data_lock, time.monotonic() + _STOP_LIMIT):
            return  # a child of the dead one may still write
        kept.replace(_start(files, binary, place, data_lock))
    finally:
        os.close(data_lock)
    if started := _await_start(kept.server, place):
        record.write(files.record, started)
    else:
        kept.server.kill()


def _log_note(words: str) -> None:
    print(f"keeper: {words}", file=sys.stderr, flush=True)


def _open_log(files: ServerFiles) -> None:
    """Begins a log, keeping the ones before, and sends our own last words there too."""
    with logs.begin_log(files.log) as log:
        os.dup2(log.fileno(), sys.stderr.fileno())


def _keep_log_small(files: ServerFiles, every: float = _LOOK_AT_LOG) -> None:
    while True:
        time.sleep(every)
        logs.keep_small(files.log)


def _start(files: ServerFiles, binary: Path, place: Path, data_lock: int) -> subprocess.Popen[bytes]:
    keeper = os.getpid()
    return subprocess.Popen(
        [binary, *_options(files, place)],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        stderr=sys.stderr,
        env={**os.environ, "LC_ALL": "C"},  # Redis 7 refuses to start under a locale that the machine lacks
        pass_fds=(data_lock,),
        preexec_fn=lambda: _die_with(keeper),
    )


def _options(files: ServerFiles, place: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(place),
        "unixsocketperm": "700",
        "daemonize": "no",
        "dir": str(files.data),
        "logfile": str(files.log),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _await_start(server: subprocess.Popen[bytes], place: Path) -> record.ServerRecord | None:
    """The server's record once it serves; None when it ended or never answered."""
    url, deadline = record.socket_url(place), time.monotonic() + _START_LIMIT
    while server.poll() is None and time.monotonic() < deadline:
        told = record.probe(url)
        if told.get("process_id") == str(server.pid):
            if told.get("loading") == "0":
                version = told.get("valkey_version") or told.get("redis_version", "")
                return record.ServerRecord(url, server.pid, told["run_id"], version)
            deadline = time.monotonic() + _START_LIMIT
        time.sleep(locks.POLL)
    return None


def _end_when_unused(files: ServerFiles, kept: KeptServer) -> None:
    """Ends the server once nobody holds the users' lock and nobody came within the grace.

    The lock stays taken until this process is gone, so whoever comes meanwhile waits and then starts afresh.
    """
    users = locks.open_lock(files.users)
    while True:
        locks.wait_exclusive(users)
        locks.unlock(users)
        time.sleep(GRACE)
        if locks.try_exclusive(users):
            break
    kept.end()
    time.sleep(_STOP_LIMIT)  # this process, and this thread with it, ends with the server
    kept.server.kill()  # appendfsync always: what was acknowledged is on disk


def _end_orphan(files: ServerFiles, data_lock: int) -> bool:
    """Ends a server whose keeper was killed; on Linux the kernel does, elsewhere we do. Whether its data is free."""
    left = record.read(files.record)
    if left and left.is_alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(left.pid, signal.SIGTERM)
    return locks.try_exclusive_until(data_lock, time.monotonic() + _STOP_LIMIT)


def _die_with(keeper: int) -> None:
    """Has the kernel end this process when the keeper dies, even when that is killed."""
    die_with_parent()
    if sys.platform == "linux" and os.getppid() != keeper:  # it died before we asked
        os._exit(1)


def _last_words(files: ServerFiles) -> str:
    try:
        lines = [line for line in files.log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    return lines[-1] if lines else "it said nothing"


def _say(word: str) -> int:
    """Tells the starter, once, and lets go of its pipe; returns the exit status."""
    with contextlib.suppress(BrokenPipeError):  # a starter that gave up
        print(word, flush=True)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
    return 0 if word == READY else 1
