"""A group whose data somebody removed from the server is known to be lost, and made again with what is still there."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from runtime.errors import GroupLostError, ServerUnavailableError
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event
from tests.waiting import until


async def busy(backend: BusBackend) -> None:
    """A group that has one event done, one under way with `w1`, one that waits for a cell, one retry that is due, one
    that is not, a dead letter, and two unread events."""
    await backend.subscribe("sms")
    for number in range(8):
        await backend.bus.publish(event(number))
    done, running, lost, due, later, dead = await backend.take("sms", limit=6)
    for delivery in (running, lost, due, later, dead):
        await backend.begin(delivery)
    await backend.bus.ack(done, "w1", [], {})
    await backend.bus.retry(due, "w1", attempt(due), 0)
    await backend.bus.promote(CHANNEL, "sms")
    await backend.bus.retry(later, "w1", attempt(later), 60_000)
    await backend.bus.bury(dead, "w1", attempt(dead), DeadLetterReason.MAX_ATTEMPTS, 1)
    await backend.client.xclaim(backend.keys.stream, "sms", "gone", 0, [lost.entry], justid=True)
    await backend.client.hset(backend.keys.delivery("sms", lost.id), "holder", f"gone|s{lost.entry}")
    assert await backend.bus.forfeit(CHANNEL, "sms", "gone", "lost") == 1
    assert await backend.counts("sms") == {"owed": 8, "done": 1, "pending": 5, "retrying": 1, "dead": 1}


async def destroyed(backend: BusBackend) -> None:
    """The group alone."""
    await backend.client.xgroup_destroy(backend.keys.stream, "sms")


async def retries_destroyed(backend: BusBackend) -> None:
    """The group of its retries alone."""
    await backend.client.xgroup_destroy(backend.keys.retries("sms"), "sms")


async def stream_deleted(backend: BusBackend) -> None:
    """With all events."""
    await backend.client.delete(backend.keys.stream)


async def retries_deleted(backend: BusBackend) -> None:
    """With those that were due."""
    await backend.client.delete(backend.keys.retries("sms"))


async def both_deleted(backend: BusBackend) -> None:
    """All that waits to be read."""
    await backend.client.delete(backend.keys.stream, backend.keys.retries("sms"))


async def flushed(backend: BusBackend) -> None:
    """Everything there was."""
    await backend.client.flushall()


LOSSES = (destroyed, retries_destroyed, stream_deleted, retries_deleted, both_deleted, flushed)
each_loss = pytest.mark.parametrize("loss", LOSSES)
Loss = Callable[[BusBackend], Awaitable[None]]


@each_loss
async def test_reading_says_that_the_group_is_lost(backend: BusBackend, loss: Loss):
    """Every time, until it is made again."""
    await busy(backend)
    await loss(backend)
    for _ in range(2):
        with pytest.raises(GroupLostError, match=r"the server has lost group sms of channel shipment.delivered"):
            await backend.take("sms", "w2")


@each_loss
async def test_nothing_else_that_is_asked_of_it_fails(backend: BusBackend, loss: Loss):
    """Whoever tidies up, looks or takes over finds what there is; others must not wait for it."""
    await busy(backend)
    await loss(backend)
    bus = backend.bus
    await bus.find_held(CHANNEL, "sms", "w1", (), 10)
    await bus.forfeit(CHANNEL, "sms", "w9", "lost")
    await bus.expire(CHANNEL, "sms", 60_000)
    await bus.suspects(CHANNEL, "sms", 10)
    await bus.renew("w1", [(CHANNEL, "sms")], [])
    await bus.promote(CHANNEL, "sms")
    await bus.count_pending(CHANNEL, "sms")
    await bus.trim(CHANNEL)
    await bus.reap(CHANNEL, "sms", 60_000)
    await bus.publish(event(9))


async def settle_all(backend: BusBackend, cell: str = "cell") -> list[int]:
    """Does all that can be done; the numbers of the events that ran."""
    known = {event(number).id: number for number in range(20)}
    ran = []
    while True:
        await backend.bus.promote(CHANNEL, "sms")
        for delivery in await backend.take("sms", "w2"):
            begun = await backend.begin(delivery, "w2")
            if begun.status == "ok":
                ran.append(known[delivery.event_id])
                assert await backend.bus.ack(delivery, "w2", [], {}) == []
        for suspect in await backend.bus.suspects(CHANNEL, "sms", 10):
            assert await backend.bus.claim(suspect.delivery, cell)
            await backend.begin(suspect.delivery, cell, isolated=True)
            ran.append(known[suspect.delivery.event_id])
            assert await backend.bus.ack(suspect.delivery, cell, [], {}) == []
        if not await backend.bus.count_pending(CHANNEL, "sms"):
            return sorted(ran)


#: By loss: the events that run once the group is made again, and the ledger at the end.
AGAIN = {
    # All that the channel keeps is read again: the retry that was not due runs with its event, and finds nothing later.
    destroyed: ([1, 2, 3, 4, 6, 7, 9], {"owed": 13, "done": 11, "retrying": 1, "dead": 1}),
    retries_destroyed: ([1, 2, 3, 6, 7, 9], {"owed": 9, "done": 7, "retrying": 1, "dead": 1}),
    stream_deleted: ([3, 9], {"owed": 5, "done": 3, "retrying": 1, "dead": 1}),
    retries_deleted: ([1, 2, 6, 7, 9], {"owed": 8, "done": 6, "retrying": 1, "dead": 1}),
    both_deleted: ([9], {"owed": 4, "done": 2, "retrying": 1, "dead": 1}),
    flushed: ([9], {"owed": 1, "done": 1}),
}


@each_loss
async def test_it_is_made_again_with_all_that_is_kept(backend: BusBackend, loss: Loss):
    """Also with what came meanwhile. What is done does not run again, what was held does; and nothing stays owed that
    nobody has any more."""
    await busy(backend)
    await loss(backend)
    await backend.bus.publish(event(9))
    await backend.subscribe("sms", start="earliest")
    await adds_up(backend)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    ran, ledger = AGAIN[loss]
    assert await settle_all(backend) == ran
    assert await backend.counts("sms") == ledger


async def adds_up(backend: BusBackend) -> None:
    """What is owed is somewhere, and what is pending is there."""
    one = await backend.ledger("sms")
    assert one.accounted == one.owed
    unread = 0
    for stream in (backend.keys.stream, backend.keys.retries("sms")):
        (info,) = await backend.client.xinfo_groups(stream)
        entries = await backend.client.xrange(stream, min=b"(" + info["last-delivered-id"])
        unread += info["pending"] + len(entries)
    assert one.pending == unread


@each_loss
async def test_whoever_held_a_delivery_of_it_is_stale(backend: BusBackend, loss: Loss):
    """Its own is another's by now, or gone."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    first = await backend.one("sms")
    await backend.begin(first)
    if loss in (retries_destroyed, retries_deleted):
        await backend.bus.retry(first, "w1", attempt(first), 0)
        first = await backend.again("sms")
        await backend.begin(first)
    await loss(backend)
    assert await backend.bus.ack(first, "w1", [], {}) is None
    await backend.subscribe("sms", start="earliest")
    assert await backend.bus.ack(first, "w1", [], {}) is None
    assert await backend.bus.renew("w1", [], [first]) == [first]


