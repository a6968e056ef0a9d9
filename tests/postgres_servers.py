"""Real PostgreSQL servers for tests: in a temporary folder, on a free loopback port, as a user without rights."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

import psycopg
from psycopg import sql

from tests.processes import is_running
from tests.servers import START_LIMIT, free_port
from tests.waiting import until_sync

USER: Final = "causeline"
"""The owner of the test databases."""


def find_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, as Debian installs them or on PATH; None where this machine has none."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


class PostgresServer:
    """A server with a database of its own. Use it as a context manager.

    Args:
        programs: folder of `initdb` and `postgres`.
        more: settings beside the class's own, each `name=value`.

    Attributes:
        url: of its database.
        admin: of its superuser.
    """

    settings: tuple[str, ...] = ("fsync=off", "shared_buffers=32MB", "max_connections=200")

    def __init__(self, programs: Path, *more: str, encoding: str = "UTF8") -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="causeline-postgres-"))
        self._encoding = encoding
        self._more = more
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._own: psycopg.Connection[Any] | None = None
        self.admin = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        self.url = f"postgresql://{USER}@127.0.0.1:{self._port}/{USER}"

    def __enter__(self) -> Self:
        try:
            self._make()
            self.start()
            with psycopg.connect(self.admin, autocommit=True) as admin:
                admin.execute(f"CREATE ROLE {USER} LOGIN".encode())
                admin.execute(f"CREATE DATABASE {USER} OWNER {USER}".encode())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._own is not None:
            self._own.close()
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        """Its first process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Starts it, on the same port each time, and waits until it answers."""
        options = [*self.settings, *self._more, "listen_addresses=127.0.0.1", "unix_socket_directories="]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), "-p", str(self._port)]
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*command, *(part for option in options for part in ("-c", option))],
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self._folder,
                **unprivileged(),
            )
        deadline = time.monotonic() + START_LIMIT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the test server did not start: {(self._folder / 'log').read_text()[-500:]}")

    def stop(self) -> None:
        """Ends it in order, and cuts its clients off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_LIMIT)

    def restart(self) -> None:
        """Ends it in order and starts it again at the same address."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Ends all its processes with SIGKILL, in the middle of whatever they do."""
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, signal.SIGSTOP)
        _kill_tree(self._process.pid)
        self._process.wait(START_LIMIT)

    def empty(self) -> None:
        """Removes every row of every table of ours."""
        if self._own is None or self._own.closed:
            self._own = psycopg.connect(self.url, autocommit=True)
        names = self._own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'causeline'").fetchall()
        ours = [sql.Identifier("causeline", name) for (name,) in names if name != "migrations"]
        # All in one question; a `TRUNCATE` would make files anew for each.
        self._own.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(one) for one in ours))

    def own_folder(self, me: dict[str, Any]) -> None:
        """Gives its folder to whom it runs as."""
        if me:
            os.chown(self._folder, me["user"], me["group"])

    def _make(self) -> None:
        me = unprivileged()
        self.own_folder(me)
        command = [str(self._programs / "initdb"), "-D", str(self._folder / "data"), "-A", "trust", "-U", "postgres"]
        done = subprocess.run(
            [*command, "--no-sync", "--locale=C", "-E", self._encoding],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            **me,
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr[-500:]}")

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.admin, connect_timeout=2):
                return True
        except psycopg.Error:
            return False


def unprivileged() -> dict[str, Any]:
    """Whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid():
        return {}
    name = "postgres" if any(one.pw_name == "postgres" for one in pwd.getpwall()) else "nobody"
    found = pwd.getpwnam(name)
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _kill_tree(pid: int) -> None:
    """Kills a process and its children, which PostgreSQL gives groups of their own."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    mine = children.read_text().split() if children.exists() else []
    for one in (pid, *map(int, mine)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    # While one of them is still there, the server does not start again: their memory is in use.
    until_sync(lambda: not any(is_running(int(one)) for one in mine), "all its processes are gone")
