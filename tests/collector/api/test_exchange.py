"""Export and import through the API: the same answers from another collector, and no way to break it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from collector.store.exchange.workspace import open_workspace, remove_leftovers
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.raw import Peer
from tests.collector.shipment import Shipment
from tests.waiting import until

TAR = {"content-type": "application/x-tar"}


@pytest.fixture
def other(tmp_path: Path) -> Iterator[LiveCollector]:
    """Another collector."""
    with LiveCollector(tmp_path / "other" / "causeline.duckdb", MemoryBus()) as live:
        yield live


def answers(collector: LiveCollector, shipment: Shipment) -> dict[str, Any]:
    """What it says of a shipment, in all the ways that it is asked."""
    window = "start=2025-12-31T00:00:00Z&end=2026-01-02T00:00:00Z"
    trace = shipment.story.spans[0].trace_id.hex()
    paths = [
        *(f"/api/{name}?{window}" for name in ("runs", "events", "steps")),
        f"/api/steps/shipment/sorting?{window}",
        f"/api/runs/{shipment.run}",
        f"/api/events/{shipment.event}",
        f"/api/nodes/{shipment.letter}",
        f"/api/nodes/{shipment.steps['sorting']}",
        f"/api/nodes/{shipment.event}/causality?direction=whole",
        f"/api/traces/{trace}",
    ]
    said = {}
    for path in paths:
        response = httpx.get(f"{collector.url}{path}", trust_env=False, timeout=30)
        assert response.status_code == 200, path
        said[path] = response.json()
    return said


def test_another_collector_gives_the_same_answers(collector: LiveCollector, other: LiveCollector) -> None:
    """After an import of what was exported, and after a second one."""
    shipments = [Shipment(number=number, start=number * 1_000) for number in range(3)]
    collector.tell(*(shipment.story for shipment in shipments))
    with CollectorClient(collector.url) as from_, CollectorClient(other.url) as to:
        from_.export(file := BytesIO())
        first = to.import_([file.getvalue()])
        again = to.import_([file.getvalue()])
    assert (first.added["spans"], again.added["spans"], again.rows["spans"]) == (45, 0, 45)
    assert answers(other, shipments[1]) == answers(collector, shipments[1])
    assert sorted(path.name for path in other.database.path.parent.glob("*exchange*")) == []
    assert sorted(path.name for path in collector.database.path.parent.glob("*exchange*")) == []


@pytest.mark.parametrize("body", [b"", b"no tar", bytes(10_240)])
def test_what_is_no_export_is_refused_in_a_sentence(client: CollectorClient, body: bytes) -> None:
    """And nothing of it stays."""
    with pytest.raises(ApiError) as raised:
        client.import_([body])
    assert (raised.value.status, raised.value.code) == (422, "bad_archive")
    assert client.storage().spans == 0


async def test_whoever_hangs_up_amid_an_import_leaves_nothing(
    collector: LiveCollector, caplog: pytest.LogCaptureFixture
) -> None:
    """No file, and no word in the log: it is their own affair."""
    folder = collector.database.path.parent

    def has_begun() -> bool:
        return any(folder.glob("*exchange*"))

    with Peer(collector.url) as peer:
        peer.post("/api/import", 9_999, bytes(99), "application/x-tar")
        await until(has_begun, "an import that has begun")
    await until(lambda: not has_begun(), "nothing that is left")
    with CollectorClient(collector.url) as client:
        client.storage()  # answered after the other request is over
    assert caplog.messages == []


def test_a_page_of_the_web_can_not_import(collector: LiveCollector) -> None:
    """Of what a form can send nothing is taken, not even an export."""
    kinds = ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "")
    for kind in kinds:
        response = httpx.post(
            f"{collector.url}/api/import", headers={"content-type": kind}, content=b"", trust_env=False, timeout=60
        )
        assert response.status_code == 422
        assert response.json()["error"]["code"] == "bad_request"


def test_a_range_that_ends_before_it_begins_is_refused(collector: LiveCollector) -> None:
    """As everywhere."""
    parameters = {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    response = httpx.get(f"{collector.url}/api/export", params=parameters, trust_env=False, timeout=60)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")


def test_a_disk_without_room_is_said(collector: LiveCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the disk is full, and with what is needed."""
    monkeypatch.setattr("collector.store.exchange.workspace.RESERVE", 2**60)
    with CollectorClient(collector.url) as client:
        for ask in (lambda: client.export(BytesIO()), lambda: client.import_([bytes(2**20)] * 17)):
            with pytest.raises(ApiError, match="MiB free, and this needs"):
                ask()


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """And nothing else."""
    path = tmp_path / "causeline.duckdb"
    with open_workspace(path) as left:
        assert left.stat().st_mode & 0o777 == 0o700
        (left / "spans.parquet").touch()
        (tmp_path / "mine").mkdir()
        remove_leftovers(path)
        assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_storage_says_since_when_and_how_much(collector: LiveCollector, client: CollectorClient) -> None:
    """The same on the overview; without a keeper all is kept."""
    assert client.storage().kept_since is None
    collector.tell(Shipment(start=5_000).story)
    stored = client.storage()
    assert stored.kept_since is not None
    assert stored.kept_since.isoformat() == "2026-01-01T00:00:05+00:00"
    assert (stored.spans, stored.logs, stored.points) == (15, 0, 0)
    assert 0 < stored.used_bytes <= stored.file_bytes
    assert (stored.limits, stored.cleaned) == (None, None)
    assert client.overview().storage == stored
    lists = (client.runs(), client.events(), client.steps(), client.traces())
    assert {page.kept_since for page in lists} == {stored.kept_since}
