"""A group that keeps an order hands on one event of a key at a time, the oldest that has not ended first."""

from typing import Any

import pytest
from redis.exceptions import ResponseError

from runtime.bus.contract import place_of
from runtime.bus.deliveries import Delivery
from runtime.bus.redis_order import OrderedGroups
from runtime.bus.redis_recovery import SORTER
from runtime.dead_letters.groups import Groups
from runtime.errors import CommandRefusedError, GroupLostError
from runtime.semconv import DeadLetterReason
from tests.contract.backends import LEASE_MS, SMALL, BusBackend
from tests.contract.made import CHANNEL, attempt, event

BY = "order"


async def publish(backend: BusBackend, *keys: Any) -> None:
    """Publishes an event for each key: the first one is number 1."""
    for number, key in enumerate(keys, 1):
        await backend.bus.publish(event(number, data={"order": key}))


async def ordered(backend: BusBackend, *keys: Any) -> None:
    """A group that keeps an order, and an event for each key, sorted."""
    await backend.subscribe("books", order_by=BY)
    await publish(backend, *keys)
    assert await backend.bus.sort(CHANNEL, "books", BY, 1)


async def turns(backend: BusBackend, consumer: str = "w1") -> list[Delivery]:
    """What is due, once retries that are due are handed on."""
    await backend.bus.promote(CHANNEL, "books")
    return await backend.bus.read_turns(CHANNEL, "books", consumer, 10, 1)


def numbers(deliveries: list[Delivery]) -> list[int]:
    """Which events they are of."""
    known = {event(number).id: number for number in range(1, 20)}
    return [known[one.event_id] for one in deliveries]


async def bury(backend: BusBackend, delivery: Delivery) -> int:
    """Gives a delivery up that `w1` holds."""
    await backend.begin(delivery)
    return await backend.bus.bury(delivery, "w1", attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)


async def test_of_each_key_one_is_due_and_the_next_when_it_is_done(backend: BusBackend):
    """Keys don't wait for each other; which worker holds one does not matter."""
    await ordered(backend, "a", "a", "b", "a")
    assert await backend.counts("books") == {"owed": 4, "pending": 2, "retrying": 2}
    assert (await backend.ledger("books")).behind == 2
    first, other = await turns(backend)
    assert (numbers([first, other]), [first.key, other.key]) == ([1, 3], ["a", "b"])
    assert await turns(backend, "w2") == []
    await backend.begin(first)
    assert await backend.bus.ack(first, "w1", [], {}) == []
    (second,) = await turns(backend, "w2")
    assert numbers([second]) == [2]
    await backend.bus.ack(second, "w2", [], {"state": "1"})
    (third,) = await turns(backend, "w2")
    await backend.bus.ack(third, "w2", [], {})
    await backend.bus.ack(other, "w1", [], {})
    assert await backend.counts("books") == {"owed": 4, "done": 4}
    assert await backend.client.exists(backend.keys.turns("books"), backend.keys.behind("books", "a")) == 0


async def test_a_failed_event_blocks_its_key_for_as_long_as_it_waits_for_another_attempt(backend: BusBackend):
    """Its delay included; also where its breaker puts it off."""
    await ordered(backend, "a", "a", "b")
    first, other = await turns(backend)
    await backend.begin(first)
    await backend.bus.retry(first, "w1", attempt(first), 60_000)
    await backend.bus.ack(other, "w1", [], {})
    assert await turns(backend) == []
    await backend.bus.hasten(CHANNEL, "books", first.id)
    (again,) = await turns(backend, "w2")
    assert numbers([again]) == [1]
    await backend.bus.postpone(again, "w2", 60_000)
    assert await turns(backend) == []
    await backend.bus.hasten(CHANNEL, "books", first.id)
    (again,) = await turns(backend)
    await backend.bus.ack(again, "w1", [], {})
    assert numbers(await turns(backend)) == [2]


