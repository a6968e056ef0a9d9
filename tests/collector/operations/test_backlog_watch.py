"""A queue that is long and moves is told from one that stands, by whoever looks."""

import asyncio
from dataclasses import replace

import pytest

from collector.client import CollectorClient
from collector.operations import backlog_watch
from collector.operations.backlog_watch import BacklogWatch
from collector.operations.link import OperationsLink
from runtime.admin import AppBacklog, AppWorker, DueStep
from runtime.state.presence import WorkerRecord, WorkerSighting
from runtime.state.runs import RunBacklog
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import uid
from tests.waiting import until


class Time:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(collector: LiveCollector) -> Time:
    """The watch's."""
    clock = Time()
    for motion in (collector.watch._groups, collector.watch._queues):
        motion._clock = clock
    return clock


def owed(bus: MemoryBus, **facts: int) -> None:
    """What the only group owes now."""
    bus.ledger.clear()
    bus.owe("c", "g", **facts)
    (ledger,) = bus.ledger
    (group,) = ledger.groups
    bus.ledger[0] = replace(ledger, groups=(replace(group, app="shop", oldest_unprocessed_ms=60_000),))


def due(bus: MemoryBus, first: str, count: int = 3) -> None:
    """Which run's step is due the longest now; both slots of the only worker are taken."""
    oldest = DueStep(uid(first), "order", "pay", 60_000)
    bus.queues = [AppBacklog(RunBacklog("shop", count, 2, 0, oldest), workers=1)]
    bus.seen = [AppWorker("shop", WorkerSighting(WorkerRecord("w1", "host", 7, 2, "", 0), 100))]


def titles(client: CollectorClient) -> list[str]:
    """What is wrong now."""
    return [problem.title for problem in client.overview().problems]


def test_a_group_stands_when_nothing_of_it_moves_for_half_a_minute(
    client: CollectorClient, bus: MemoryBus, clock: Time
) -> None:
    """Whatever comes in; as soon as one is done, or begins, it moves."""
    standing = "{} events on c wait for g, and nothing moves"
    owed(bus, pending=5)
    assert titles(client) == []
    for clock.now in (10.0, 20.0):
        assert titles(client) == []
    clock.now = 30.0
    assert titles(client) == [standing.format(5)]
    owed(bus, pending=6)
    assert titles(client) == [standing.format(6)]
    assert client.channels().items[0].groups[0].unmoved_seconds == 30.0
    owed(bus, pending=5, done=1)
    assert titles(client) == []


def test_steps_stand_when_the_same_one_stays_the_first(client: CollectorClient, bus: MemoryBus, clock: Time) -> None:
    """In a queue of a minute that moves each has its turn, and no look finds the same one for half of that."""
    for number in range(9):
        clock.now = number * 10.0
        due(bus, f"run {number}")
        assert titles(client) == []
    for clock.now in (90.0, 100.0):
        due(bus, "run 8", count=7)
        assert titles(client) == []
    clock.now = 110.0
    assert titles(client) == ["7 steps of shop wait, and nobody takes the first"]
    (problem,) = client.overview().problems
    assert "All 2 slots of 1 worker are taken, by 2 attempts that go on" in problem.detail


async def test_it_looks_by_itself_while_somebody_is_connected(bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never connects by itself, and a bus that goes away does not end it."""
    monkeypatch.setattr(backlog_watch, "LOOK_EVERY", 0.001)
    looks: list[int] = []
    channels = bus.channels

    async def counted() -> object:
        looks.append(1)
        return await channels()

    monkeypatch.setattr(bus, "channels", counted)
    asked: list[int] = []

    def is_connected(link: OperationsLink) -> bool:
        asked.append(1)
        return link._operations is not None

    monkeypatch.setattr(OperationsLink, "is_connected", property(is_connected))

    async def connect() -> MemoryBus:
        await bus.ping()
        return bus

    link = OperationsLink(connect)
    looking = asyncio.create_task(BacklogWatch(link).poll_forever())
    await until(lambda: len(asked) > 2)
    assert looks == []
    async with link.use():
        pass
    await until(lambda: len(looks) > 2)
    bus.away = "gone"
    await until(lambda: not link.is_connected)
    bus.away = ""
    link._failed_at = float("-inf")  # as if the pause were over
    async with link.use():
        seen = len(looks)
    await until(lambda: len(looks) > seen)
    looking.cancel()


async def test_a_failure_that_nobody_thought_of_does_not_end_the_looking(
    bus: MemoryBus, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says where it was, and the next look comes."""
    monkeypatch.setattr(backlog_watch, "LOOK_EVERY", 0.001)
    looks: list[int] = []

    async def broken() -> list[object]:
        looks.append(1)
        raise LookupError("a field that nobody knows")

    monkeypatch.setattr(bus, "channels", broken)

    async def connect() -> MemoryBus:
        return bus

    link = OperationsLink(connect)
    async with link.use():
        pass
    looking = asyncio.create_task(BacklogWatch(link).poll_forever())
    await until(lambda: len(looks) > 1)
    looking.cancel()
    assert "a field that nobody knows" in caplog.text
    assert "in broken" in caplog.text
