"""Events in outboxes reach their channels once, whoever carries them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis

from runtime.bus import redis as redis_bus
from runtime.bus.deliveries import OutboxEntry
from runtime.bus.keys import ChannelKeys
from runtime.bus.redis import RedisBus
from runtime.bus.redis_base import Limits
from runtime.bus.redis_outbox import RedisOutbox
from runtime.bus.wire import outgoing_fields
from runtime.clock import Moment
from runtime.errors import ServerUnavailableError
from runtime.facts import EventPublished
from runtime.outbox import relay
from runtime.outbox.facts import build_event_published
from runtime.outbox.full_channels import FIRST_WAIT
from runtime.outbox.relay import Relay
from runtime.testing import FakeClock, Recorder
from tests.contract.backends import Clients
from tests.contract.made import event, outgoing
from tests.waiting import until

OUTBOX = "causeline:1:{runs:logistics.0}:out"


class World:
    """A relay, an outbox and two channels with a group each."""

    def __init__(self, clients: Clients, cap: int) -> None:
        self.client = clients.client
        self.bus = RedisBus(clients.clients, Limits(stream=cap))
        self.outbox = RedisOutbox(clients.client, OUTBOX)
        self.facts = Recorder()
        self.clock = FakeClock()
        self.relay = Relay(self.bus, self.facts, self.clock)

    async def committed(self, number: int, channel: str = "notices") -> OutboxEntry:
        """An event that a commit has put into the outbox."""
        made = outgoing(number, channel)
        envelope, parent, agent = outgoing_fields(made)
        entry = await self.client.xadd(OUTBOX, {"e": envelope, "p": parent, "a": agent})
        return OutboxEntry(OUTBOX, entry.decode(), made)

    async def carry(self, *entries: OutboxEntry) -> int:
        """A commit's own worker carries them."""
        return await self.relay.carry(self.outbox, entries)

    async def sweep(self, older_than_ms: int = 0) -> int:
        """Somebody tidies up."""
        return await self.relay.sweep(self.outbox, older_than_ms)

    async def taken(self, channel: str = "notices") -> list[object]:
        """What the channel's group finds."""
        return [one.envelope for one in await self.bus.read(channel, "sms", "w1", 1000, 20)]

    async def settle(self, channel: str) -> None:
        """All that the channel's group owes is done."""
        for delivery in await self.bus.read(channel, "sms", "w1", 1000, 20):
            await self.bus.ack(delivery, "w1", [], {})

    async def calls(self, command: str) -> int:
        """How often the server was asked so."""
        stats: Any = await self.client.info("commandstats")
        return int(stats.get(f"cmdstat_{command}", {}).get("calls", 0))

    async def scripts_run(self) -> int:
        return await self.calls("evalsha")

    async def waiting(self) -> int:
        return int(await self.client.xlen(OUTBOX))


@pytest.fixture
async def world(server_url: str) -> AsyncIterator[World]:
    async with Clients(server_url) as clients:
        made = World(clients, cap=5)
        for channel in ("notices", "parcels"):
            await made.bus.subscribe(channel, "sms", schema="{}", app="logistics")
        yield made


