"""What a new group is owed, and by which name an old one is found."""

from dataclasses import replace
from typing import Any

import pytest

from runtime.bus.contract import Start
from runtime.bus.deliveries import GroupRegistration
from tests.contract.backends import APP, SMALL, BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def numbers(backend: BusBackend, group: str) -> list[int]:
    """The numbers of the events that a group finds."""
    known = {event(number).id: number for number in range(50)}
    return [known[one.event_id] for one in await backend.take(group, limit=50)]


async def test_the_first_group_begins_at_the_earliest_event_that_is_kept(backend: BusBackend):
    """Who publishes may start before who reads."""
    for number in range(3):
        await backend.bus.publish(event(number))
    assert await backend.subscribe("sms") == GroupRegistration("sms", is_new=True)
    assert await backend.counts("sms") == {"owed": 3, "pending": 3}
    assert await numbers(backend, "sms") == [0, 1, 2]


async def test_a_later_group_owes_nothing_that_is_older(backend: BusBackend):
    """Its ledger and its reading both begin at its birth."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.subscribe("billing")
    assert await backend.counts("billing") == {}
    assert await backend.take("billing") == []
    await backend.bus.publish(event(2))
    assert (await backend.one("billing")).event_id == event(2).id
    assert await backend.counts("billing") == {"owed": 1, "pending": 1}
    assert await backend.counts("sms") == {"owed": 2, "pending": 2}


@pytest.mark.parametrize("start", ["earliest", "latest"])
@pytest.mark.parametrize("is_first", [True, False])
async def test_a_group_begins_where_it_asks_to(backend: BusBackend, start: Start, is_first: bool):
    """Whether it is the first or not."""
    if not is_first:
        await backend.subscribe("billing")
    for number in range(3):
        await backend.bus.publish(event(number))
    await backend.subscribe("sms", start=start)
    await backend.bus.publish(event(3))
    found = [0, 1, 2, 3] if start == "earliest" else [3]
    assert await backend.counts("sms") == {"owed": len(found), "pending": len(found)}
    assert await numbers(backend, "sms") == found


async def test_a_group_that_begins_early_is_owed_only_what_is_kept(backend: BusBackend):
    """What all groups before it have settled may be gone."""
    await backend.subscribe("billing")
    for number in range(4):
        await backend.bus.publish(event(number))
    for delivery in await backend.take("billing", limit=2):
        await backend.bus.ack(delivery, "w1", [], {})
    await backend.bus.trim(CHANNEL)
    await backend.subscribe("sms", start="earliest")
    assert await backend.counts("sms") == {"owed": 2, "pending": 2}
    assert await numbers(backend, "sms") == [2, 3]


async def test_what_nobody_reads_yet_is_kept_up_to_a_limit(backend: BusBackend):
    """The newest, exactly so many after tidying up; the first group is owed what is there, and no more."""
    for number in range(9):
        await backend.small.publish(event(number))
    await backend.small.trim(CHANNEL)
    await backend.subscribe("sms")
    assert await backend.counts("sms") == {"owed": SMALL.unclaimed, "pending": SMALL.unclaimed}
    assert await numbers(backend, "sms") == [7, 8]


async def test_a_channel_that_nobody_reads_stays_small_by_itself(backend: BusBackend):
    """Even where nobody tidies up: the server trims in whole blocks of a hundred."""
    for number in range(350):
        await backend.small.publish(event(number))
    kept = await backend.client.xlen(backend.keys.stream)
    assert SMALL.unclaimed <= kept <= SMALL.unclaimed + 100
    await backend.subscribe("sms")
    assert await backend.counts("sms") == {"owed": kept, "pending": kept}


async def test_a_group_of_old_data_is_no_first_one(backend: BusBackend):
    """Before it was counted how many groups a channel had, a later one was owed nothing older: it still is not."""
    await backend.subscribe("billing")
    await backend.client.hdel(backend.keys.counters, "groups")
    await backend.bus.publish(event(1))
    await backend.subscribe("sms")
    assert await backend.counts("sms") == {}


async def test_two_apps_that_serve_one_group_are_told(backend: BusBackend):
    """Each takes what the other should get, which is seldom meant; the same app is nobody else."""
    await backend.subscribe("sms", app="one")
    assert await backend.subscribe("sms", app="two") == GroupRegistration("sms", is_new=False, shared_with="one")
    assert await backend.subscribe("sms", app="two") == GroupRegistration("sms", is_new=False)
    assert await backend.subscribe("sms", app="one") == GroupRegistration("sms", is_new=False, shared_with="two")


async def former(backend: BusBackend, app: str = "") -> None:
    """A group named after its function alone, which owes two events and a retry."""
    await backend.subscribe("on_delivered", app=app or APP)
    if not app:  # of a time when nobody wrote down who serves a group
        await backend.client.delete(backend.keys.apps)
    for number in range(3):
        await backend.bus.publish(event(number))
    (first,) = await backend.take("on_delivered", limit=1)
    await backend.begin(first)
    await backend.bus.retry(first, "w1", attempt(first), 0)


NEW = f"{APP}.on_delivered"


@pytest.mark.parametrize("served", ["", APP])
async def test_a_group_from_before_is_taken_over_with_all_that_it_owes(backend: BusBackend, served: str):
    """Under its old name, by whoever serves it already, or by the first who comes."""
    await former(backend, served)
    before = await backend.counts("on_delivered")
    assert await backend.subscribe(NEW, former="on_delivered") == GroupRegistration("on_delivered", is_new=False)
    assert await backend.counts("on_delivered") == before == {"owed": 3, "pending": 2, "retrying": 1}
    await backend.bus.promote(CHANNEL, "on_delivered")
    assert sorted(await numbers(backend, "on_delivered")) == [0, 1, 2]
    assert await backend.client.hkeys(backend.keys.groups) == [b"on_delivered"]


async def test_a_group_from_before_is_found_again_by_every_worker(backend: BusBackend):
    """Not only by the first one."""
    await former(backend)
    answers = [await backend.subscribe(NEW, former="on_delivered") for _ in range(3)]
    assert {answer.group for answer in answers} == {"on_delivered"}


async def test_a_group_that_another_app_serves_is_left_alone(backend: BusBackend):
    """Two apps may have a function of one name."""
    await former(backend, "billing")
    assert await backend.subscribe(NEW, former="on_delivered") == GroupRegistration(NEW, is_new=True)
    assert await backend.counts(NEW) == {}
    assert await backend.counts("on_delivered") == {"owed": 3, "pending": 2, "retrying": 1}


async def test_of_two_apps_only_the_first_takes_over_a_group_from_before(backend: BusBackend):
    """The other begins a group of its own."""
    await former(backend)
    first = await backend.subscribe("one.on_delivered", app="one", former="on_delivered")
    second = await backend.subscribe("two.on_delivered", app="two", former="on_delivered")
    assert (first.group, second.group) == ("on_delivered", "two.on_delivered")


async def test_a_group_that_has_its_new_name_keeps_it(backend: BusBackend):
    """A group of the old name that comes up later is somebody else's."""
    await backend.subscribe(NEW, former="on_delivered")
    await former(backend)
    assert await backend.subscribe(NEW, former="on_delivered") == GroupRegistration(NEW, is_new=False)


