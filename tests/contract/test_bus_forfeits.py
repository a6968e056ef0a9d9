"""What a consumer held that is gone goes on: what it had begun waits for a cell, the rest is due at once."""

import pytest

from runtime.bus.deliveries import Delivery, Loss
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, event
from tests.contract.settlements import begin, held

both_streams = pytest.mark.parametrize("is_retry", [False, True])
every_loss = pytest.mark.parametrize("loss", ["killed", "vanished", "lost"])


async def published(backend: BusBackend, count: int) -> None:
    """A group with events."""
    await backend.subscribe("sms")
    for number in range(count):
        await backend.bus.publish(event(number))


def same(one: Delivery) -> tuple[object, ...]:
    """What a delivery is, wherever it lies."""
    return one.id, one.event_id, one.round, one.raw, one.envelope, one.origin


@both_streams
@every_loss
async def test_what_had_begun_waits_for_a_cell(backend: BusBackend, loss: Loss, is_retry: bool):
    """Where it was, still owed; nobody reads it, and nothing is due."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", loss) == 1
    assert await backend.suspect("sms") == delivery
    assert await backend.bus.promote(CHANNEL, "sms") is None
    assert await backend.take("sms", "w2") == []
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


@both_streams
@every_loss
async def test_what_had_not_begun_is_due_at_once(backend: BusBackend, loss: Loss, is_retry: bool):
    """To anybody, as the attempt that it would have been; nobody is blamed."""
    delivery = await held(backend, is_retry=is_retry)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", loss) == 1
    assert await backend.bus.suspects(CHANNEL, "sms", 10) == []
    again = await backend.again("sms", "w2")
    assert same(again) == same(delivery)
    begun = await backend.begin(again, "w2", kills=1, vanishings=1)
    assert (begun.status, begun.attempt) == ("ok", 2 if is_retry else 1)
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_what_was_put_off_in_time_is_not_taken(backend: BusBackend):
    """It is held by nobody."""
    delivery = await held(backend)
    await backend.bus.postpone(delivery, "w1", 60_000)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed") == 0
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}


async def test_a_consumer_is_forfeited_once(backend: BusBackend):
    """The second time it holds nothing, and nothing is blamed twice."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "vanished")
    before = await backend.dump()
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "vanished") == 0
    assert await backend.dump() == before
    assert [one.vanished for one in await backend.bus.suspects(CHANNEL, "sms", 10)] == [1]


async def test_only_what_the_consumer_held_is_taken(backend: BusBackend):
    """Whatever others hold, wherever it lies between."""
    await published(backend, 4)
    for number in range(4):
        for delivery in await backend.take("sms", f"w{number % 2}", limit=1):
            await begin(backend, delivery, f"w{number % 2}")
    assert await backend.bus.forfeit(CHANNEL, "sms", "w0", "lost") == 2
    found = await backend.bus.suspects(CHANNEL, "sms", 10)
    assert [one.delivery.event_id for one in found] == [event(0).id, event(2).id]
    assert len(await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10)) == 2


async def test_hundreds_of_entries_are_taken(backend: BusBackend):
    """Begun and unbegun, events and retries: to the last one."""
    await published(backend, 300)
    for delivery in await backend.take("sms", "w0", limit=150):
        await backend.bus.postpone(delivery, "w0", 0)
    await backend.bus.promote(CHANNEL, "sms")
    taken = [*await backend.take("sms", limit=300), *await backend.take("sms", limit=300)]
    assert len(taken) == 300
    for delivery in taken[::2]:
        await begin(backend, delivery, "w1")
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost") == 300
    assert len(await backend.bus.suspects(CHANNEL, "sms", 1000)) == 150
    assert await backend.counts("sms") == {"owed": 300, "pending": 150, "retrying": 150}
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 1000) == []


@both_streams
async def test_what_something_else_has_removed_is_settled(backend: BusBackend, is_retry: bool):
    """Nobody can do it any more, and it must not stay owed for ever."""
    delivery = await held(backend, is_retry=is_retry)
    stream = backend.keys.retries("sms") if is_retry else backend.keys.stream
    await backend.client.xdel(stream, delivery.entry)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost") == 0
    assert await backend.counts("sms") == {"owed": 1, "done": 1}
    assert await backend.bus.promote(CHANNEL, "sms") is None


async def test_hundreds_that_something_else_has_removed_do_not_hide_what_is_behind_them(backend: BusBackend):
    """An operator may trim a stream by hand."""
    await published(backend, 150)
    await backend.take("sms", limit=150)
    await backend.client.xtrim(backend.keys.stream, maxlen=20, approximate=False)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost") == 20
    assert await backend.counts("sms") == {"owed": 150, "done": 130, "retrying": 20}


async def test_a_retry_whose_delivery_a_copy_has_done_is_settled(backend: BusBackend):
    """Both were one."""
    await held(backend, is_retry=True)
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1))
    await backend.bus.ack(await backend.one("sms", "w2"), "w2", [], {})
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    assert await backend.counts("sms") == {"owed": 2, "done": 2}
    assert await backend.client.xlen(backend.keys.retries("sms")) == 0


async def test_a_consumer_that_nobody_knows_held_nothing(backend: BusBackend):
    """Neither in a group nor where there is none."""
    await published(backend, 1)
    before = await backend.dump()
    assert await backend.bus.forfeit(CHANNEL, "sms", "w9", "killed") == 0
    assert await backend.bus.forfeit("nowhere", "sms", "w9", "killed") == 0
    assert await backend.dump() == before
