"""Reading takes what is asked for and no more; an answer that is lost takes nothing with it."""

from runtime.bus.contract import place_of
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def test_reading_takes_no_more_than_asked_for(backend: BusBackend):
    """In the order published."""
    await backend.subscribe("sms")
    for number in range(5):
        await backend.bus.publish(event(number))
    first, rest = await backend.take("sms", limit=2), await backend.take("sms", limit=9)
    assert [one.event_id for one in (*first, *rest)] == [event(number).id for number in range(5)]
    assert len(first) == 2


async def test_reading_takes_no_more_than_asked_for_of_events_and_retries_together(backend: BusBackend):
    """An entry that waits in a worker's memory is one that its death delays."""
    await backend.subscribe("sms")
    for number in range(4):
        await backend.bus.publish(event(number))
    for delivery in await backend.take("sms", limit=2):
        await backend.begin(delivery)
        await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await backend.bus.promote(CHANNEL, "sms")
    taken = [len(await backend.take("sms", limit=1)) for _ in range(5)]
    assert taken == [1, 1, 1, 1, 0]


async def test_what_a_lost_answer_brought_is_found(backend: BusBackend):
    """Events and retries, as they were read; what is known to be held is left out."""
    await backend.subscribe("sms")
    for number in range(3):
        await backend.bus.publish(event(number))
    (first, *_) = await backend.take("sms")
    await backend.bus.postpone(first, "w1", 0)
    await backend.bus.promote(CHANNEL, "sms")
    lost = await backend.take("sms")
    held = await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10)
    assert [one.event_id for one in held] == [event(number).id for number in (1, 2, 0)]
    assert [one for one in held if one.is_retry] == lost
    known = {place_of(held[0]), place_of(held[2])}
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", known, 10) == [held[1]]
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 2) == held[:2]


async def test_what_is_found_is_as_good_as_what_was_read(backend: BusBackend):
    """It begins once, and is settled once."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.take("sms")
    (found,) = await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10)
    assert (await backend.begin(found)).attempt == 1
    assert await backend.bus.ack(found, "w1", [], {}) == []
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == []


async def test_what_others_hold_is_not_found(backend: BusBackend):
    """A lost answer is its own reader's."""
    await backend.subscribe("sms")
    await backend.subscribe("billing")
    await backend.bus.publish(event(1))
    await backend.one("sms", "w2")
    await backend.one("billing", "w1")
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == []


async def test_what_a_lost_answer_brought_is_found_behind_hundreds_that_are_known(backend: BusBackend):
    """A worker may run very many at once."""
    await backend.subscribe("sms")
    for number in range(250):
        await backend.bus.publish(event(number))
    held = await backend.take("sms", limit=250)
    known = {place_of(one) for one in held[:-2]}
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", known, 10) == held[-2:]


async def test_nothing_is_held_where_nothing_is(backend: BusBackend):
    """Not even a channel."""
    assert await backend.bus.find_held("nowhere", "sms", "w1", (), 10) == []


async def test_an_event_that_something_else_removed_is_settled_when_it_is_asked_for(backend: BusBackend):
    """It can't be worked on, and must not stay owed for ever."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.client.xdel(backend.keys.stream, delivery.entry)
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_a_due_retry_whose_delivery_something_else_removed_is_settled(backend: BusBackend):
    """Nothing says any more what it was."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.bus.postpone(delivery, "w1", 0)
    await backend.client.delete(backend.keys.delivery("sms", delivery.id))
    await backend.bus.promote(CHANNEL, "sms")
    assert await backend.take("sms") == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}
    assert await backend.client.xlen(backend.keys.retries("sms")) == 0


async def test_a_due_retry_whose_entry_something_else_removed_is_settled(backend: BusBackend):
    """Its reader had taken it before."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.bus.postpone(await backend.one("sms"), "w1", 0)
    delivery = await backend.again("sms")
    await backend.client.xdel(backend.keys.retries("sms"), delivery.entry)
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}
