"""The collector as a process: how it starts, refuses to start, ends, and what it keeps when it is killed."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from collector.store import schema
from collector.store.database import Database
from tests.collector.process import FreshProcess, Process, send, stored
from tests.collector.shipment import Shipment


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    """Whatever a test starts is gone after it."""
    started: list[Process] = []
    yield started
    for process in started:
        process.remove()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_told_to(tmp_path: Path, processes: list[Process], ending: signal.Signals) -> None:
    """Status 0, nothing on stderr, all stored, the log folded into the file."""
    processes.append(process := FreshProcess(tmp_path))
    shipment = Shipment()
    send(process.address(), shipment)

    assert process.end(ending) == (0, "")

    assert not (tmp_path / "causeline.duckdb.wal").exists()
    assert stored(tmp_path) == len(shipment.story.spans)


def test_kill_9_after_an_answer_loses_nothing(tmp_path: Path, processes: list[Process]) -> None:
    """Success means committed; the next collector goes on where this one was shot."""
    for number in range(1, 4):
        processes.append(process := Process(tmp_path))
        send(process.address(), Shipment(number=number))
        process.end(signal.SIGKILL)

    assert stored(tmp_path) == 3 * len(Shipment().story.spans)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells what a process has loaded")
def test_it_does_without_pandas(tmp_path: Path, processes: list[Process]) -> None:
    """Which PyArrow imports where it is installed: 40 MiB, and a sixth of a start."""
    processes.append(process := FreshProcess(tmp_path))
    send(process.address(), Shipment())
    loaded = Path(f"/proc/{process.popen.pid}/maps").read_text()
    assert "/pyarrow/" in loaded
    assert "/pandas/" not in loaded


def test_it_ends_when_its_parent_is_gone(tmp_path: Path, processes: list[Process]) -> None:
    """Also when the parent was killed outright: the pipe closes by itself."""
    theirs, ours = os.pipe()
    processes.append(process := FreshProcess(tmp_path, CAUSELINE_PARENT_FD=str(theirs)))
    os.close(theirs)
    process.address()
    os.close(ours)
    assert process.wait() == (0, "")


def test_a_port_in_use_is_one_line_and_status_2(tmp_path: Path, processes: list[Process]) -> None:
    """It names the port and the setting, and the database is not even made."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        processes.append(process := Process(tmp_path, CAUSELINE_COLLECTOR_PORT=port))
        status, said = process.wait()
    assert status == 2
    assert said.count("\n") == 1
    assert port in said
    assert "CAUSELINE_COLLECTOR_PORT" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b"])
def test_an_address_that_is_not_ours_is_one_line_and_status_2(
    tmp_path: Path, processes: list[Process], host: str
) -> None:
    """It names the address and its setting, not the port's."""
    processes.append(process := Process(tmp_path, CAUSELINE_COLLECTOR_HOST=host, CAUSELINE_INSECURE="1"))
    status, said = process.wait()
    assert status == 2
    assert said.count("\n") == 1
    assert said.startswith(f"causeline collector: the address {host} can't be listened on (")
    assert "CAUSELINE_COLLECTOR_HOST" in said
    assert list(tmp_path.iterdir()) == []


def test_a_setting_that_does_not_parse_is_one_line_and_status_2(tmp_path: Path, processes: list[Process]) -> None:
    """Before anything is opened."""
    processes.append(process := FreshProcess(tmp_path, CAUSELINE_COLLECTOR_PORT="http"))
    status, said = process.wait()
    assert status == 2
    assert said.count("\n") == 1
    assert "CAUSELINE_COLLECTOR_PORT='http'" in said
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_one_line_and_status_2(tmp_path: Path, processes: list[Process]) -> None:
    """Nothing in it changes."""
    path = tmp_path / "causeline.duckdb"
    Database.open(path).close()
    with duckdb.connect(path) as connection:
        connection.execute("INSERT INTO schema_version VALUES ($v, now())", {"v": schema.newest_version() + 1})
    before = path.read_bytes()
    processes.append(process := Process(tmp_path))
    status, said = process.wait()
    assert status == 2
    assert said.count("\n") == 1
    assert "newer" in said
    assert path.read_bytes() == before


def test_a_database_that_another_collector_holds_is_one_line_and_status_2(
    tmp_path: Path, processes: list[Process]
) -> None:
    """The first one is not disturbed."""
    processes.append(first := Process(tmp_path))
    url = first.address()
    processes.append(second := Process(tmp_path))
    status, said = second.wait()
    assert status == 2
    assert said.count("\n") == 1
    assert "CAUSELINE_DATABASE" in said
    assert httpx.get(f"{url}/healthz", timeout=60).json()["status"] == "ok"


def test_it_traces_nothing_of_its_own(tmp_path: Path, processes: list[Process]) -> None:
    """Not even when the environment asks for it: a collector that sends itself spans would never rest."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    processes.append(
        process := FreshProcess(
            tmp_path,
            CAUSELINE_COLLECTOR_PORT=port,
            FASTAPI_OTEL_AUTO_CONFIGURE="true",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}",
            OTEL_BSP_SCHEDULE_DELAY="10",
        )
    )
    url = process.address()
    for _ in range(3):
        httpx.get(f"{url}/healthz", timeout=60).raise_for_status()
    assert process.end(signal.SIGTERM)[0] == 0
    assert stored(tmp_path) == 0
