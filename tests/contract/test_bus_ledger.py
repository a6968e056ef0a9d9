"""The ledger says of every channel what was published, and of every group what it owes and since when."""

import pytest

from runtime.bus.ledger import read_ledger
from runtime.semconv import DeadLetterReason
from runtime.server import batch
from tests.contract.backends import LEASE_MS, BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event


async def test_a_channel_without_groups_is_listed_with_what_it_carried(backend: BusBackend):
    """By name; one that only a subscriber knows as well."""
    await backend.bus.publish(event(1, "b"))
    await backend.subscribe("sms", "a")
    ledgers = await read_ledger(backend.client, LEASE_MS)
    assert [(one.channel, one.published, len(one.groups)) for one in ledgers] == [("a", 0, 1), ("b", 1, 0)]


async def test_all_that_is_owed_is_in_one_state(backend: BusBackend):
    """Whatever became of it."""
    await backend.subscribe("sms")
    for number in range(7):
        await backend.bus.publish(event(number))
    done, off, lost, due, dead, given_up = await backend.take("sms", limit=6)
    for delivery in (done, lost, due, dead, given_up):
        await backend.begin(delivery)
    await backend.bus.forfeit("nowhere", "sms", "w1", "lost")
    await backend.bus.ack(done, "w1", [], {})
    await backend.bus.postpone(off, "w1", 60_000)
    await backend.bus.retry(due, "w1", attempt(due), 0)
    await backend.bus.promote(CHANNEL, "sms")
    for delivery in (dead, given_up):
        await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)
    letter = next(one for one in await backend.dead() if one.event_id == given_up.event_id)
    await backend.letters.discard(letter, "ann", "lost", TRACE)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    counts = {"owed": 7, "done": 1, "pending": 3, "retrying": 1, "dead": 1, "discarded": 1}
    assert await backend.counts("sms") == counts
    assert await backend.bus.count_pending(CHANNEL, "sms") == 3


async def test_it_is_told_how_long_the_oldest_has_waited(backend: BusBackend):
    """Unread, under way, waiting for a cell: from its publish on. Put off, due: from its first attempt on. Nothing
    where all is done."""
    await backend.subscribe("sms")
    assert (await backend.ledger("sms")).oldest_unprocessed_ms is None
    await backend.bus.publish(event(1))
    await backend.tick()
    ages = [await age(backend)]
    delivery = await backend.one("sms")
    ages.append(await age(backend))
    await backend.begin(delivery)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    ages.append(await age(backend))
    await backend.bus.claim(delivery, "cell")
    await backend.bus.postpone(delivery, "cell", 0)
    ages.append(await age(backend))
    delivery = await backend.again("sms")
    ages.append(await age(backend))
    await backend.bus.ack(delivery, "w1", [], {})
    assert ages[0] > 0
    assert ages[:3] == sorted(ages[:3])
    assert ages[3] <= ages[4]
    assert (await backend.ledger("sms")).oldest_unprocessed_ms is None


async def age(backend: BusBackend) -> int:
    """Of the oldest that waits."""
    found = (await backend.ledger("sms")).oldest_unprocessed_ms
    assert found is not None
    return found


async def test_a_lost_group_does_not_hide_what_others_owe(backend: BusBackend):
    """Its own counters are shown as they were."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    await backend.client.xgroup_destroy(backend.keys.stream, "sms")
    assert await backend.counts("billing") == {"owed": 1, "pending": 1}
    assert (await backend.ledger("sms")).pending == 1
    await backend.client.delete(backend.keys.stream)
    assert (await backend.ledger("billing")).pending == 1


async def test_more_groups_than_one_round_trip_asks_of_are_all_told(
    backend: BusBackend, monkeypatch: pytest.MonkeyPatch
):
    """Each with its own answers, in whatever batch these came."""
    groups = [f"g{number}" for number in range(5)]
    for group in groups:
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    await backend.begin(await backend.one("g3"))
    monkeypatch.setattr(batch, "AT_ONCE", 3)
    (ledger,) = await read_ledger(backend.client, LEASE_MS)
    assert [(one.group, one.pending, one.under_way) for one in ledger.groups] == [
        (group, 1, int(group == "g3")) for group in groups
    ]
    assert all(one.oldest_unprocessed_ms is not None for one in ledger.groups)
