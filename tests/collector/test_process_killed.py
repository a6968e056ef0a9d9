"""kill -9 at random moments, while all three encodings bring all signals: what was acknowledged is there, and once."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from collector.otlp.signals import SIGNALS
from tests.collector import forked, marked
from tests.collector.live import PROTOBUF
from tests.collector.persistent import RECORDS, Senders, marks
from tests.collector.shipment import Shipment
from tests.collector.story import MS, ORIGIN_NS
from tests.servers import free_port
from tests.waiting import until_sync

SEED = 2026
SPANS = len(Shipment().story.spans)
DAY_MS = 86_400_000.0

#: Seconds that anything may take in which a collector comes back.
LONG = 90.0

#: Moments of a death, and how often each is chosen: while it starts, while it takes what comes, when a quiet moment has
#: come and the log is folded into the file.
MOMENTS = {"starting": 3, "working": 5, "folding": 2}


class Killed:
    """A collector that is killed and started again, at the same addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = (free_port(), free_port())
        self.deaths: Counter[str] = Counter()
        self._environment = {
            "CAUSELINE_HOME": str(folder),
            "CAUSELINE_DATABASE": str(folder / "causeline.duckdb"),
            "CAUSELINE_REDIS_URL": "redis://127.0.0.1:1",  # nobody listens there
            "CAUSELINE_COLLECTOR_PORT": str(self.ports[0]),
            "CAUSELINE_GRPC_PORT": str(self.ports[1]),
            "CAUSELINE_RETENTION_DAYS": "10",
            "CAUSELINE_RETENTION_INTERVAL": "0.3",
        }
        self.start()

    @property
    def said(self) -> str:
        """What all of them said."""
        return (self.folder / "said").read_text()

    def listens(self) -> None:
        """Waits until it does."""
        url = f"http://127.0.0.1:{self.ports[0]}/healthz"

        def answers() -> bool:
            assert self.process.is_alive(), f"it ended by itself with {self.process.exitcode}: {self.said[-2000:]}"
            try:
                return httpx.get(url, trust_env=False, timeout=60).status_code == 200
            except httpx.TransportError:
                return False

        until_sync(answers, "the collector answers", LONG)

    def die(self, moment: str) -> None:
        """Kills it, and starts another at once."""
        assert self.process.is_alive(), f"it ended by itself with {self.process.exitcode}: {self.said[-2000:]}"
        self.process.kill()
        self.process.join()
        self.deaths[moment] += 1
        self.start()

    def start(self) -> None:
        """Starts another in its place."""
        self.process = forked.start(self.folder, self._environment)

    def end(self) -> None:
        """Ends it in order."""
        self.process.terminate()
        self.process.join(LONG)
        assert self.process.exitcode == 0, self.said[-2000:]


class OldSender(threading.Thread):
    """Sends what is too old to be kept, so that something is removed all the time."""

    def __init__(self, port: int) -> None:
        super().__init__(name="old", daemon=True)
        self.ending = threading.Event()
        self._url = f"http://127.0.0.1:{port}/v1/traces"

    def run(self) -> None:
        """Sends until it is told to end; nobody minds what fails."""
        number = 0
        while not self.ending.wait(0.1):
            number += 1
            start = (time.time_ns() - ORIGIN_NS) / MS - 20 * DAY_MS
            story = Shipment(number=number, start=start).story
            try:
                httpx.post(self._url, content=story.request(), headers=PROTOBUF, trust_env=False, timeout=60)
            except httpx.TransportError:
                continue


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Killed]:
    """A collector that is gone after the test."""
    killed = Killed(tmp_path)
    yield killed
    killed.process.kill()
    killed.process.join()


def await_moment(moment: str, killed: Killed, senders: Senders, chance: random.Random) -> None:
    """Waits until the moment has come."""
    if moment == "starting":
        _pass(chance.uniform(0, 2))
        return
    killed.listens()
    before = senders.acknowledged
    enough = before + chance.randrange(1, 10)
    until_sync(lambda: senders.acknowledged >= enough, "something was acknowledged", LONG)
    if moment == "folding":
        senders.rest.clear()
        _pass(chance.uniform(1.8, 2.8))
        return
    _pass(chance.uniform(0, 0.3))


def _pass(seconds: float) -> None:
    """Lets time pass: a moment by the clock is what is to be tried."""
    moment = time.monotonic() + seconds
    until_sync(lambda: time.monotonic() >= moment, "time passes", seconds + LONG)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("deaths", [3, pytest.param(100, marks=pytest.mark.battery)])
def test_what_was_acknowledged_is_there_once_however_often_it_is_killed(deaths: int, killed: Killed) -> None:
    """Spans, log records and data points; over HTTP in both encodings and over gRPC, with gzip and without; while old
    ones are removed. A request whose answer was lost is there whole, or not at all."""
    chance = random.Random(SEED)
    killed.listens()
    senders, old = Senders(killed.ports), OldSender(killed.ports[0])
    old.start()
    moments = [*MOMENTS, *chance.choices(list(MOMENTS), list(MOMENTS.values()), k=deaths)][:deaths]
    for moment in moments:
        await_moment(moment, killed, senders, chance)
        killed.die(moment)
        senders.rest.set()
    killed.listens()
    until_sync(lambda: all(senders.acknowledged_by_sender().values()), "all were acknowledged something", LONG)
    senders.end()
    old.ending.set()
    old.join()
    killed.end()
    assert "Traceback" not in killed.said

    check(killed.folder / "causeline.duckdb", senders)
    repeated = sum(sender.books.repeated for sender in senders.all)
    print(f"{dict(killed.deaths)}; {dict(senders.acknowledged_by_sender())} acknowledged, {repeated} repeated")


def check(path: Path, senders: Senders) -> None:
    """What is stored is what was promised."""
    for one in SIGNALS:
        acknowledged, given_up = marks(senders.all, one)
        there = marked.counts(path, one)
        odd = {mark: there.get(mark, 0) for mark in acknowledged if there.get(mark) != RECORDS}
        assert odd == {}, f"{one.name} that were acknowledged, and are not there once: {odd}"
        odd = {mark: there[mark] for mark in given_up if there.get(mark, RECORDS) != RECORDS}
        assert odd == {}, f"{one.name} that are there in part: {odd}"
    with duckdb.connect(path, read_only=True) as connection:
        halves = "SELECT subject FROM spans WHERE subject IS NOT NULL GROUP BY subject HAVING count(*) <> $whole"
        assert connection.execute(halves, {"whole": SPANS}).fetchall() == []
        orphans = "SELECT count(*) FROM span_events ANTI JOIN spans USING (trace_id, span_id)"
        assert connection.execute(orphans).fetchall() == [(0,)]