async def test_carried_events_are_in_their_channel_and_told(world: World):
    """In order; nothing is left in the outbox."""
    entries = [await world.committed(number) for number in range(3)]
    assert await world.carry(*entries) == 3
    assert await world.taken() == [entry.outgoing.envelope for entry in entries]
    assert await world.waiting() == 0
    told = world.facts.of(EventPublished)
    assert told == [
        build_event_published(one.outgoing, fact.at_ns // 1_000_000) for one, fact in zip(entries, told, strict=True)
    ]
    assert (told[0].parent, told[0].agent) == (outgoing(0).parent, "courier")


async def test_an_event_that_is_carried_twice_is_there_once(world: World):
    """By many relays at once, and by a late one long after; they all tell the same."""
    entry = await world.committed(1)
    await asyncio.gather(*(world.carry(entry) for _ in range(5)))
    await world.carry(entry)
    assert await world.taken() == [entry.outgoing.envelope]
    assert len(set(world.facts.facts)) == 1


async def test_an_entry_that_is_gone_is_not_carried_however_late(world: World, monkeypatch: pytest.MonkeyPatch):
    """A worker may be paused until another has swept and the mark has expired; the event was published then."""
    monkeypatch.setattr(redis_bus, "PUBLISH_MARK_MS", 1)
    entry = await world.committed(1)
    assert await world.sweep() == 1
    mark = ChannelKeys("notices").publish_mark(entry.outgoing.envelope.id)

    async def expired() -> bool:
        return not await world.client.exists(mark)

    await until(expired)
    assert await world.carry(entry) == 0
    assert await world.taken() == [entry.outgoing.envelope]
    assert len(world.facts.facts) == 1


async def test_what_was_just_committed_is_carried_without_a_look_into_its_outbox(world: World):
    """Whoever has put it there knows; after a while, or when a clock was set, it is looked for, as another may have
    carried it."""
    asked: list[str] = []
    contains = world.outbox.contains

    async def look(entry: str) -> bool:
        asked.append(entry)
        return await contains(entry)

    world.outbox.contains = look  # type: ignore[method-assign]  # an outbox that tells when it is asked
    since = Moment.of(world.clock)
    entry = await world.committed(1)
    assert await world.relay.carry(world.outbox, [entry], since) == 1
    assert asked == []
    late = await world.committed(2)
    world.clock.turn(2)
    assert await world.relay.carry(world.outbox, [late], since) == 1
    assert asked == [late.entry]
    assert await world.relay.carry(world.outbox, [late], since) == 0
    asleep = Moment(world.clock.now_ns() - 10**10, world.clock.monotonic())
    assert not asleep.is_within(1, world.clock)
    set_back = Moment(world.clock.now_ns() + 1, world.clock.monotonic())
    assert not set_back.is_within(1, world.clock)
    assert len(await world.taken()) == 2


async def test_a_mark_does_not_expire_soon_before_its_entry_is_gone(world: World):
    """Whoever repeats the work, however late, adds nothing twice."""
    entry = await world.committed(1)
    mark = f"causeline:1:{{notices.0}}:pub:{entry.outgoing.envelope.id}"
    expiries = []

    class Looking(Recorder):
        """Looks at the mark when it is told: the event is published, its entry still there."""

        def emit(self, fact: Any) -> None:
            with redis.Redis(connection_pool=pool) as client:
                expiries.append(client.pttl(mark))

    address = world.client.connection_pool.connection_kwargs
    pool = redis.ConnectionPool(host=address["host"], port=address["port"])
    await Relay(world.bus, Looking(), world.clock).carry(world.outbox, [entry])
    pool.disconnect()
    [kept_ms] = expiries
    assert kept_ms > 300 * 24 * redis_bus.PUBLISH_MARK_MS
    assert 0 < await world.client.pttl(mark) <= redis_bus.PUBLISH_MARK_MS


@pytest.mark.parametrize("step", ["publish", "remove", "forget"])
async def test_a_relay_that_dies_between_two_steps_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
):
    """Whoever comes next finishes what it had begun."""
    entry = await world.committed(1)

    async def died(*_: object, **__: object) -> None:
        raise ServerUnavailableError("the relay died here")

    with monkeypatch.context() as dying:
        dying.setattr(world.outbox if step == "remove" else world.bus, step, died)
        with pytest.raises(ServerUnavailableError):
            await world.carry(entry)
    other = Relay(world.bus, Recorder(), world.clock)
    await other.sweep(world.outbox, 0)
    await world.carry(entry)
    assert await world.taken() == [entry.outgoing.envelope]
    assert await world.waiting() == 0


@pytest.mark.parametrize("step", ["remove", "forget"])
async def test_one_entry_that_can_not_be_finished_leaves_no_other_unfinished(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
):
    """What is removed is removed, and its mark expires soon; who carries is told of the other."""
    entries = [await world.committed(number) for number in range(3)]
    owner: Any = world.outbox if step == "remove" else world.bus
    whole = getattr(owner, step)

    async def picky(*given: Any) -> None:
        if entries[1].entry in given or entries[1].outgoing.envelope.id in given:
            raise ServerUnavailableError("away for this one")
        await whole(*given)

    with monkeypatch.context() as failing:
        failing.setattr(owner, step, picky)
        with pytest.raises(ServerUnavailableError, match="away for this one"):
            await world.carry(*entries)
    assert await world.waiting() == (1 if step == "remove" else 0)
    marks = [ChannelKeys("notices").publish_mark(one.outgoing.envelope.id) for one in entries]
    kept = [await world.client.pttl(mark) > redis_bus.PUBLISH_MARK_MS for mark in marks]
    assert kept == [False, True, False]