async def test_a_dead_letter_unblocks_its_key_and_says_it(backend: BusBackend):
    """The key goes with it."""
    await ordered(backend, "a", "a")
    (first,) = await turns(backend)
    assert await bury(backend, first)
    (letter,) = await backend.dead()
    assert letter.order_key == "a"
    assert numbers(await turns(backend)) == [2]


async def test_where_the_letter_can_not_be_written_the_key_stays_blocked(backend: BusBackend):
    """Nobody goes on as if the event had been kept."""
    await ordered(backend, "a", "a")
    (first,) = await turns(backend)
    await backend.client.set(backend.keys.dead_letters("books"), "in the way")
    with pytest.raises((CommandRefusedError, ResponseError)):
        await bury(backend, first)
    assert await turns(backend) == []
    assert (await backend.ledger("books")).behind == 1


async def test_a_replay_waits_for_the_turn_of_its_key_and_then_holds_it(backend: BusBackend):
    """It comes behind what came meanwhile, and never beside another of its key."""
    await ordered(backend, "a", "a", "a")
    (first,) = await turns(backend)
    await bury(backend, first)
    (letter,) = await backend.dead()
    assert await backend.replay(letter) == "replayed"
    for number in (2, 3):
        (one,) = await turns(backend)
        assert numbers([one]) == [number]
        await backend.bus.ack(one, "w1", [], {})
    (again,) = await turns(backend)
    assert (numbers([again]), again.round, again.key) == ([1], 1, "a")
    await backend.bus.publish(event(9, data={"order": "a"}))
    assert await backend.bus.sort(CHANNEL, "books", BY, 1)
    assert await turns(backend) == []
    await backend.begin(again)
    await backend.bus.ack(again, "w1", [], {})
    assert numbers(await turns(backend)) == [9]


async def test_a_replay_of_a_key_that_nobody_holds_is_due_at_once(backend: BusBackend):
    """And others wait for it."""
    await ordered(backend, "a")
    (first,) = await turns(backend)
    await bury(backend, first)
    (letter,) = await backend.dead()
    await backend.replay(letter)
    assert await backend.counts("books") == {"owed": 1, "pending": 1}
    assert numbers(await turns(backend)) == [1]


@pytest.mark.parametrize("has_begun", [True, False])
async def test_a_lease_that_is_over_never_gives_two_of_a_key(backend: BusBackend, has_begun: bool):
    """The delivery itself goes on elsewhere, and its key with it; whoever lost it can settle nothing."""
    await ordered(backend, "a", "a")
    (first,) = await turns(backend)
    if has_begun:
        await backend.begin(first)
    idle, entry = 2 * LEASE_MS, first.entry
    await backend.client.xclaim(backend.keys.retries("books"), "books", "w1", 0, [entry], idle=idle, justid=True)
    assert await backend.bus.expire(CHANNEL, "books", LEASE_MS) == 1
    found = await turns(backend, "w2")
    if has_begun:
        assert found == []
        (suspect,) = await backend.bus.suspects(CHANNEL, "books", 10)
        assert await backend.bus.claim(suspect.delivery, "cell")
        found, consumer = [suspect.delivery], "cell"
    else:
        consumer = "w2"
    assert numbers(found) == [1]
    assert await backend.bus.ack(first, "w1", [], {}) is None
    assert await turns(backend, "w3") == []
    assert (await backend.begin(found[0], consumer, isolated=True)).status == "ok"
    assert await backend.bus.ack(found[0], consumer, [], {}) == []
    assert numbers(await turns(backend, "w3")) == [2]


async def test_a_sorter_that_dies_between_reading_and_sorting_loses_nothing_and_mixes_nothing_up(backend: BusBackend):
    """What it has read is first for whoever sorts next; a lease that is over does not take it from there."""
    await backend.subscribe("books", order_by=BY)
    await publish(backend, "a", "a")
    await backend.client.xreadgroup("books", SORTER, {backend.keys.stream: ">"}, count=1)
    entries: Any = await backend.client.xreadgroup("books", SORTER, {backend.keys.stream: ">"}, count=1)
    one: Any = backend.bus
    assert isinstance(one, OrderedGroups)
    late = await one._sort(backend.keys, "books", BY, entries[0][1])  # of another worker, which read later
    assert late == (0, 1)
    await backend.tick()
    assert await backend.bus.expire(CHANNEL, "books", 1) == 0
    assert await backend.bus.sort(CHANNEL, "books", BY, 1)
    assert numbers(await turns(backend)) == [1]


