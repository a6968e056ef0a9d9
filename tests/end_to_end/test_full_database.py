"""A disk of PostgreSQL's that is full: what is under way waits, nothing is lost, and all goes on when there is room."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

import psycopg
import pytest

from runtime import App
from runtime.errors import ServerFullError
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.postgres_servers import USER, PostgresServer, unprivileged
from tests.waiting import until

pytestmark = pytest.mark.redis

#: A database takes some eight.
MIB: Final = 24


@pytest.fixture
def small(postgres_programs: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a database on a small disk of its own, of a server whose other files have room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MIB}m,mode=0777", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a disk can't be mounted here: only root may")
    try:
        # A folder above is root's alone, so the server reaches it by the mount itself.
        with PostgresServer(postgres_programs) as server:
            for place in (disk, *disk.parents):
                if place.stat().st_uid == 0 and place != Path("/"):
                    place.chmod(place.stat().st_mode | 0o011)
            space = disk / "space"
            space.mkdir()
            me = unprivileged()
            if me:
                subprocess.run(["chown", str(me["user"]), str(space)], check=True)
            with psycopg.connect(server.admin, autocommit=True) as admin:
                admin.execute(f"CREATE TABLESPACE small LOCATION '{space}'".encode())
                admin.execute(f"CREATE DATABASE small OWNER {USER} TABLESPACE small".encode())
            yield server.url.rpartition("/")[0] + "/small"
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(other: psycopg.Connection) -> None:
    """Another client of the database writes until nothing fits any more."""
    while True:
        other.execute("INSERT INTO filler VALUES (decode(repeat('ab', 100000), 'hex'))")


async def test_runs_wait_for_room_and_go_on_by_themselves(small: str, redis_url: str, tmp_path: Path):
    """A step whose result does not fit is done once; what is new is refused meanwhile, in one line."""
    facts, done, may_end = Recorder(), [], asyncio.Event()
    settings = Settings(redis_url=redis_url, state_url=small, home=tmp_path, telemetry=False, lease=5)
    app = App("logistics", settings=settings, observer=facts)
    line = app.workflow("line", order=int)

    @line.step
    async def first(order: int) -> str:
        await may_end.wait()
        done.append(order)
        return Random(order).randbytes(200_000).hex()

    @line.step
    async def second(first: str) -> int:
        return len(first)

    async def start_many() -> None:
        while True:  # until pages that have room are full, too
            await app.start(line, order=0)

    async with app:
        run = await app.start(line, order=1)
        await until(lambda: len(facts.attempts) == 1, "it has begun")
        with psycopg.connect(small, autocommit=True) as other:
            other.execute("CREATE TABLE filler (a bytea)")
            other.execute("ALTER TABLE filler ALTER a SET STORAGE EXTERNAL")
            with pytest.raises(psycopg.errors.DiskFull):
                fill(other)
            may_end.set()
            await until(lambda: done == [1], "its code has ended")
            with pytest.raises(ServerFullError, match="make room on its disk"):
                await start_many()
            other.execute("DROP TABLE filler")
        assert await run.result(30) == 400_000
    assert done.count(1) == 1
