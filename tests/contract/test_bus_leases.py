"""What nobody renews for the length of a lease goes on as if its consumer were gone; nobody is blamed."""

import pytest

from runtime.bus.deliveries import Delivery
from tests.contract.backends import LEASE_MS, BusBackend
from tests.contract.made import CHANNEL, event
from tests.contract.settlements import begin, held
from tests.waiting import until

both_streams = pytest.mark.parametrize("is_retry", [False, True])


async def age(backend: BusBackend, delivery: Delivery, consumer: str = "w1") -> None:
    """Nobody has renewed it for twice the length of a lease."""
    stream = backend.keys.retries("sms") if delivery.is_retry else backend.keys.stream
    await backend.client.xclaim(stream, "sms", consumer, 0, [delivery.entry], idle=2 * LEASE_MS, justid=True)


@both_streams
async def test_what_had_begun_waits_for_a_cell(backend: BusBackend, is_retry: bool):
    """No kill is counted: a lost lease says nothing about the work."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    await age(backend, delivery)
    assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 1
    (suspect,) = await backend.bus.suspects(CHANNEL, "sms", 10)
    assert (suspect.delivery, suspect.vanished) == (delivery, 0)
    await backend.bus.claim(delivery, "cell")
    assert (await backend.begin(delivery, "cell", isolated=True, kills=1, vanishings=1)).status == "ok"


@both_streams
async def test_what_had_not_begun_is_due_at_once(backend: BusBackend, is_retry: bool):
    """As if nobody had read it."""
    delivery = await held(backend, is_retry=is_retry)
    await age(backend, delivery)
    assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 1
    again = await backend.again("sms", "w2")
    assert (again.id, (await backend.begin(again, "w2")).status) == (delivery.id, "ok")


async def test_what_is_younger_than_the_lease_stays(backend: BusBackend):
    """Nobody takes it."""
    await held(backend)
    before = await backend.dump()
    assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 0
    assert await backend.dump() == before


@both_streams
async def test_what_is_renewed_in_time_stays(backend: BusBackend, is_retry: bool):
    """Whether it has begun or not; renewing says that it is its holder's still."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    await age(backend, delivery)
    assert await backend.bus.renew("w1", [(CHANNEL, "sms")], [delivery]) == []
    assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 0
    assert await backend.bus.ack(delivery, "w1", [], {}) == []


@both_streams
async def test_a_lease_that_is_over_can_be_renewed_until_it_is_taken(backend: BusBackend, is_retry: bool):
    """Then whoever renews it learns that it is lost."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    await age(backend, delivery)
    assert await backend.bus.renew("w1", [], [delivery]) == []
    await age(backend, delivery)
    await backend.bus.expire(CHANNEL, "sms", LEASE_MS)
    before = await backend.dump()
    assert await backend.bus.renew("w1", [], [delivery]) == [delivery]
    after = await backend.dump()
    assert {key for key in before | after if before.get(key) != after.get(key)} <= {backend.keys.live("sms").encode()}


async def test_renewing_tells_what_is_lost_among_what_is_not(backend: BusBackend):
    """Settled, taken, of a group that is gone: all of it is lost."""
    await backend.subscribe("sms")
    for number in range(4):
        await backend.bus.publish(event(number))
    kept, settled, taken, gone = await backend.take("sms")
    await backend.bus.ack(settled, "w1", [], {})
    await begin(backend, taken, "w1")
    await age(backend, taken)
    await backend.bus.expire(CHANNEL, "sms", LEASE_MS)
    await backend.client.xack(backend.keys.stream, "sms", gone.entry)
    assert await backend.bus.renew("w1", [(CHANNEL, "sms")], [kept, settled, taken, gone]) == [settled, taken, gone]
    await backend.client.delete(backend.keys.stream)
    assert await backend.bus.renew("w1", [(CHANNEL, "sms")], [kept]) == [kept]


async def test_renewing_tells_the_groups_that_their_consumer_lives(backend: BusBackend):
    """Even one that holds nothing."""
    await backend.subscribe("sms")
    assert (await backend.ledger("sms")).consumers == 0
    assert await backend.bus.renew("w1", [(CHANNEL, "sms")], []) == []
    assert (await backend.ledger("sms")).consumers == 1


@both_streams
async def test_what_something_else_removed_stays_its_holders_for_the_length_of_a_lease(
    backend: BusBackend, is_retry: bool
):
    """It has been read; the server would forget who holds it when it is claimed again."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    await backend.client.xdel(backend.keys.retries("sms") if is_retry else backend.keys.stream, delivery.entry)
    assert await backend.bus.renew("w1", [(CHANNEL, "sms")], [delivery]) == []
    assert await backend.bus.ack(delivery, "w1", [], {}) == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_what_something_else_removed_is_settled_when_its_lease_is_over(backend: BusBackend):
    """It must not stay owed for ever."""
    delivery = await held(backend)
    await backend.client.xdel(backend.keys.stream, delivery.entry)

    async def is_settled() -> bool:
        await backend.bus.expire(CHANNEL, "sms", 1)
        return await backend.counts("sms") == {"owed": 1, "done": 1}

    await until(is_settled)


async def test_an_idle_entry_behind_hundreds_of_busy_ones_is_found(backend: BusBackend):
    """The server's first page has only entries that are too young."""
    await backend.subscribe("sms")
    for number in range(300):
        await backend.bus.publish(event(number))
    last = (await backend.take("sms", "w1", limit=300))[-1]
    await age(backend, last)
    assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 1
    assert (await backend.again("sms", "w2")).event_id == last.event_id


async def test_an_idle_entry_behind_hundreds_that_wait_for_a_cell_is_found(backend: BusBackend):
    """They are silent as well, and older."""
    await backend.subscribe("sms")
    for number in range(151):
        await backend.bus.publish(event(number))
    *begun, last = await backend.take("sms", limit=151)
    for delivery in begun:
        await begin(backend, delivery, "w1")
        await age(backend, delivery)
    await backend.bus.expire(CHANNEL, "sms", LEASE_MS)
    for delivery in begun:
        await age(backend, delivery, "~suspects")
    await age(backend, last)
    assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 1
    assert len(await backend.bus.suspects(CHANNEL, "sms", 1000)) == 150
    assert (await backend.again("sms", "w2")).event_id == last.event_id


async def test_what_waits_for_a_cell_never_expires(backend: BusBackend):
    """However long it waits; only cells take it."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    await age(backend, delivery, "~suspects")
    before = await backend.dump()
    assert await backend.bus.expire(CHANNEL, "sms", LEASE_MS) == 0
    assert await backend.dump() == before


async def test_nothing_expires_where_nothing_is(backend: BusBackend):
    """Not even a channel."""
    assert await backend.bus.expire("nowhere", "sms", LEASE_MS) == 0