async def test_making_it_again_is_done_once(backend: BusBackend):
    """By many workers at once."""
    await busy(backend)
    await both_deleted(backend)
    await backend.bus.publish(event(9))
    answers = await asyncio.gather(*(backend.subscribe("sms", start="earliest") for _ in range(5)))
    assert {answer.is_new for answer in answers} == {False}
    assert [one.event_id for one in await backend.take("sms")] == [event(9).id]
    assert (await backend.ledger("sms")).pending == 1


async def test_the_groups_beside_it_keep_their_places(backend: BusBackend):
    """Nobody reads anything twice because another group was lost."""
    await backend.subscribe("billing")
    await busy(backend)
    await backend.take("billing", limit=3)
    before = await backend.counts("billing")
    await destroyed(backend)
    await backend.subscribe("sms", start="earliest")
    assert await backend.counts("billing") == before
    assert len(await backend.take("billing")) == 5


async def test_what_waits_for_a_blocked_reader_is_not_missed(backend: BusBackend):
    """The data goes while somebody waits for it: the reader is told, or finds it at its next look."""
    await backend.subscribe("sms")
    reading = asyncio.create_task(backend.bus.read(CHANNEL, "sms", "w1", 10, 4_000))

    async def is_blocked() -> bool:
        return any("b" in client["flags"] for client in await backend.client.client_list())

    await until(is_blocked)
    await backend.client.flushall()
    with pytest.raises((GroupLostError, ServerUnavailableError)):
        await reading
    await backend.bus.publish(event(1))
    await backend.subscribe("sms", start="earliest")
    assert (await backend.one("sms")).event_id == event(1).id