async def test_an_event_that_nobody_reads_yet_is_carried(world: World):
    """It waits in its channel for the first group."""
    entry = await world.committed(1, "quiet")
    assert await world.carry(entry) == 1
    await world.bus.subscribe("quiet", "sms", schema="{}", app="logistics")
    assert await world.taken("quiet") == [entry.outgoing.envelope]


async def test_what_a_dead_worker_left_is_swept(world: World):
    """Entries that are too young are left to the worker that committed them."""
    entry = await world.committed(1)
    assert await world.sweep(60_000) == 0
    assert await world.taken() == []
    assert await world.sweep() == 1
    assert await world.taken() == [entry.outgoing.envelope]
    assert await world.sweep() == 0


async def test_an_event_for_a_full_channel_waits_and_arrives_later(world: World, caplog: pytest.LogCaptureFixture):
    """Nothing is lost; who waits is said."""
    for number in range(5):
        await world.bus.publish(event(number, "notices"))
    entry = await world.committed(50)
    with caplog.at_level(logging.WARNING, "causeline.relay"):
        assert await world.carry(entry) == 0
    assert f"event {entry.outgoing.envelope.id} waits in its outbox" in caplog.text
    assert (await world.waiting(), world.facts.facts) == (1, ())
    await world.settle("notices")
    world.clock.turn(FIRST_WAIT)
    assert await world.sweep() == 1
    assert await world.taken() == [entry.outgoing.envelope]


async def test_a_full_channel_is_asked_once_a_sweep_and_more_and_more_rarely(
    world: World, caplog: pytest.LogCaptureFixture
):
    """However many wait for it, neither the server nor the log is flooded; a commit's own events just join those."""
    for number in range(5):
        await world.bus.publish(event(number, "notices"))
    entries = [await world.committed(number) for number in range(50, 80)]
    await world.bus.trim("notices")  # or its script would be sent to the server first
    asked = []
    for wait in (0.0, 0.0, FIRST_WAIT, FIRST_WAIT, FIRST_WAIT):
        world.clock.turn(wait)
        before = await world.scripts_run()
        assert await world.sweep() == 0
        asked.append(await world.scripts_run() - before)
    # One try is three scripts: to add, to trim, and to ask whether a group that nobody serves stands in the way.
    assert asked == [3, 0, 3, 0, 3]
    before = await world.scripts_run()
    assert await world.carry(await world.committed(80)) == 0
    assert await world.scripts_run() == before
    (warning,) = [record.getMessage() for record in caplog.records]
    assert warning.startswith(f"event {entries[0].outgoing.envelope.id} waits in its outbox: channel notices holds 5 ")


async def test_what_waits_for_a_full_channel_is_not_read_again_and_again(world: World, monkeypatch: pytest.MonkeyPatch):
    """Only what came since, until it is time to ask the channel again; then all of it arrives in order."""
    monkeypatch.setattr(relay, "SWEEP_BATCH", 3)
    for number in range(5):
        await world.bus.publish(event(number, "notices"))
    entries = [await world.committed(number) for number in range(50, 54)]
    await world.sweep()
    before = await world.calls("xrange")
    other = await world.committed(60, "parcels")
    assert await world.sweep() == 1
    assert await world.calls("xrange") == before + 3  # one finds it, one that it is there still, one nothing more
    assert await world.taken("parcels") == [other.outgoing.envelope]
    await world.settle("notices")
    world.clock.turn(FIRST_WAIT)
    assert await world.sweep() == 4
    assert await world.taken() == [entry.outgoing.envelope for entry in entries]


async def test_a_full_channel_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch):
    """However many wait for it in front."""
    monkeypatch.setattr(relay, "SWEEP_BATCH", 3)
    for number in range(5):
        await world.bus.publish(event(number, "notices"))
    for number in range(50, 58):
        await world.committed(number)
    entry = await world.committed(60, "parcels")
    assert await world.sweep() == 1
    assert await world.taken("parcels") == [entry.outgoing.envelope]
    assert await world.waiting() == 8


@pytest.mark.parametrize("fields", [{"e": "no JSON"}, {"x": "y"}, {"e": "[]"}, {"e": b"\xff"}])
async def test_what_is_no_event_is_dropped_and_said(
    world: World, caplog: pytest.LogCaptureFixture, fields: dict[str, str]
):
    """It would be swept for ever; those behind it go on."""
    await world.client.xadd(OUTBOX, fields)
    await world.committed(1)
    with caplog.at_level(logging.ERROR, "causeline.relay"):
        assert await world.sweep() == 1
    assert await world.waiting() == 0
    assert "is not an event and is dropped" in caplog.text
