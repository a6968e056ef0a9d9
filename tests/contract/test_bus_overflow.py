"""A group that holds a full channel up gives its oldest events up, as dead letters; it never stops publishers."""

import pytest

from runtime.bus.overflow import GroupNeed, choose_giving_up
from runtime.errors import StreamFullError
from runtime.semconv import DeadLetterReason
from tests.contract.backends import SMALL, BusBackend
from tests.contract.made import event

#: Events that fill a small channel.
FULL = range(1, SMALL.stream + 1)


def need(group: str, oldest: int, *, is_served: bool = True) -> GroupNeed:
    return GroupNeed(group, (oldest, 0), is_served)


def test_a_group_that_nobody_serves_gives_up_what_all_others_have_settled():
    """However many there are; the served ones give nothing up."""
    needs = [need("a", 5), need("b", 7), need("old", 1, is_served=False), need("older", 2, is_served=False)]
    assert choose_giving_up(needs) == {"old": (5, 0), "older": (5, 0)}


def test_the_group_that_is_behind_all_others_gives_up_what_it_alone_needs():
    """Served or not."""
    assert choose_giving_up([need("a", 5), need("b", 3), need("slow", 1)]) == {"slow": (3, 0)}
    assert choose_giving_up([need("a", 5, is_served=False), need("b", 3, is_served=False)]) == {"b": (5, 0)}


def test_groups_that_are_equally_far_and_a_channels_only_group_give_nothing_up():
    """Their publishers wait for them."""
    assert choose_giving_up([]) == {}
    assert choose_giving_up([need("a", 1)]) == choose_giving_up([need("a", 1, is_served=False)]) == {}
    assert choose_giving_up([need("a", 1), need("b", 1)]) == {}


async def serve(backend: BusBackend, *groups: str) -> None:
    """Groups of the channel; those of them that have a worker."""
    for group in ("books", "sms"):
        await backend.subscribe(group)
    for group in groups:
        await backend.bus.renew("w1", [("shipment.delivered", group)], [])


async def fill(backend: BusBackend) -> None:
    """As many events as the channel holds; the books are kept, and sms are not sent."""
    for number in FULL:
        await backend.small.publish(event(number))
    for delivery in await backend.take("books"):
        await backend.begin(delivery)
        await backend.bus.ack(delivery, "w1", [], {})


async def test_what_a_group_is_not_served_for_becomes_its_dead_letters_and_publishers_go_on(backend: BusBackend):
    """Its ledger says so, and nobody else's work is touched."""
    await serve(backend, "books")
    await fill(backend)
    await backend.small.publish(event(9))
    letters = await backend.dead()
    assert {letter.event_id for letter in letters} == {event(number).id for number in FULL}
    assert {(letter.group, letter.reason, letter.attempts, letter.error_type) for letter in letters} == {
        ("sms", DeadLetterReason.OVERFLOW, 0, "")
    }
    assert await backend.counts("sms") == {"owed": 4, "dead": 3, "pending": 1}
    assert await backend.counts("books") == {"owed": 4, "done": 3, "pending": 1}
    assert (await backend.one("books")).event_id == (await backend.one("sms")).event_id == event(9).id


async def test_what_was_given_up_can_be_replayed(backend: BusBackend):
    """Once somebody serves the group again; other groups see nothing."""
    await serve(backend, "books")
    await fill(backend)
    await backend.small.publish(event(9))
    letter = next(one for one in await backend.dead() if one.event_id == event(1).id)
    assert await backend.replay(letter) == "replayed"
    taken = await backend.take("sms")
    assert [(one.event_id, one.round) for one in taken if one.is_retry] == [(event(1).id, 1)]
    assert await backend.counts("books") == {"owed": 4, "done": 3, "pending": 1}


async def test_a_served_group_that_is_far_behind_gives_up_what_it_has_not_begun(backend: BusBackend):
    """What its workers hold is theirs: it is done."""
    await serve(backend, "books", "sms")
    for number in FULL:
        await backend.small.publish(event(number))
    (held,) = await backend.take("sms", "w2", limit=1)
    await backend.begin(held, "w2")
    for delivery in await backend.take("books"):
        await backend.begin(delivery)
        await backend.bus.ack(delivery, "w1", [], {})
    await backend.small.publish(event(9))
    assert {letter.event_id for letter in await backend.dead()} == {event(2).id, event(3).id}
    assert await backend.bus.ack(held, "w2", [], {}) == []
    assert await backend.counts("sms") == {"owed": 4, "done": 1, "dead": 2, "pending": 1}


async def test_a_channels_only_group_refuses_and_gives_nothing_up(backend: BusBackend):
    """Nothing waits for its publishers but itself."""
    await backend.subscribe("sms")
    for number in FULL:
        await backend.small.publish(event(number))
    with pytest.raises(StreamFullError):
        await backend.small.publish(event(9))
    assert await backend.dead() == []
