"""Work whose consumer is gone is given to cells alone; only cells that die over it make it poison."""

import asyncio

import pytest

from runtime.bus.deliveries import BeginAnswer, Delivery, Loss
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event
from tests.contract.settlements import ack, begin, bury, held

both_streams = pytest.mark.parametrize("is_retry", [False, True])


async def suspect(backend: BusBackend, loss: Loss = "lost", *, is_retry: bool = False) -> Delivery:
    """A delivery that waits for a cell; its consumer `w1` is gone."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", loss) == 1
    return delivery


async def in_a_cell(
    backend: BusBackend, delivery: Delivery, cell: str, kills: int = 3, vanishings: int = 5
) -> BeginAnswer:
    """A cell takes it and begins."""
    assert await backend.bus.claim(delivery, cell)
    return await backend.begin(delivery, cell, isolated=True, kills=kills, vanishings=vanishings)


@both_streams
async def test_one_cell_among_many_gets_it(backend: BusBackend, is_retry: bool):
    """However many ask at once."""
    delivery = await suspect(backend, is_retry=is_retry)
    claims = await asyncio.gather(*(backend.bus.claim(delivery, f"cell-{number}") for number in range(20)))
    assert sum(claims) == 1
    assert await backend.bus.suspects(CHANNEL, "sms", 10) == []
    (held_,) = await backend.bus.find_held(CHANNEL, "sms", f"cell-{claims.index(True)}", (), 10)
    assert held_ == delivery


async def test_what_a_worker_holds_can_not_be_claimed(backend: BusBackend):
    """It does not wait for a cell; neither does what is settled, or where no group is."""
    delivery = await held(backend)
    before = await backend.dump()
    assert not await backend.bus.claim(delivery, "cell")
    assert await backend.dump() == before
    await ack(backend, delivery, "w1")
    assert not await backend.bus.claim(delivery, "cell")
    await backend.client.delete(backend.keys.stream)
    assert not await backend.bus.claim(delivery, "cell")


async def test_what_something_else_removed_can_not_be_claimed(backend: BusBackend):
    """It is settled instead."""
    delivery = await suspect(backend)
    await backend.client.xdel(backend.keys.stream, delivery.entry)
    assert not await backend.bus.claim(delivery, "cell")
    assert await backend.bus.suspects(CHANNEL, "sms", 10) == []
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_they_are_listed_oldest_first_and_no_more_than_asked_for(backend: BusBackend):
    """Events and retries among each other."""
    await backend.subscribe("sms")
    for number in range(4):
        await backend.bus.publish(event(number))
    first, *_ = await backend.take("sms", limit=2)
    await backend.tick()
    await backend.bus.postpone(first, "w1", 0)
    await backend.bus.promote(CHANNEL, "sms")
    await backend.tick()
    await backend.bus.publish(event(4))
    for delivery in (*await backend.take("sms"), *await backend.take("sms")):
        await begin(backend, delivery, "w1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    found = [one.delivery.event_id for one in await backend.bus.suspects(CHANNEL, "sms", 10)]
    assert found == [event(number).id for number in (2, 3, 0, 4)]
    assert [one.delivery.event_id for one in await backend.bus.suspects(CHANNEL, "sms", 3)] == found[:3]


@both_streams
async def test_it_begins_in_a_cell_alone(backend: BusBackend, is_retry: bool):
    """A worker that reads it in company gives it to the cells, whatever round it comes by; no attempt is made of it."""
    delivery = await suspect(backend, is_retry=is_retry)
    await backend.bus.claim(delivery, "cell")
    await backend.bus.postpone(delivery, "cell", 0)
    again = await backend.again("sms", "w2")
    assert (await backend.begin(again, "w2")).status == "suspect"
    assert await backend.suspect("sms") == again
    assert (await in_a_cell(backend, again, "cell-2")).attempt == (3 if is_retry else 2)
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_one_that_ends_in_an_error_is_no_suspect_any_more(backend: BusBackend):
    """It has ended without harm: its retry is anybody's."""
    delivery = await suspect(backend)
    begun = await in_a_cell(backend, delivery, "cell")
    await backend.bus.retry(delivery, "cell", attempt(delivery, begun.attempt), 0)
    again = await backend.again("sms", "w2")
    assert (await backend.begin(again, "w2")).status == "ok"


