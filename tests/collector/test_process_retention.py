"""The collector as a process that keeps its store within its limits, while spans come in without a pause."""

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from collector.client import CollectorClient
from tests.collector.live import PROTOBUF
from tests.collector.process import Process
from tests.collector.shipment import Shipment
from tests.collector.story import MS, ORIGIN_NS
from tests.waiting import until

SPANS = len(Shipment().story.spans)
NOW_MS = (time.time_ns() - ORIGIN_NS) / MS
DAY_MS = 86_400_000.0
#: Seconds between two requests: the cleaning rests three times as long as it works, and works longer beside others.
PAUSE = 0.05


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A collector that looks all the time for what is older than ten days."""
    process = Process(tmp_path, CAUSELINE_RETENTION_DAYS="10", CAUSELINE_RETENTION_INTERVAL="0.5")
    yield process
    process.remove()


class Sender(threading.Thread):
    """Sends shipments, old ones and new ones, until it is stopped; each answer has to be a success."""

    def __init__(self, url: str) -> None:
        super().__init__(name="sender")
        self.url = url
        self.sent = {True: 0, False: 0}
        self.refused: list[int] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        """Sends one after the other."""
        with httpx.Client(timeout=60) as http:
            while not self.stopping.wait(PAUSE):
                number = sum(self.sent.values())
                old = number % 3 > 0
                shipment = Shipment(number=number, start=NOW_MS - (20 * DAY_MS if old else 0))
                answer = http.post(f"{self.url}/v1/traces", content=shipment.story.request(), headers=PROTOBUF)
                if answer.status_code == 200:
                    self.sent[old] += 1
                else:
                    self.refused.append(answer.status_code)


async def test_what_is_old_goes_while_spans_come_in(tmp_path: Path, process: Process) -> None:
    """Several times over; nothing is refused, what is young stays to the last span, and the answers say since when."""
    url = process.address()
    sender = Sender(url)
    with CollectorClient(url) as client:
        sender.start()
        try:
            cleanings: set[object] = set()

            def cleaned() -> bool:
                last = client.storage().cleaned
                if last is not None and last.spans:
                    cleanings.add(last.at)
                return len(cleanings) >= 2

            await until(cleaned, "two cleanings that removed something", patience=60)
        finally:
            sender.stopping.set()
            sender.join()
        young = sender.sent[False] * SPANS
        await until(lambda: client.storage().spans == young, "nothing but what is young", patience=60)
        stored = client.overview().storage
    assert stored is not None
    assert stored.kept_since is not None
    assert (stored.kept_since.timestamp() * 1000 - ORIGIN_NS / MS - NOW_MS) < DAY_MS
    assert sender.refused == []
    assert sender.sent[True] > 0

    assert process.end(signal.SIGTERM) == (0, "")
    with duckdb.connect(tmp_path / "causeline.duckdb") as connection:
        halves = "SELECT subject FROM spans GROUP BY subject HAVING count(*) <> $whole"
        assert connection.execute(halves, {"whole": SPANS}).fetchall() == []
        orphans = "SELECT count(*) FROM span_events ANTI JOIN spans USING (trace_id, span_id)"
        assert connection.execute(orphans).fetchall() == [(0,)]
        assert connection.execute("SELECT count(*) FROM resources").fetchall() == [(1,)]
