"""A poll costs little: what has not changed is neither asked of the database nor sent again."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from collector.alerts import engine
from collector.api import conditional_requests
from collector.client import CollectorClient
from collector.store.database import Session
from tests.collector.api.test_operations import letter
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import CHANNEL, Shipment


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time ranges that end now stand still for a test, and nobody looks after alerts, which asks and stores."""
    monkeypatch.setattr(engine, "FIRST_LOOK", 1e6)
    monkeypatch.setattr(conditional_requests, "SLIDE_SECONDS", 10**9)
    monkeypatch.setattr(conditional_requests, "AGE_SECONDS", 1e9)


@pytest.fixture
def shipment(collector: LiveCollector, bus: MemoryBus) -> Shipment:
    """One that the store and the bus know."""
    shipment = Shipment()
    collector.tell(shipment.story)
    bus.accept(shipment.run, status="failed")
    bus.owe(CHANNEL, "sms", dead=1, consumers=1)
    bus.put(letter(1))
    return shipment


def paths(shipment: Shipment) -> list[str]:
    """Every route that is read, with an id where it takes one."""
    trace = shipment.story.spans[0].trace_id.hex()
    return [
        "/api/overview",
        "/api/runs",
        f"/api/runs/{shipment.run}",
        "/api/events",
        f"/api/events/{shipment.event}",
        f"/api/nodes/{shipment.event}",
        f"/api/nodes/{shipment.letter}",
        f"/api/nodes/{shipment.event}/causality",
        "/api/traces",
        f"/api/traces/{trace}",
        "/api/steps",
        "/api/steps/one?workflow=shipment&step=sorting",
        "/api/channels",
        "/api/ledger",
        "/api/workers",
        "/api/dead-letters",
        "/api/dead-letters/summary",
        f"/api/dead-letters/{letter(1).id}",
        "/api/audit",
    ]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The queries that run within."""
    asked: list[str] = []
    rows = Session.rows
    with monkeypatch.context() as patch:
        patch.setattr(Session, "rows", lambda self, query, **values: asked.append(query) or rows(self, query, **values))
        yield asked


def test_every_route_tells_what_is_known_without_asking_the_database(
    collector: LiveCollector, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the token of the answer before; something stored makes it another. A dead letter's node is one more look,
    and so is the audit, for what was done to alerts."""
    with httpx.Client(base_url=collector.url, trust_env=False, timeout=60) as http:
        tokens = {path: http.get(path).headers["etag"] for path in paths(shipment)}
        with counted(monkeypatch) as asked:
            for path, token in tokens.items():
                again = http.get(path, headers={"if-none-match": f'W/"x", {token}'})
                assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", token), path
                if path not in (f"/api/nodes/{shipment.letter}", "/api/audit"):
                    assert asked == [], path
                asked.clear()
        collector.tell(Shipment(number=2).story)
        of_the_bus = ("channels", "workers", "dead-letters", "audit")
        for path, token in tokens.items():
            status = http.get(path, headers={"if-none-match": token}).status_code
            assert status == (304 if path.split("/")[2] in of_the_bus else 200), path


def test_what_changes_on_the_bus_changes_answers(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus, shipment: Shipment
) -> None:
    """Though nothing was stored."""
    waiting = ["/api/overview", "/api/channels", "/api/ledger"]
    letters = ["/api/dead-letters", "/api/dead-letters/summary", "/api/audit", f"/api/dead-letters/{letter(1).id}"]
    with httpx.Client(base_url=collector.url, trust_env=False, timeout=60) as http:

        def changed(paths: list[str]) -> list[int]:
            return [http.get(path, headers={"if-none-match": tokens[path]}).status_code for path in paths]

        tokens = {path: http.get(path).headers["etag"] for path in (*waiting, *letters, f"/api/runs/{shipment.run}")}
        bus.owe(CHANNEL, "sms", dead=2, consumers=1)
        assert changed(waiting) == [200] * 3
        client.replay([str(letter(1).id)], "ada")
        assert changed(letters) == [200] * 4
        client.resume_run(str(shipment.run), "ada")
        assert changed([f"/api/runs/{shipment.run}"]) == [200]


def test_a_range_that_ends_now_moves_on(
    collector: LiveCollector, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One with an end, or a page of a list, does not."""
    moved = {"/api/runs": 200, "/api/runs?last=24h": 200, "/api/runs?end=2027-01-01T00:00:00Z": 304}
    with httpx.Client(base_url=collector.url, trust_env=False, timeout=60) as http:
        tokens = {path: http.get(path).headers["etag"] for path in moved}
        monkeypatch.setattr(conditional_requests, "SLIDE_SECONDS", 10**8)
        for path, status in moved.items():
            assert http.get(path, headers={"if-none-match": tokens[path]}).status_code == status, path


def test_the_client_asks_for_what_has_changed(
    collector: LiveCollector, client: CollectorClient, shipment: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that is known is the same object; other parameters are another question."""
    first = client.runs(last="all")
    with counted(monkeypatch) as asked:
        assert client.runs(last="all") is first
        assert asked == []
    assert client.runs(last="all", limit=7) is not first
    collector.tell(Shipment(number=2).story)
    assert len(client.runs(last="all").items) == 2
