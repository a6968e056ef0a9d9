"""The collector as a process when something around it fails: what it answers meanwhile, and that it gets over it."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from collector.client import CollectorClient
from tests.collector.disk import full
from tests.collector.live import PROTOBUF
from tests.collector.process import Process
from tests.collector.story import Story, place
from tests.waiting import until


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A collector that is gone after the test."""
    process = Process(tmp_path)
    yield process
    process.remove()


def request(name: str, size: int = 0) -> bytes:
    """One span, with so many random digits."""
    story = Story()
    story.add(name, place("t", name), attributes={"noise": secrets.token_hex(size)})
    return story.request()


async def test_a_full_disk_is_got_over_without_a_restart(tmp_path: Path, process: Process) -> None:
    """What is stored can be read meanwhile; what can't be stored is asked for again; then all is as it was."""
    url = process.address()

    def post(body: bytes) -> int:
        return httpx.post(f"{url}/v1/traces", content=body, headers=PROTOBUF, timeout=30).status_code

    def unfolded() -> int:
        log = tmp_path / "causeline.duckdb.wal"
        return log.stat().st_size if log.exists() else 0

    with CollectorClient(url) as client:
        assert post(request("before", 1_000_000)) == 200
        with full(500_000, process.popen.pid):
            # The quiet moment comes, and the database breaks: the next who needs it opens it again.
            await until(lambda: post(request("meanwhile")) == 503)
            assert client.health().status == "ok"
            assert client.overview().spans_stored == 1
        await until(lambda: post(request("after")) == 200)
        await until(lambda: not unfolded())
        assert client.health().status == "ok"
        assert client.overview().spans_stored == 2
