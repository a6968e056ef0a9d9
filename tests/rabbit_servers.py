"""Real RabbitMQ servers for tests: in a temporary folder, on free loopback ports, with a name daemon of their own."""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

import aio_pika

from runtime.rabbitmq.driver_errors import TROUBLES
from tests.processes import is_running
from tests.servers import free_port
from tests.waiting import until_sync

PASSWORD: Final = "s3cret-of-rabbit"  # noqa: S105 - of a server that is gone with the test
"""Of all users."""

USER: Final = "causeline"
"""May do all in the virtual host `/`."""

READER: Final = "reader"
"""May read there, and nothing else."""

LARGEST: Final = 200_000
"""Bytes of the largest message that the server takes."""

START_LIMIT: Final = 60.0
"""Seconds for a server to answer: Erlang starts slowly where others are busy."""

_STARTS: Final = 3
"""Times that it is started, on other ports each time."""

_SALT: Final = b"salt"


def find_programs() -> Path | None:
    """The folder of `rabbitmq-server` itself, as Debian installs it: the one on PATH wants to be a service. None where
    this machine has none."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    return found[-1].parent if found else None


class RabbitServer:
    """A server with users and a virtual host of its own. Use it as a context manager.

    Args:
        programs: folder of `rabbitmq-server`.

    Attributes:
        url: of its virtual host `/`, for `USER`.
    """

    #: One scheduler that does not spin: other tests run beside it.
    erlang = "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="causeline-rabbit-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self._take_ports()

    def url_of(self, user: str, password: str = PASSWORD, host: str = "%2F") -> str:
        """The address for another user, or of another virtual host."""
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}/{host}"

    def __enter__(self) -> Self:
        try:
            self._start_somewhere()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_somewhere(self) -> None:
        """It takes seconds until it listens: others may have taken one of its ports by then."""
        for _ in range(_STARTS - 1):
            try:
                return self._start_here()
            except RuntimeError:
                self._end()
                self._take_ports()
        return self._start_here()

    def _start_here(self) -> None:
        self._configure()
        self.start()

    def _end(self) -> None:
        self.kill()
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait(START_LIMIT)
            self._daemon = None

    def _take_ports(self) -> None:
        self.port, self._distribution, self._names = free_port(), free_port(), free_port()
        self.url = self.url_of(USER)

    def start(self) -> None:
        """Starts it, on the same port each time, and waits until it answers."""
        if self._daemon is None:  # else Erlang starts one that outlives it
            self._daemon = self._begin("epmd", "-address", "127.0.0.1", "-port", str(self._names))
        self._process = self._begin(str(self.programs / "rabbitmq-server"))
        process = self._process
        until_sync(lambda: process.poll() is not None or self._answers(), "the test server answers", START_LIMIT)
        if process.poll() is not None:
            raise RuntimeError(f"the test server did not start: {(self.folder / 'log').read_text()[-800:]}")

    def kill(self) -> None:
        """Ends it with SIGKILL, in the middle of whatever it does; what it has on disk stays."""
        if self._process is None or self._process.poll() is not None:
            return
        family = _family(self._process.pid)
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(START_LIMIT)
        until_sync(lambda: not any(is_running(pid) for pid in family), "all its processes are gone")

    def restart(self) -> None:
        """Kills it and starts it again at the same address."""
        self.kill()
        self.start()

    def _begin(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, cwd=self.folder, env=self._environment()
            )

    def _environment(self) -> dict[str, str]:
        ours = {
            "HOME": str(self.folder),  # of the cookie, too
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._names),
            "RABBITMQ_NODENAME": f"causeline{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": self.erlang,
        }
        return {**os.environ, **ours}

    def _configure(self) -> None:
        definitions = self.folder / "definitions.json"
        (self.folder / "plugins").write_text("[].")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"load_definitions = {definitions}\n"
            f"max_message_size = {LARGEST}\n"
            "log.file.level = warning\n"
        )
        rights = {USER: (".*", ".*", ".*"), READER: ("", "", ".*")}
        users = [{"name": name, "password_hash": _hashed(PASSWORD), "tags": ""} for name in rights]
        permissions = [
            {"user": name, "vhost": "/", "configure": configure, "write": write, "read": read}
            for name, (configure, write, read) in rights.items()
        ]
        hosts = [{"name": "/"}]
        definitions.write_text(json.dumps({"users": users, "vhosts": hosts, "permissions": permissions}))

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return asyncio.run(self._lets_in())
        return False

    async def _lets_in(self) -> bool:
        try:
            connection = await aio_pika.connect(self.url, timeout=5)
        except TROUBLES:
            return False
        await connection.close()
        return True


def _hashed(password: str) -> str:
    return base64.b64encode(_SALT + hashlib.sha256(_SALT + password.encode()).digest()).decode()


def _family(pid: int) -> list[int]:
    """A process and all that it has started, whatever their groups."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields: Any = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found
