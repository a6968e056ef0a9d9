"""What a keeper writes down about its server, and whether it is still true."""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"
_PROBE_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A running server. `run_id` is the server's own random name for this start: another server that got the same port
    later has another one."""

    port: int
    pid: int
    run_id: str
    version: str

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def is_alive(self) -> bool:
        """Whether this very server answers now."""
        return probe(self.port).get("run_id") == self.run_id


def write(path: Path, record: ServerRecord) -> None:
    """Writes a record so that a reader sees all of it or none."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"url": record.url, **asdict(record)}) + "\n")
    draft.chmod(0o600)
    draft.replace(path)


def read(path: Path) -> ServerRecord | None:
    """The record, or None where there is none that makes sense."""
    try:
        found = json.loads(path.read_text())
        return ServerRecord(int(found["port"]), int(found["pid"]), str(found["run_id"]), str(found["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def probe(port: int) -> dict[str, str]:
    """What the server on a loopback port says of itself (`INFO`); empty where none answers.

    Spoken over a bare socket, because the keeper must stay light: a Redis client would double its memory.
    """
    try:
        with socket.create_connection((HOST, port), timeout=_PROBE_TIMEOUT) as connection:
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