async def test_a_group_from_before_whose_retries_the_server_lost_is_mended(backend: BusBackend):
    """Under the name that it keeps."""
    await former(backend)
    await backend.client.delete(backend.keys.retries("on_delivered"))
    await backend.subscribe(NEW, former="on_delivered")
    assert sorted(await numbers(backend, "on_delivered")) == [1, 2]


async def test_where_a_group_begins_is_decided_once(backend: BusBackend):
    """Asked for again with another start, it keeps its place."""
    await backend.bus.publish(event(1))
    await backend.subscribe("sms", start="latest")
    before: Any = replace(await backend.ledger("sms"))
    await backend.subscribe("sms", start="earliest")
    assert await backend.ledger("sms") == before
    assert await backend.take("sms") == []


async def test_a_group_that_is_registered_anew_owes_what_it_has_not_settled(backend: BusBackend):
    """Somebody has removed its name alone: the server knows its place, and its counters tell what it did."""
    await backend.subscribe("sms")
    for number in range(4):
        await backend.bus.publish(event(number))
    done, held, *_ = await backend.take("sms", limit=2)
    await backend.bus.ack(done, "w1", [], {})
    await backend.client.hdel(backend.keys.groups, "sms")
    assert (await backend.subscribe("sms")).is_new
    assert await backend.counts("sms") == {"owed": 4, "done": 1, "pending": 3}
    assert await backend.bus.ack(held, "w1", [], {}) == []
    assert await numbers(backend, "sms") == [2, 3]
