"""Standbys of the test servers, which follow one by streaming replication, and poolers in front of one."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import psycopg

from tests.postgres_servers import USER, PostgresServer, unprivileged
from tests.servers import START_LIMIT, free_port
from tests.waiting import until_sync


class Standby(PostgresServer):
    """A copy of a running server that follows it.

    Args:
        programs: as of a server.
        primary: the server.
    """

    def __init__(self, programs: Path, primary: PostgresServer) -> None:
        super().__init__(programs)
        self._primary = primary

    def __enter__(self) -> Self:
        try:
            self._copy()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def promote(self) -> None:
        """Has it take writes."""
        with psycopg.connect(self.admin, autocommit=True) as admin:
            assert admin.execute("SELECT pg_promote()").fetchone() == (True,)

    def _copy(self) -> None:
        me = unprivileged()
        self.own_folder(me)
        command = [str(self._programs / "pg_basebackup"), "-D", str(self._folder / "data"), "-R", "-X", "stream"]
        subprocess.run(
            [*command, "--checkpoint=fast", "--no-sync", "-d", self._primary.admin],
            check=True,
            capture_output=True,
            cwd=self._folder,
            **me,
        )


@contextmanager
def synchronous(primary: PostgresServer) -> Iterator[None]:
    """A primary acknowledges a commit when a standby that follows it has it on disk."""
    with psycopg.connect(primary.admin, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        admin.execute("SELECT pg_reload_conf()")
        until_sync(lambda: _followers(admin) == ["sync"], "the standby is synchronous")
    yield


def either_of(*servers: PostgresServer) -> str:
    """The address of whichever of some servers takes writes."""
    hosts = ",".join(f"{(parts := urlsplit(one.url)).hostname}:{parts.port}" for one in servers)
    return f"postgresql://{USER}@{hosts}/{USER}?target_session_attrs=read-write"


def find_pooler() -> str | None:
    """PgBouncer, as Debian installs it or on PATH; None where this machine has none."""
    return shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


@contextmanager
def pooler(program: str, server: PostgresServer, mode: str = "transaction") -> Iterator[str]:
    """The address of a server behind PgBouncer, which hands two sessions of it to whoever comes."""
    port, parts = free_port(), urlsplit(server.url)
    with tempfile.TemporaryDirectory(prefix="causeline-pooler-") as folder:
        me, place = unprivileged(), Path(folder)
        (place / "users").write_text(f'"{USER}" ""\n')
        (place / "ini").write_text(
            f"[databases]\n{USER} = host=127.0.0.1 port={parts.port} dbname={USER}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
            f"auth_file = {place / 'users'}\npool_mode = {mode}\ndefault_pool_size = 2\nmax_client_conn = 100\n"
        )
        place.chmod(0o755)
        process = subprocess.Popen(
            [program, "-q", str(place / "ini")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **me
        )
        url = f"postgresql://{USER}@127.0.0.1:{port}/{USER}"
        try:
            until_sync(lambda: _answers(url), "the pooler answers")
            yield url
        finally:
            process.terminate()
            process.wait(START_LIMIT)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.Error:
        return False


def _followers(admin: psycopg.Connection) -> list[str]:
    return [state for (state,) in admin.execute("SELECT sync_state FROM pg_stat_replication").fetchall()]
