"""A PostgreSQL server of the benchmark's own."""

import os
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from tests.postgres_servers import USER, PostgresServer, find_programs

_TICKS: Final = os.sysconf("SC_CLK_TCK")


class DurablePostgres(PostgresServer):
    """Writes to disk before it acknowledges, as Debian's does."""

    settings = ("fsync=on", "shared_buffers=128MB", "max_connections=100")

    def create_database(self, name: str) -> str:
        """The address of a database in which nothing is."""
        place = sql.Identifier(name)
        with psycopg.connect(self.admin, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(place))
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(place, sql.Identifier(USER)))
        return f"{self.url.rpartition('/')[0]}/{name}"

    def cpu_s(self) -> float:
        """Seconds of a core that all its processes have used so far."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        used = [_stat(pid) for pid in children]
        mine = _stat(str(self.pid))
        return (sum(one[0] + one[1] for one in used) + sum(mine)) / _TICKS


def postgres() -> DurablePostgres:
    """The server.

    Raises:
        RuntimeError: this machine has none.
    """
    programs = find_programs()
    if programs is None:
        raise RuntimeError("no postgres on this machine: apt-get install postgresql")
    return DurablePostgres(programs)


def _stat(pid: str) -> tuple[int, int, int, int]:
    """Ticks in user and system mode of a process, and of those of its children that have ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0, 0, 0, 0
    user, system, of_user, of_system = map(int, words[11:15])
    return user, system, of_user, of_system
