"""What a dead consumer held is taken over, to the last entry; only deaths alone count towards poison."""

from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def test_hundreds_of_entries_are_reclaimed(backend: BusBackend):
    """The server looks at few entries a call; whoever doesn't follow its cursor never sees the tail."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(300):
        await backend.bus.publish(event(number))
    held = await backend.take("sms", "dead", limit=300)
    found = []
    while taken := await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 500):
        found += taken
        for delivery in taken:
            assert await backend.bus.ack(delivery, "w2", [], {}) is not None
    assert sorted(one.entry for one in found) == sorted(one.entry for one in held)


async def test_an_idle_entry_behind_hundreds_of_busy_ones_is_reclaimed(backend: BusBackend):
    """The first scan of the server finds only entries that are too young."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(300):
        await backend.bus.publish(event(number))
    last = (await backend.take("sms", "w1", limit=300))[-1]
    stream = "causeline:1:{shipment.delivered.0}:s"
    await backend.client.xclaim(stream, "sms", "w1", 0, [last.entry], idle=60_000, justid=True)
    taken = await backend.bus.reclaim(CHANNEL, "sms", "w2", 30_000, 2)
    assert [one.entry for one in taken] == [last.entry]


async def test_what_is_renewed_in_time_stays(backend: BusBackend):
    """Nobody takes what is younger than the lease."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    await backend.one("sms")
    assert await backend.bus.reclaim(CHANNEL, "sms", "w2", 30_000, 10) == []


async def test_reclaiming_takes_no_more_than_asked_for(backend: BusBackend):
    """Of events and retries together: what is taken over waits in memory, where its next death delays it."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(4):
        await backend.bus.publish(event(number))
    for delivery in (await backend.take("sms"))[:2]:
        await backend.bus.postpone(delivery, "w1", 0)
    await backend.bus.promote(CHANNEL, "sms")
    await backend.take("sms")
    assert len(await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 3)) == 3


async def test_deaths_in_company_never_make_poison(backend: BusBackend):
    """Ten prefetched entries all look guilty when one of them kills the worker."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms", "w0")
    for number in range(1, 7):
        begun = await backend.bus.begin(delivery, f"w{number - 1}", 7, solo=False, death_limit=3)
        assert (begun.status, begun.attempt) == ("ok", number)
        (delivery,) = await backend.bus.reclaim(CHANNEL, "sms", f"w{number}", 0, 1)


async def test_deaths_alone_make_poison(backend: BusBackend):
    """The third one is enough; the answer tells how many attempts there were."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms", "w0")
    statuses = []
    for number in range(1, 6):
        begun = await backend.bus.begin(delivery, f"w{number - 1}", 7, solo=number > 1, death_limit=3)
        statuses.append((begun.status, begun.attempt))
        (delivery,) = await backend.bus.reclaim(CHANNEL, "sms", f"w{number}", 0, 1)
    assert statuses == [("ok", 1), ("ok", 2), ("ok", 3), ("ok", 4), ("poison", 4)]


async def test_an_attempt_alone_that_fails_in_order_is_no_death(backend: BusBackend):
    """Its error is recorded; the retry begins with a clean record."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    for number in range(1, 6):
        delivery = await backend.one("sms")
        begun = await backend.bus.begin(delivery, "w1", 7, solo=True, death_limit=1)
        assert (begun.status, begun.attempt) == ("ok", number)
        await backend.bus.retry(delivery, "w1", attempt(delivery, number), 0)
        await backend.bus.promote(CHANNEL, "sms")


async def test_a_death_alone_is_counted_once(backend: BusBackend):
    """A later attempt that fails in company adds nothing to it."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms", "w0")
    solos = [True, False, False, False]
    for number, solo in enumerate(solos, 1):
        begun = await backend.bus.begin(delivery, f"w{number - 1}", 7, solo=solo, death_limit=2)
        assert (begun.status, begun.attempt) == ("ok", number)
        (delivery,) = await backend.bus.reclaim(CHANNEL, "sms", f"w{number}", 0, 1)


async def test_deaths_use_up_no_retries(backend: BusBackend):
    """Attempts count all that began, fails only those that ended in an error."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms", "w0")
    await backend.bus.begin(delivery, "w0", 7, solo=False, death_limit=3)
    (delivery,) = await backend.bus.reclaim(CHANNEL, "sms", "w1", 0, 1)
    begun = await backend.bus.begin(delivery, "w1", 7, solo=True, death_limit=3)
    assert (begun.attempt, begun.fails) == (2, 0)
    await backend.bus.retry(delivery, "w1", attempt(delivery, 2), 0)
    await backend.bus.promote(CHANNEL, "sms")
    again = await backend.one("sms", "w1")
    begun = await backend.bus.begin(again, "w1", 7, solo=False, death_limit=3)
    assert (begun.attempt, begun.fails) == (3, 1)
