"""Work goes on whose worker is gone, or whose lease is over; who is only slow or cut off for a while keeps it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from runtime.client.backend import Backend
from runtime.errors import CommandRefusedError, ServerUnavailableError
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.state.keys import StateKeys
from runtime.state.presence import WorkerRecord
from runtime.testing import FakeClock, Recorder
from runtime.worker.recovery_loop import SILENT_MS, RecoveryLoop
from runtime.worker.worker import Worker
from tests.runtime.proxy import Proxy
from tests.runtime.worker.bench import NAME, WELL, Bench
from tests.runtime.worker.conftest import KINDS
from tests.waiting import until

SILENCE = SILENT_MS / 1000 + 0.001


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.worker.recovery_loop.LOOK_EVERY", 0.001)


class Neighbour:
    """Another worker of the app, on a connection of its own."""

    def __init__(self, url: str, settings: Settings, consumer: str, *, is_cell: bool = False) -> None:
        self.consumer = consumer
        self._record = WorkerRecord(consumer, "host", 7, 16, "", 1, cells=True, is_cell=is_cell)
        self._clients = Clients.of(url)
        self._presence = Backend.for_app(self._clients, "logistics", settings).presence

    async def join(self) -> None:
        await self._presence.join(self._record)

    async def fall_silent(self) -> None:
        """Gave its last sign of life a minute ago."""
        seconds, _ = await self._clients.commands.time()
        await self._clients.commands.zadd(StateKeys("logistics").live, {self.consumer: (seconds - 60) * 1000})

    async def die(self) -> None:
        """Its connections end."""
        await self.fall_silent()
        await self._clients.close()


@asynccontextmanager
async def neighbour(bench: Bench, consumer: str = "other", *, is_cell: bool = False) -> AsyncIterator[Neighbour]:
    assert bench.settings.redis_url is not None
    one = Neighbour(bench.settings.redis_url, bench.settings, consumer, is_cell=is_cell)
    await one.join()
    yield one
    await one.die()


def recovery(bench: Bench) -> RecoveryLoop:
    """The loop of a worker that does nothing else."""
    return Worker(bench.app.session)._recovery


async def test_what_a_worker_held_that_is_gone_goes_on(timed: Bench, clock: FakeClock):
    """Its connection has ended, and nothing was heard of it; what it had not begun, nobody is asked about."""
    timed.work()(lambda order: None)
    async with timed.app.client(), neighbour(timed) as other:
        await timed.begin(1)
        await timed.takes(other.consumer)
        await other.die()
        loop = recovery(timed)
        await loop.run_once()
        assert await timed.app.session.presence.workers()
        clock.turn(SILENCE)
        await loop.run_once()
        assert await timed.app.session.presence.workers() == []
        async with timed.app:
            assert await timed.ended() == WELL
    assert [outcome for _, outcome in timed.outcomes] == ["lost", "ok"]


@pytest.mark.parametrize("what", ["is silent", "has lost its connection"])
async def test_a_worker_that_is_only_half_gone_keeps_what_it_holds(timed: Bench, clock: FakeClock, what: str):
    """One that is paused keeps its connection, and one that connects again gives signs of life meanwhile."""
    timed.work()(lambda order: None)
    async with timed.app.client(), neighbour(timed) as other:
        await timed.begin()
        held = await timed.takes(other.consumer)
        if what == "is silent":
            await other.fall_silent()
        else:
            await other._clients.close()
        loop = recovery(timed)
        for _ in range(3):
            await loop.run_once()
            clock.turn(SILENCE)
        assert len(await timed.app.session.presence.workers()) == 1
        assert await timed.finishes(held, other.consumer)


async def test_one_worker_whose_work_cannot_be_taken_keeps_no_other_from_being_replaced(
    timed: Bench, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """It stays known, and each look tries it again; leases that are over are looked for all the same."""
    timed.work()(lambda order: None)
    looked: list[str] = []
    async with timed.app.client(), neighbour(timed, "broken") as broken, neighbour(timed) as other:
        await timed.begin(1)
        await timed.takes(other.consumer)
        await broken.die()
        await other.die()
        owner: Any = timed.app.session.store if timed.kind == "step" else timed.app.session.bus
        forfeit = owner.forfeit

        async def refused(*about: Any) -> int:
            if broken.consumer in about:
                looked.append(broken.consumer)
                raise CommandRefusedError("a value is of another type")
            return await forfeit(*about)

        async def expired(*_: Any) -> int:
            looked.append("leases")
            return 0

        loop = recovery(timed)
        monkeypatch.setattr(owner, "forfeit", refused)
        monkeypatch.setattr(timed.app.session.bus, "expire", expired)
        with suppress(CommandRefusedError):
            await loop.run_once()
        clock.turn(max(SILENCE, timed.settings.lease))
        for _ in range(2):
            with pytest.raises(CommandRefusedError, match="another type"):
                await loop.run_once()
        assert [one.record.consumer for one in await timed.app.session.presence.workers()] == [broken.consumer]
        assert looked.count(broken.consumer) >= 2
        assert timed.kind == "step" or "leases" in looked
        assert f"worker {other.consumer} is gone" in caplog.text


async def test_after_an_outage_others_have_time_to_come_back(
    settings: Settings, facts: Recorder, clock: FakeClock, redis_url: str
):
    """All connections have ended, and nobody could give a sign of life: that is no death."""
    async with Proxy(redis_url) as proxy:
        bench = KINDS["step"](settings.model_copy(update={"redis_url": proxy.url}), facts, clock)
        bench.work()(lambda order: None)
        async with bench.app.client(), neighbour(bench) as other:
            loop = recovery(bench)
            await loop.run_once()
            clock.turn(SILENCE)
            await other.fall_silent()
            await proxy.go_away()
            with pytest.raises(ServerUnavailableError):
                await loop.run_once()
            await proxy.come_back()
            clock.turn(SILENCE)
            await loop.run_once()
            assert len(await bench.app.session.presence.workers()) == 1
            clock.turn(SILENCE)
            await loop.run_once()
            assert await bench.app.session.presence.workers() == []


async def test_a_server_that_goes_away_just_while_one_looks_is_an_outage_too(timed: Bench, clock: FakeClock):
    """Whatever was asked of it."""
    timed.work()(lambda order: None)
    async with timed.app.client(), neighbour(timed) as other:
        loop = recovery(timed)
        await loop.run_once()
        clock.turn(SILENCE)
        isolation, loop._isolation = loop._isolation, Away()
        with pytest.raises(ServerUnavailableError):
            await loop.run_once()
        loop._isolation = isolation
        await other.die()
        await loop.run_once()
        assert len(await timed.app.session.presence.workers()) == 1


async def test_a_worker_that_looks_gone_itself_takes_nobodys_work(timed: Bench, clock: FakeClock):
    """Neither its own nor that of others: what keeps its signs of life from the server may keep theirs, too."""
    timed.work()(lambda order: None)
    async with timed.app.client(), neighbour(timed, "me") as myself, neighbour(timed) as other:
        await timed.begin()
        held = await timed.takes("me")
        loop = Worker(timed.app.session, consumer="me")._recovery
        await loop.run_once()
        clock.turn(SILENCE)
        await myself.die()
        await other.die()
        await loop.run_once()
        assert len(await timed.app.session.presence.workers()) == 2
        assert await timed.finishes(held, "me")


async def test_a_worker_whose_own_sign_of_life_was_lost_gives_others_time_to_come_back(timed: Bench, clock: FakeClock):
    """Although it met a server that was there whenever it looked."""
    timed.work()(lambda order: None)
    async with timed.app.client(), neighbour(timed) as other:
        loop = recovery(timed)
        await loop.run_once()
        clock.turn(SILENCE)
        await other.die()
        heartbeat = loop._kit.heartbeat
        assert not await heartbeat._try_beat(Away().run_suspects(), 1.0, heartbeat._of_signs)
        for _ in range(2):
            await loop.run_once()
            assert len(await timed.app.session.presence.workers()) == 1
        clock.turn(SILENCE)
        await loop.run_once()
        assert await timed.app.session.presence.workers() == []


class Away:
    """Where suspects would run, if the server were there."""

    async def run_suspects(self) -> None:
        raise ServerUnavailableError("away")


@pytest.mark.parametrize(("is_cell", "blame"), [(True, 1), (False, 0)])
async def test_a_cell_that_is_gone_with_its_parent_has_vanished(
    timed: Bench, clock: FakeClock, is_cell: bool, blame: int
):
    """It may have taken all along; of a worker that is gone nothing is known."""
    timed.work()(lambda order: None)
    async with timed.app.client(), neighbour(timed, is_cell=is_cell) as other:
        await timed.begin()
        await timed.takes("first")
        await timed.loses("first", "lost")
        await timed.isolates(other.consumer)
        await other.die()
        loop = recovery(timed)
        loop._isolation = Nobody()
        await loop.run_once()
        clock.turn(SILENCE)
        await loop.run_once()
        assert await vanished(timed) == blame


class Nobody:
    """Runs no suspects."""

    async def run_suspects(self) -> None: ...


async def vanished(bench: Bench) -> int:
    """How often the cell of what waits for one has vanished."""
    bus, store = bench.app.session.bus, bench.app.session.store
    waiting: list[Any] = [*await store.suspects(9), *await bus.suspects("orders", NAME, 9)]
    [suspect] = waiting
    return int(suspect.vanished)


async def test_what_nobody_renews_goes_on_when_its_lease_is_over(timed: Bench, clock: FakeClock):
    """Nobody is blamed: the one that held it may be paused."""
    timed.work()(lambda order: None)
    async with timed.app.client(), neighbour(timed) as other:
        await timed.begin()
        held = await timed.takes(other.consumer)
        await expire(timed)
        loop = recovery(timed)
        loop._isolation = Nobody()
        clock.turn(timed.settings.lease)
        await loop.run_once()
        if timed.kind == "step":  # a step's lease is looked at by whoever would claim it
            [task] = await timed.app.session.store.list_due(9)
            assert await timed.app.session.store.claim(task, "me|1", 60_000, []) is None
        assert await vanished(timed) == 0
        assert not await timed.finishes(held, other.consumer)


async def expire(bench: Bench) -> None:
    """Lets as much time pass on the server as a lease is long."""
    client = bench.app.session.server.client
    if bench.kind == "step":
        keys = StateKeys("logistics")
        [(member, _)] = await client.zrange(keys.tasks, 0, 0, withscores=True)
        await client.zadd(keys.tasks, {member: 1})
        return

    async def idle() -> bool:
        [row] = await client.xpending_range("causeline:1:{orders.0}:s", NAME, "-", "+", 9)
        return int(row["time_since_delivered"]) > bench.settings.lease * 1000

    await until(idle)


async def test_what_is_told_to_be_gone_is_taken_at_once(bench: Bench):
    """By a parent that saw it; another worker that says so afterwards takes nothing any more."""
    bench.work()(lambda order: None)
    async with bench.app.client(), neighbour(bench) as other:
        await bench.begin()
        await bench.takes(other.consumer)
        loops = [recovery(bench) for _ in range(2)]
        taken = await asyncio.gather(*(loop.forfeit(other.consumer, "killed") for loop in loops))
        assert sorted(taken) == [0, 1]
        assert await bench.app.session.presence.workers() == []
