"""What `make_home.py` works with: processes of the release, the state of its server, and the archive."""

import gzip
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import duckdb
import troubled
from conditions import LIMIT, until

from collector.client import CollectorClient, CollectorUnavailable

HERE: Final = Path(__file__).resolve().parent

#: Marks of what is done or published live for an hour or a day; in an archive they must live longer.
KEEP_MARKS_MS: Final = 50 * 365 * 86_400 * 1000
_SHORT_MS: Final = 600_000

#: What of a home is put into the archive: locks, logs and addresses of processes are of one machine.
_KEPT: Final = ("server", "spool", "causeline.duckdb", "server.binary")


class Release:
    """Processes of the release that this Python finds, around one home.

    Args:
        folder: an empty one; the home is below it.
        port: that the collector listens on, where it is up.
    """

    def __init__(self, folder: Path, port: int) -> None:
        import runtime

        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.url = f"http://127.0.0.1:{port}"
        self.checkout = Path(str(runtime.__file__)).resolve().parents[1]
        self.environment = {
            "CAUSELINE_HOME": str(self.home),
            "CAUSELINE_DATABASE": str(self.home / "causeline.duckdb"),
            "CAUSELINE_COLLECTOR_URL": self.url,
            "CAUSELINE_COLLECTOR_PORT": str(port),
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "PYTHONPATH": str(self.checkout),
        }
        for name in [name for name in os.environ if name.startswith(("CAUSELINE_", "OTEL_"))]:
            del os.environ[name]
        os.environ.update(self.environment)

    @asynccontextmanager
    async def collector(self) -> AsyncIterator[CollectorClient]:
        """The collector, until the block ends; it answers."""
        with self._process("collector"), CollectorClient(self.url) as client:

            def answers() -> bool:
                try:
                    return client.health().status == "ok"
                except CollectorUnavailable:
                    return False

            await until(answers, "the collector answers")
            yield client

    @contextmanager
    def worker(self, lease: float = 600.0) -> Iterator[subprocess.Popen[bytes]]:
        """A worker, until the block ends or it dies. Its own lease is what it takes others' work by."""
        command = ("causeline", "worker", f"{HERE / 'troubled.py'}:app")
        variables = {"CAUSELINE_LEASE": str(lease), troubled.FOLDER: str(self.folder)}
        with self._process(*command, **variables) as process:
            yield process

    async def dies(self, worker: subprocess.Popen[bytes]) -> None:
        """Waits until a worker has killed itself."""
        status = await until(worker.poll, "the worker dies")
        if status != -signal.SIGKILL:
            raise RuntimeError(f"the worker ended with status {status}: see {self.folder / 'output'}")

    async def held(self, *names: str) -> None:
        """Waits until attempts are held."""
        for name in names:
            await until(troubled.marker(self.folder, "held", name).exists, f"{name!r} is held")

    def release(self, name: str) -> None:
        """Lets an attempt go on."""
        troubled.marker(self.folder, "released", name).touch()

    async def is_over(self) -> None:
        """Waits until the embedded server has ended, after its last user."""
        await until(lambda: not (self.home / "server.json").exists(), "the server ends")

    @contextmanager
    def _process(self, *command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / "output").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", *command],
                cwd=self.folder,
                env={**os.environ, **more},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(LIMIT)


def batches(home: Path) -> list[bytes]:
    """The requests that wait in the spool."""
    return [gzip.decompress(path.read_bytes()) for path in sorted((home / "spool").glob("*.otlp.gz"))]


async def rewrite(client: Any) -> None:
    """Folds the append-only file: what is there is a snapshot from now on, what follows are commands."""
    await client.bgrewriteaof()

    async def done() -> bool:
        info = await client.info("persistence")
        return not info["aof_rewrite_in_progress"] and not info["aof_rewrite_scheduled"]

    await until(done, "the append-only file is rewritten")


async def keep_marks(client: Any) -> None:
    """Lets marks of what is done or published live on in an archive."""
    async for key in client.scan_iter(count=1000):
        if await client.pttl(key) > _SHORT_MS:
            await client.pexpire(key, KEEP_MARKS_MS)


def pack(home: Path, archive: Path) -> None:
    """Puts what lasts of a home into an archive, the same bytes for the same files."""
    raw = BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for path in sorted(path for name in _KEPT for path in ((home / name), *(home / name).rglob("*"))):
            info = tar.gettarinfo(path, str(path.relative_to(home)))
            info.uid = info.gid = info.mtime = 0
            info.uname = info.gname = ""
            if path.is_dir():
                tar.addfile(info)
            else:
                with path.open("rb") as file:
                    tar.addfile(info, file)
    archive.write_bytes(gzip.compress(raw.getvalue(), 9, mtime=0))


def betrayed(home: Path, words: list[str]) -> set[str]:
    """Which words, names of this machine and its folders, the files of a home tell."""
    texts = [path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "causeline.duckdb"]
    texts += batches(home)
    with duckdb.connect(home / "causeline.duckdb", read_only=True) as database:
        tables = database.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        rows = [database.execute(f"SELECT COLUMNS(*)::VARCHAR FROM {name}").fetchall() for (name,) in tables]  # noqa: S608 names are our own, values are bound
        texts += [str(row).encode() for row in rows]
    return {word for word in words for text in texts if word.encode() in text}
