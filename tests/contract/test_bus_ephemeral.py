"""An ephemeral group lives as long as its owner, and leaves nothing behind."""

from typing import Any

from runtime.bus.keys import keys_of
from runtime.semconv import DeadLetterReason
from tests.contract.backends import LEASE_MS, SMALL, BusBackend
from tests.contract.made import CHANNEL, attempt, event

MINE = "board~w1"


async def own(backend: BusBackend, group: str = MINE, **more: Any) -> bool:
    """A group of a worker's own."""
    settings = {"start": "latest", "ephemeral_ms": LEASE_MS, "owner": "w1"} | more
    return (await backend.subscribe(group, **settings)).is_new


async def fall_silent(backend: BusBackend, group: str = MINE) -> None:
    """Its owner was heard of too long ago."""
    await backend.client.zincrby(backend.keys.live(group), -2 * LEASE_MS, "w1")


async def names(backend: BusBackend) -> set[str]:
    """What is left on the server that is named after a group of a worker's own; marks of what it has done expire."""
    keys = {key.decode() for key in await backend.dump()}
    return {key.partition("}:")[2] for key in keys if "~" in key and ":done:" not in key}


async def test_it_gets_what_comes_from_its_birth_on_as_others_do(backend: BusBackend):
    """And is known to be ephemeral."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    assert await own(backend)
    await backend.bus.publish(event(2))
    assert (await backend.one(MINE)).event_id == event(2).id
    assert len(await backend.take("sms")) == 2
    assert [(await backend.ledger(group)).is_ephemeral for group in (MINE, "sms")] == [True, False]


async def test_a_channels_first_group_that_stays_still_gets_all_that_is_kept(backend: BusBackend):
    """Ephemeral ones before it are not counted as its first."""
    await backend.bus.publish(event(1))
    await own(backend)
    await backend.subscribe("sms")
    assert (await backend.one("sms")).event_id == event(1).id


async def test_when_its_owner_is_gone_nothing_of_it_is_left(backend: BusBackend):
    """Whatever it had under way, put off, done, or in order."""
    await backend.subscribe("sms")
    await own(backend, order_by="order")
    for number in range(1, 9):
        await backend.bus.publish(event(number, data={"order": number % 3}))
    await backend.bus.sort(CHANNEL, MINE, "order", 1)
    first, second, _ = await backend.bus.read_turns(CHANNEL, MINE, "w1", 3, 1)
    await backend.begin(first)
    await backend.bus.ack(first, "w1", [], {"seen": "1"})
    await backend.bus.retry(second, "w1", attempt(second), 60_000)
    await own(backend, "other~w1")
    await backend.bus.publish(event(9))
    for delivery in await backend.take("other~w1"):
        await backend.begin(delivery)
    for group in (MINE, "other~w1"):
        assert await backend.bus.dissolve(CHANNEL, group)
        assert not await backend.bus.dissolve(CHANNEL, group)
    assert await names(backend) == set()
    counters = await backend.client.hkeys(backend.keys.counters)
    assert not [name for name in counters if b"~" in name]
    assert await backend.bus.groups_of("logistics") == [(CHANNEL, "sms")]


async def test_a_group_that_stays_can_not_be_dissolved(backend: BusBackend):
    """Its events are owed, whoever serves it."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    assert not await backend.bus.dissolve(CHANNEL, "sms")
    assert await backend.bus.dissolve_silent(CHANNEL) == []
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_its_lease_is_its_owners_sign_of_life(backend: BusBackend):
    """While that comes nobody removes it."""
    await own(backend)
    assert await backend.bus.dissolve_silent(CHANNEL) == []
    await fall_silent(backend)
    await backend.bus.renew("w1", [(CHANNEL, MINE)], [])
    assert await backend.bus.dissolve_silent(CHANNEL) == []
    await fall_silent(backend)
    assert await backend.bus.dissolve_silent(CHANNEL) == [MINE]
    assert await names(backend) == set()


async def test_what_it_gives_up_makes_no_dead_letter(backend: BusBackend):
    """It is counted as discarded; whoever asks again hears the same, others that it is stale."""
    await own(backend)
    await backend.bus.publish(event(1))
    delivery = await backend.one(MINE)
    await backend.begin(delivery)
    assert not await backend.bus.give_up(delivery, "w2")
    assert await backend.bus.give_up(delivery, "w1")
    assert await backend.bus.give_up(delivery, "w1")
    assert await backend.bus.bury(delivery, "w1", None, DeadLetterReason.MAX_ATTEMPTS, 1) == 0
    assert await backend.counts(MINE) == {"owed": 1, "discarded": 1}
    assert await backend.dead() == []


async def test_a_full_channel_gives_up_who_is_gone_before_anything_of_others(backend: BusBackend):
    """Its events hold nobody up, and no letters are made of them."""
    await backend.subscribe("sms")
    await own(backend)
    for number in range(SMALL.stream):
        await backend.small.publish(event(number))
        for delivery in await backend.take("sms"):
            await backend.bus.ack(delivery, "w1", [], {})
    await fall_silent(backend)
    await backend.small.publish(event(8))
    assert await backend.client.hkeys(keys_of(CHANNEL).groups) == [b"sms"]
    assert await backend.dead() == []


async def test_one_that_is_slow_loses_its_oldest_where_the_channel_is_full(backend: BusBackend):
    """Without a dead letter: it is counted as discarded."""
    await backend.subscribe("sms")
    await own(backend)
    for number in range(SMALL.stream + 1):
        await backend.small.publish(event(number))
        for delivery in await backend.take("sms"):
            await backend.bus.ack(delivery, "w1", [], {})
    assert (await backend.ledger(MINE)).discarded > 0
    assert await backend.dead() == []