async def test_one_that_a_cell_has_not_begun_stays_for_cells(backend: BusBackend):
    """The cell died before it began: nothing is counted."""
    delivery = await suspect(backend)
    await backend.bus.claim(delivery, "cell")
    assert await backend.bus.forfeit(CHANNEL, "sms", "cell", "killed") == 1
    again = await backend.again("sms", "w2")
    assert (await backend.begin(again, "w2")).status == "suspect"
    assert (await in_a_cell(backend, again, "cell-2", kills=1)).status == "ok"


@both_streams
@pytest.mark.parametrize(("loss", "limits"), [("killed", (3, 99)), ("vanished", (99, 3))])
async def test_so_many_losses_make_poison(backend: BusBackend, loss: Loss, limits: tuple[int, int], is_retry: bool):
    """The third is enough; the answer tells how many attempts there were, and how the last one went."""
    delivery = await suspect(backend, is_retry=is_retry)
    statuses = []
    for number in range(4):
        begun = await in_a_cell(backend, delivery, f"cell-{number}", *limits)
        statuses.append(begun.status)
        if begun.status == "ok":
            assert await backend.bus.forfeit(CHANNEL, "sms", f"cell-{number}", loss) == 1
    assert statuses == ["ok", "ok", "ok", "poison"]
    assert begun.before is not None
    assert (begun.attempt, begun.before.outcome, begun.before.worker) == (5 if is_retry else 4, "lost", "cell-2")


async def test_kills_and_vanishings_are_counted_apart(backend: BusBackend):
    """Neither fills up the other's limit; how often a cell vanished is told to whoever isolates."""
    delivery = await suspect(backend)
    for number, loss in enumerate(("killed", "vanished", "killed", "vanished", "vanished")):
        assert (await in_a_cell(backend, delivery, f"cell-{number}", 3, 4)).status == "ok"
        await backend.bus.forfeit(CHANNEL, "sms", f"cell-{number}", loss)
    (found,) = await backend.bus.suspects(CHANNEL, "sms", 10)
    assert found.vanished == 3
    assert (await in_a_cell(backend, delivery, "cell", 3, 4)).status == "ok"


async def test_losses_that_say_nothing_never_make_poison(backend: BusBackend):
    """A worker that is gone together with all that it ran, however often."""
    delivery = await suspect(backend)
    for number in range(8):
        assert (await in_a_cell(backend, delivery, f"cell-{number}", 1, 1)).status == "ok"
        await backend.bus.forfeit(CHANNEL, "sms", f"cell-{number}", "lost")


async def test_of_many_that_ran_together_only_those_that_began_are_suspected(backend: BusBackend):
    """And nobody is condemned for the company that it was in."""
    await backend.subscribe("sms")
    for number in range(10):
        await backend.bus.publish(event(number))
    taken = await backend.take("sms")
    for delivery in taken[:3]:
        await begin(backend, delivery, "w1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed")
    found = await backend.bus.suspects(CHANNEL, "sms", 10)
    assert [one.delivery for one in found] == taken[:3]
    assert await backend.counts("sms") == {"owed": 10, "pending": 3, "retrying": 7}


async def test_poison_that_nobody_buries_is_poison_for_the_next_cell(backend: BusBackend):
    """The cell died between the verdict and the burial."""
    delivery = await suspect(backend, "killed")
    assert (await in_a_cell(backend, delivery, "cell-1", kills=1)).status == "poison"
    assert await backend.bus.forfeit(CHANNEL, "sms", "cell-1", "killed") == 1
    again = await backend.again("sms", "w2")
    assert (await backend.begin(again, "w2", kills=1)).status == "suspect"
    assert (await in_a_cell(backend, again, "cell-2", kills=1)).status == "poison"
    assert await bury(backend, again, "cell-2")
    assert await backend.counts("sms") == {"owed": 1, "dead": 1}


async def test_deaths_use_up_no_retries(backend: BusBackend):
    """Attempts count all that began, fails only those that ended in an error."""
    delivery = await suspect(backend)
    begun = await in_a_cell(backend, delivery, "cell")
    assert (begun.attempt, begun.fails) == (2, 0)
    await backend.bus.retry(delivery, "cell", attempt(delivery, 2), 0)
    begun = await backend.begin(await backend.again("sms"))
    assert (begun.attempt, begun.fails) == (3, 1)


async def test_a_replay_of_poison_has_all_its_chances_again(backend: BusBackend):
    """Whoever replays it has mended something."""
    delivery = await suspect(backend, "killed")
    await in_a_cell(backend, delivery, "cell", kills=1)
    await bury(backend, delivery, "cell")
    (letter,) = await backend.dead()
    await backend.replay(letter)
    begun = await backend.begin(await backend.one("sms"), kills=1)
    assert (begun.status, begun.attempt) == ("ok", 1)