async def test_events_without_a_key_keep_their_order_among_each_other(backend: BusBackend):
    """Missing, None, no object, or no envelope at all: none of them is lost, and none overtakes another."""
    await backend.subscribe("books", order_by="order.id")
    for number, data in enumerate(({"order": {}}, {"order": {"id": None}}, [1], {"order": {"id": "a"}}), 1):
        await backend.bus.publish(event(number, data=data))
    await backend.client.xadd(backend.keys.stream, {"e": b"no envelope"})
    assert await backend.bus.sort(CHANNEL, "books", "order.id", 1)
    first, other = await turns(backend)
    assert (numbers([first, other]), [first.key, other.key]) == ([1, 4], ["", "a"])
    for expected in (2, 3):
        await backend.bus.ack(first, "w1", [], {})
        (first,) = await turns(backend)
        assert numbers([first]) == [expected]
    await backend.bus.ack(first, "w1", [], {})
    (odd,) = await turns(backend)
    assert (odd.envelope, odd.raw) == (None, b"no envelope")
    await backend.begin(odd)
    await backend.bus.bury(odd, "w1", attempt(odd), DeadLetterReason.UNDECODABLE, 1)
    assert await backend.counts("books") == {"owed": 5, "done": 3, "dead": 1, "pending": 1}


async def test_a_copy_of_an_event_never_runs_beside_it(backend: BusBackend):
    """While it waits or is under way the copy is done; later it is a duplicate, and passes its turn on."""
    await ordered(backend, "a", "a")
    for _ in range(2):
        await backend.client.delete(backend.keys.publish_mark(event(1).id))
        await backend.bus.publish(event(1, data={"order": "a"}))
        await backend.bus.sort(CHANNEL, "books", BY, 1)
    assert await backend.counts("books") == {"owed": 4, "pending": 1, "retrying": 1, "done": 2}
    (first,) = await turns(backend)
    await backend.bus.ack(first, "w1", [], {})
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1, data={"order": "a"}))
    await publish(backend)
    await backend.bus.publish(event(3, data={"order": "a"}))
    await backend.bus.sort(CHANNEL, "books", BY, 1)
    (second,) = await turns(backend)
    await backend.bus.ack(second, "w1", [], {})
    (copy,) = await turns(backend)
    assert (await backend.begin(copy)).status == "duplicate"
    assert numbers(await turns(backend)) == [3]


async def test_a_key_that_waits_holds_up_neither_other_groups_nor_trimming(backend: BusBackend):
    """What is sorted is out of the channel; a group that keeps no order sees nothing of it."""
    await backend.subscribe("sms")
    await ordered(backend, "a", "a")
    assert numbers(await backend.take("sms")) == [1, 2]
    for number in (1, 2):
        deliveries = await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10)
        await backend.bus.ack(deliveries[0], "w1", [], {})
        assert await backend.bus.trim(CHANNEL) == 1, number


async def test_so_many_wait_behind_others_and_the_rest_stays_in_the_channel(
    backend: BusBackend, monkeypatch: pytest.MonkeyPatch
):
    """Then the channel's own limit holds. It goes on when some have ended."""
    monkeypatch.setattr("runtime.bus.redis_order.MOST_BEHIND", 1)
    await backend.subscribe("books", order_by=BY)
    await publish(backend, "a", "a", "a", "b")
    assert await backend.bus.sort(CHANNEL, "books", BY, 1)
    assert not await backend.bus.sort(CHANNEL, "books", BY, 1)
    (first,) = await turns(backend)
    await backend.bus.ack(first, "w1", [], {})
    assert await backend.bus.sort(CHANNEL, "books", BY, 1)
    assert numbers(await turns(backend)) == [2, 4]


