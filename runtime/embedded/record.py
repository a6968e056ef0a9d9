"""What a keeper writes down about its server, and whether it is still true."""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from runtime import private

_PROBE_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A running server. `run_id` is the server's own random name for this start: another server that got the same
    address later has another one. `url` is of a socket; a server of an older version, which may still run, has a port.
    """

    url: str
    pid: int
    run_id: str
    version: str

    def is_alive(self) -> bool:
        """Whether this very server answers now."""
        return probe(self.url).get("run_id") == self.run_id


def socket_url(place: Path) -> str:
    """The address of a server that listens on a socket."""
    return f"unix://{quote(str(place))}?db=0"


def write(path: Path, record: ServerRecord) -> None:
    """Writes a record so that a reader sees all of it or none."""
    private.write(path, json.dumps(asdict(record)) + "\n")


def read(path: Path) -> ServerRecord | None:
    """The record, or None where there is none that makes sense."""
    try:
        found = json.loads(path.read_text())
        return ServerRecord(str(found["url"]), int(found["pid"]), str(found["run_id"]), str(found["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def probe(url: str) -> dict[str, str]:
    """What the server at an address says of itself (`INFO`); empty where none answers.

    Spoken over a bare socket, because the keeper must stay light: a Redis client would double its memory.
    """
    try:
        with _connect(url) as connection:
            connection.sendall(b"INFO\r\n")
            with connection.makefile("rb") as stream:
                header = stream.readline()
                if not header.startswith(b"$"):
                    return {}
                text = stream.read(int(header[1:])).decode(errors="replace")
    except (OSError, ValueError):
        return {}
    lines = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {name: value for name, colon, value in lines if colon}


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return socket.create_connection((parts.hostname, parts.port or 0), timeout=_PROBE_TIMEOUT)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_PROBE_TIMEOUT)
        connection.connect(unquote(parts.path))
    except BaseException:
        connection.close()
        raise
    return connection
