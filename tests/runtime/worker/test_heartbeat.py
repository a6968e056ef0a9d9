"""Leases are kept alive while work goes on, even where it never yields the event loop."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import redis

from runtime.testing import Recorder
from runtime.worker.heartbeat import Heartbeat
from tests.contract.backends import BusBackend, Clients, StateBackend
from tests.contract.made import CHANNEL, event, run
from tests.runtime.telemetry.samples import delivery_begun
from tests.waiting import until

LEASE = 0.3
LEASE_MS = 300


@pytest.fixture
async def clients(redis_url: str) -> AsyncIterator[Clients]:
    async with Clients(redis_url) as made:
        yield made


@contextmanager
def beating(url: str, state: StateBackend) -> Iterator[Heartbeat]:
    """A heartbeat of worker `w1`."""
    client = redis.Redis.from_url(url, protocol=2)
    heartbeat = Heartbeat(client, "w1", state.store.keys, [(CHANNEL, "sms")], LEASE)
    heartbeat.start()
    try:
        yield heartbeat
    finally:
        heartbeat.stop()


async def held(backend: BusBackend) -> None:
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))


async def test_a_delivery_under_way_keeps_its_lease(redis_url: str, clients: Clients):
    """Longer than one lease; once it is let go, another may take it."""
    backend, state = clients.bus(), clients.store()
    await held(backend)
    delivery = await backend.one("sms")
    with beating(redis_url, state) as heartbeat:
        with heartbeat.hold(delivery) as one:
            assert heartbeat.holds(delivery)
            await until(lambda: one.beats > 5)
            assert await backend.bus.reclaim(CHANNEL, "sms", "w2", LEASE_MS, 10) == []
        assert not heartbeat.holds(delivery)

        async def taken() -> bool:
            return bool(await backend.bus.reclaim(CHANNEL, "sms", "w2", LEASE_MS, 10))

        await until(taken)


async def test_an_entry_is_held_by_its_group_alone(redis_url: str, clients: Clients):
    """Groups of one channel share its entries' ids, and streams may."""
    backend, state = clients.bus(), clients.store()
    await backend.bus.subscribe(CHANNEL, "books", "{}")
    await held(backend)
    sms, books = await backend.one("sms"), await backend.one("books")
    others = [books, replace(sms, channel="other"), replace(sms, is_retry=True)]
    with beating(redis_url, state) as heartbeat, heartbeat.hold(sms):
        assert books.entry == sms.entry
        assert heartbeat.holds(replace(sms, reclaimed=True))
        assert [heartbeat.holds(other) for other in others] == [False, False, False]


async def test_renewing_counts_no_delivery_and_takes_nothing_back(redis_url: str, clients: Clients):
    """What another has reclaimed stays with it."""
    backend, state = clients.bus(), clients.store()
    await held(backend)
    delivery = await backend.one("sms")
    await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 10)
    with beating(redis_url, state) as heartbeat, heartbeat.hold(delivery) as one:
        await until(lambda: one.beats > 2)
    (pending,) = await backend.client.xpending_range("causeline:1:{shipment.delivered.0}:s", "sms", "-", "+", 10)
    assert pending["consumer"] == b"w2"


async def test_a_step_under_way_keeps_its_lease(redis_url: str, clients: Clients):
    """Longer than one lease; and one that is lost is not taken back."""
    state = clients.store()
    await state.store.start(run())
    (task,) = await state.store.due(1)
    claim = await state.store.claim(task, "t1", LEASE_MS, [])
    assert claim is not None
    with beating(redis_url, state) as heartbeat, heartbeat.hold(claim) as one:
        await until(lambda: one.beats > 5)
        assert await state.store.claim(task, "t2", LEASE_MS, []) is None
    assert await until(lambda: state.store.claim(task, "t3", LEASE_MS, [])) is not None


async def test_a_worker_is_alive_while_its_heart_beats(redis_url: str, clients: Clients):
    """To its app and to its groups; gone at once when it says goodbye."""
    backend, state = clients.bus(), clients.store()
    await held(backend)
    with beating(redis_url, state):
        assert await state.store.workers(LEASE_MS) == 1
        assert (await backend.ledger("sms")).consumers == 1
    assert await state.store.workers(LEASE_MS) == 0
    assert (await backend.ledger("sms")).consumers == 0


async def test_work_that_goes_on_is_told_as_pending_from_the_second_beat_on(redis_url: str, clients: Clients):
    """Short work is not."""
    backend, state = clients.bus(), clients.store()
    await held(backend)
    attempt = Recorder().open(delivery_begun())
    with beating(redis_url, state) as heartbeat, heartbeat.hold(await backend.one("sms")) as one:
        one.attempt = attempt
        await until(lambda: one.beats == 1)
        seen = attempt.pendings
        await until(lambda: one.beats >= 4)
        assert (seen, attempt.pendings >= 2) == (0, True)
