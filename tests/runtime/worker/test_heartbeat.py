"""Leases and presence are kept alive while work goes on, even where it never yields the event loop."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from runtime.bus.deliveries import Delivery
from runtime.client.backend import Backend
from runtime.errors import ServerUnavailableError
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.state.presence import WorkerActivity, WorkerRecord
from runtime.state.tasks import Claim, token_of
from runtime.testing import FakeClock, Recorder
from runtime.worker import heartbeat as heartbeating
from runtime.worker.heartbeat import Connect, Heartbeat, make_connector
from tests.contract.made import CHANNEL, event, run
from tests.runtime.telemetry.samples import delivery_begun
from tests.waiting import until, until_sync

LEASE = 0.6
LEASE_MS = 600
ME = WorkerRecord("w1", "host", 7, 16, "1", 1)


@contextmanager
def beating(settings: Settings, connect: Connect | None = None) -> Iterator[Heartbeat]:
    """A heartbeat of worker `w1`."""
    assert settings.redis_url is not None
    opens = connect or make_connector(settings.redis_url, "logistics", settings)
    heartbeat = Heartbeat(opens, ME, [(CHANNEL, "sms")], LEASE)
    heartbeat.start()
    try:
        yield heartbeat
    finally:
        heartbeat.stop()


@pytest.fixture
async def delivery(backend: Backend) -> Delivery:
    """A delivery that `w1` has read."""
    await backend.bus.subscribe(CHANNEL, "sms", schema="{}", app="logistics")
    await backend.bus.publish(event(1))
    (delivery,) = await backend.bus.read(CHANNEL, "sms", "w1", 1, 20)
    return delivery


@pytest.fixture
async def claim(backend: Backend) -> Claim:
    """A step that `w1` has claimed."""
    await backend.store.start(run())
    (task,) = await backend.store.list_due(1)
    claim = await backend.store.claim(task, token_of("w1", "1"), LEASE_MS, [])
    assert claim is not None
    return claim


async def test_a_delivery_under_way_keeps_its_lease(settings: Settings, backend: Backend, delivery: Delivery):
    """Longer than one lease; once it is let go, its lease ends."""
    with beating(settings) as heartbeat:
        with heartbeat.hold(delivery) as one:
            await until(lambda: one.beats > 3)
            assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 0
        await until(lambda: backend.bus.expire(CHANNEL, "sms", LEASE_MS))


async def test_it_says_when_leases_may_be_over(settings: Settings, backend: Backend, monkeypatch: pytest.MonkeyPatch):
    """While it renews they are not; when none was renewed for as long as one is worth they may be."""
    with beating(settings) as heartbeat:
        assert not heartbeat.is_overdue
        renewed = heartbeat._renewed
        await until(lambda: heartbeat._renewed > renewed)
        heartbeat.stop()
        await until(lambda: heartbeat.is_overdue)


async def test_a_step_under_way_keeps_its_lease(settings: Settings, backend: Backend, claim: Claim):
    """Longer than one lease; once it is let go, another may claim it."""

    async def over() -> bool:
        return bool(await backend.store.list_due(1))

    with beating(settings) as heartbeat:
        with heartbeat.hold(claim) as one:
            await until(lambda: one.beats > 3)
            assert not await over()
        await until(over)


async def test_it_says_which_work_another_worker_has_taken_over(settings: Settings, backend: Backend, claim: Claim):
    """For as long as that is under way here; leases that are renewed since change nothing about it."""
    with beating(settings) as heartbeat:
        with heartbeat.hold(claim) as one:
            assert not heartbeat.has_lost(claim)
            await backend.store.forfeit("w1", "lost")
            await until(lambda: heartbeat.has_lost(claim))
            beats = one.beats
            await until(lambda: one.beats > beats)
            assert (heartbeat.has_lost(claim), heartbeat.is_overdue) == (True, False)
        assert not heartbeat.has_lost(claim)


async def test_work_that_never_yields_the_event_loop_keeps_its_lease(
    settings: Settings, backend: Backend, delivery: Delivery
):
    """Somebody calls a sync client in an async function."""
    with beating(settings) as heartbeat, heartbeat.hold(delivery) as one:
        until_sync(lambda: one.beats > 3)
        assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 0


async def test_what_somebody_else_has_taken_is_not_taken_back(
    settings: Settings, backend: Backend, delivery: Delivery, claim: Claim, caplog: pytest.LogCaptureFixture
):
    """It is only said that what the work makes will be refused."""
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost") == 1
    assert await backend.store.forfeit("w1", "lost") == 1
    caplog.set_level(logging.DEBUG, "causeline.heartbeat")
    with beating(settings) as heartbeat, heartbeat.hold(delivery), heartbeat.hold(claim) as one:
        await until(lambda: one.beats > 2)
    await backend.bus.promote(CHANNEL, "sms")
    [again] = await backend.bus.read(CHANNEL, "sms", "w2", 1, 20)
    assert again.id == delivery.id
    assert len(await backend.store.suspects(9)) == 1
    assert caplog.text.count("what it makes will be refused") >= 4


async def test_a_worker_is_there_while_its_heart_beats(settings: Settings, backend: Backend, delivery: Delivery):
    """With what it says of itself, renewed each second; gone at once when it says goodbye."""
    with beating(settings):
        [seen] = await backend.presence.workers()
        assert seen.record == ME
        assert await backend.presence.count_live_workers(1_000) == 1

        async def renewed() -> bool:
            [again] = await backend.presence.workers()
            return again.silent_ms < seen.silent_ms + 50

        await until(renewed)
    assert await backend.presence.workers() == []


async def test_work_that_goes_on_is_told_as_pending_from_the_second_beat_on(
    settings: Settings, backend: Backend, delivery: Delivery
):
    """Short work is not."""
    attempt = Recorder().open(delivery_begun())
    with beating(settings) as heartbeat, heartbeat.hold(delivery) as one:
        one.attempt = attempt
        await until(lambda: one.beats == 1)
        seen = attempt.pendings
        await until(lambda: one.beats >= 4)
        assert (seen, attempt.pendings >= 2) == (0, True)


class Flaky:
    """Opens a backend whose presence fails at each second sign of life."""

    def __init__(self, settings: Settings, error: Exception) -> None:
        assert settings.redis_url is not None
        self._connect = make_connector(settings.redis_url, "logistics", settings)
        self._error = error
        self.beats = 0
        self.is_away = False

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Backend]:
        async with self._connect() as backend:
            beat = backend.presence.beat

            async def flaky(consumer: str, *doing: WorkerActivity) -> None:
                self.beats += 1
                if self.is_away or self.beats % 2:
                    raise self._error
                await beat(consumer, *doing)

            backend.presence.beat = flaky
            yield backend


async def test_leases_are_renewed_in_time_also_where_the_server_lets_a_beat_wait(
    settings: Settings, backend: Backend, claim: Claim, monkeypatch: pytest.MonkeyPatch
):
    """By how long it took, and not by how long it was to take: one beat may last as long as twenty."""
    clock, calls = FakeClock(), list[str]()
    assert settings.redis_url is not None
    opens = make_connector(settings.redis_url, "logistics", settings)

    @asynccontextmanager
    async def slowly() -> AsyncIterator[Backend]:
        async with opens() as opened:
            beat, renew = opened.presence.beat, opened.store.renew

            async def slow_beat(consumer: str, *doing: WorkerActivity) -> None:
                clock.turn(21)
                calls.append("beat")
                await beat(consumer, *doing)

            async def noted(*given: Any) -> Any:
                calls.append("renewal")
                return await renew(*given)

            monkeypatch.setattr(opened.presence, "beat", slow_beat)
            monkeypatch.setattr(opened.store, "renew", noted)
            yield opened

    monkeypatch.setattr(heartbeating, "time", clock)
    monkeypatch.setattr(heartbeating, "SIGN_EVERY", 0.01)
    heartbeat = Heartbeat(slowly, ME, [], lease=30)
    heartbeat.start()
    try:
        with heartbeat.hold(claim):
            await until(lambda: len(calls) > 6)
    finally:
        heartbeat.stop()
    assert calls[:6] == ["beat", "renewal"] * 3


@pytest.mark.parametrize("error", [ServerUnavailableError("away"), KeyError("nobody thought of it")])
async def test_a_beat_that_fails_is_followed_by_the_next(
    settings: Settings, backend: Backend, delivery: Delivery, error: Exception, caplog: pytest.LogCaptureFixture
):
    """Whatever it is: a heart that stops is a worker that looks dead."""
    flaky = Flaky(settings, error)
    flaky.beats = 1  # the first, with which it joins, is well
    with beating(settings, flaky) as heartbeat, heartbeat.hold(delivery) as one:
        await until(lambda: flaky.beats > 6 and one.beats > 2)
        assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 0
    assert "a heartbeat was lost" in caplog.text


async def test_an_outage_that_lasts_is_told_of_once(settings: Settings, caplog: pytest.LogCaptureFixture):
    """And the next one anew, however soon it comes."""
    flaky = Flaky(settings, ServerUnavailableError("away"))

    def told() -> int:
        return sum("a heartbeat was lost" in record.getMessage() for record in caplog.records)

    flaky.beats = 1  # the first, with which it joins, is well
    with beating(settings, flaky):
        flaky.is_away = True
        await until(lambda: flaky.beats > 8)
        assert told() == 1
        flaky.is_away = False
        flaky.beats = 0  # every second one fails
        await until(lambda: flaky.beats > 6)
    assert told() >= 3


async def test_leases_are_renewed_on_a_server_that_is_full(
    settings: Settings, backend: Backend, clients: Clients, delivery: Delivery, claim: Claim
):
    """Whatever else it refuses: what is under way is what makes room. A worker that comes meanwhile is announced once
    there is some."""
    await clients.commands.config_set("maxmemory", 1)
    try:
        with beating(settings) as heartbeat, heartbeat.hold(delivery), heartbeat.hold(claim) as one:
            await until(lambda: one.beats > 4)
            assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 0
            assert await backend.store.list_due(1) == []
            await clients.commands.config_set("maxmemory", 0)

            async def announced() -> bool:
                return [seen.record for seen in await backend.presence.workers()] == [ME]

            await until(announced)
    finally:
        await clients.commands.config_set("maxmemory", 0)


async def test_a_heart_that_can_not_begin_says_why(settings: Settings):
    """And leaves no thread behind."""
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    with pytest.raises(ServerUnavailableError), beating(away):
        pass
    await until(lambda: not [one for one in threading.enumerate() if one.name == "causeline-heartbeat"])


@pytest.mark.parametrize("moment", ["before its start", "while it connects"])
async def test_a_heart_that_is_stopped_before_it_beats_never_does(settings: Settings, backend: Backend, moment: str):
    """Its start was given up half-way: a worker that does nothing must not look alive."""
    connecting_, go_on = threading.Event(), threading.Event()
    assert settings.redis_url is not None
    opens = make_connector(settings.redis_url, "logistics", settings)

    @asynccontextmanager
    async def slowly() -> AsyncIterator[Backend]:
        connecting_.set()
        await asyncio.to_thread(go_on.wait, 20)
        async with opens() as opened:
            yield opened

    heartbeat = Heartbeat(slowly, ME, [], LEASE)
    if moment == "before its start":
        heartbeat.stop()
    starting = threading.Thread(target=heartbeat.start)
    starting.start()
    if moment == "while it connects":
        await until(connecting_.is_set)
        stopping = threading.Thread(target=heartbeat.stop)
        stopping.start()
        go_on.set()
        stopping.join(20)
    go_on.set()
    starting.join(20)
    assert not starting.is_alive()
    assert await backend.presence.workers() == []
    await until(lambda: not [one for one in threading.enumerate() if one.name == "causeline-heartbeat"])