async def test_what_is_given_up_for_room_keeps_its_key(backend: BusBackend):
    """Replayed, they wait for their key's turn like all others, in the order of the replays."""
    await backend.subscribe("sms")
    await backend.subscribe("books", order_by=BY)
    for number in range(1, SMALL.stream + 2):
        await backend.small.publish(event(number, data={"order": "a"}))
        for delivery in await backend.take("sms"):
            await backend.bus.ack(delivery, "w1", [], {})
    letters = sorted(await backend.dead(), key=lambda one: one.event_id)
    assert [(one.reason, one.order_key) for one in letters] == [("overflow", "a")] * len(letters)
    assert letters
    for letter in letters:
        await backend.replay(letter)
    assert await backend.bus.sort(CHANNEL, "books", BY, 1)
    order = []
    while found := await turns(backend):
        order += numbers(found)
        await backend.begin(found[0])
        await backend.bus.ack(found[0], "w1", [], {})
    assert order == list(range(1, SMALL.stream + 2))


async def test_a_group_that_is_lost_is_made_again_with_whose_turn_it_was(backend: BusBackend):
    """No key waits for ever for what was due and is gone."""
    await ordered(backend, "a", "a")
    await backend.client.delete(backend.keys.stream, backend.keys.retries("books"))
    for call in (
        backend.bus.sort(CHANNEL, "books", BY, 1),
        backend.bus.read_turns(CHANNEL, "books", "w1", 10, 1),
    ):
        with pytest.raises(GroupLostError):
            await call
    await backend.subscribe("books", order_by=BY, start="earliest")
    (first,) = await turns(backend)
    await backend.bus.ack(first, "w1", [], {})
    assert numbers(await turns(backend)) == [2]


async def test_a_due_entry_with_nothing_behind_it_passes_its_turn_on(backend: BusBackend):
    """Something else has removed the record; the others of its key go on."""
    await ordered(backend, "a", "a")
    (gone, *_) = await backend.client.hvals(backend.keys.turns("books"))
    await backend.client.delete(f"{backend.keys.delivery('books', event(1).id)[:-36]}{gone.decode()}")
    assert await turns(backend) == []
    assert numbers(await turns(backend)) == [2]


async def test_what_a_group_that_keeps_no_order_any_more_has_read_is_not_left_behind(backend: BusBackend):
    """Its lease ends, as that of all else; what waits behind others goes on in turns."""
    await ordered(backend, "a", "a")
    await backend.bus.publish(event(3, data={"order": "b"}))
    await backend.client.xreadgroup("books", SORTER, {backend.keys.stream: ">"})
    await backend.subscribe("books")
    await backend.tick()
    await backend.tick()
    assert await backend.bus.expire(CHANNEL, "books", 1) == 1
    await backend.bus.promote(CHANNEL, "books")
    found = await backend.take("books")
    assert sorted(numbers(found)) == [1, 3]
    for one in found:
        await backend.bus.ack(one, "w1", [], {})
    assert numbers(await backend.take("books")) == [2]


async def test_a_group_that_is_retired_takes_its_order_with_it(backend: BusBackend):
    """Nothing of it is left on the server but its audit."""
    await ordered(backend, "a", "a")
    assert (await backend.ledger("books")).order_by == BY
    await Groups(backend.client, LEASE_MS).retire(CHANNEL, "books", "ann", "gone")
    left = {key.decode().partition("}:")[2] for key in await backend.dump()} - {""}
    assert {name for name in left if "books" in name} == {"aud:books"}
    assert "order" not in left


async def test_deliveries_that_are_asked_for_again_are_those_of_before(backend: BusBackend):
    """A worker whose answer was lost finds what it holds."""
    await ordered(backend, "a", "a")
    (first,) = await turns(backend)
    (known,) = await backend.bus.find_held(CHANNEL, "books", "w1", (), 10)
    assert (known, place_of(known)[0]) == (first, "r")
