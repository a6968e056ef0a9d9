"""Only the consumer that holds a delivery changes anything about it."""

import pytest

from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, TRACE, attempt, event, outgoing
from tests.contract.settlements import CALLS, Call, ack, begin, held

both_streams = pytest.mark.parametrize("is_retry", [False, True])
each_call = pytest.mark.parametrize("call", CALLS)


@both_streams
@each_call
async def test_the_holder_may(backend: BusBackend, call: Call, is_retry: bool):
    """Otherwise the refusals below would prove nothing."""
    delivery = await held(backend, is_retry=is_retry)
    assert await call(backend, delivery, "w1")


@both_streams
@each_call
async def test_anybody_else_is_stale_and_changes_nothing(backend: BusBackend, call: Call, is_retry: bool):
    """Every key is as it was."""
    delivery = await held(backend, is_retry=is_retry)
    before = await backend.dump()
    assert not await call(backend, delivery, "w2")
    assert await backend.dump() == before


@both_streams
@each_call
async def test_whoever_lost_it_to_a_cell_is_stale(backend: BusBackend, call: Call, is_retry: bool):
    """A worker that comes back after a long pause finds that its delivery waits for a cell, then that one has it."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost") == 1
    before = await backend.dump()
    assert not await call(backend, delivery, "w1")
    assert await backend.dump() == before
    assert await backend.bus.claim(delivery, "cell")
    before = await backend.dump()
    assert not await call(backend, delivery, "w1")
    assert await backend.dump() == before
    assert (await backend.begin(delivery, "cell", isolated=True)).status == "ok"
    assert await call(backend, delivery, "cell")


@both_streams
@each_call
async def test_whoever_lost_it_before_it_began_is_stale(backend: BusBackend, call: Call, is_retry: bool):
    """It is due again, and another has it."""
    delivery = await held(backend, is_retry=is_retry)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost") == 1
    other = await backend.again("sms", "w2")
    before = await backend.dump()
    assert not await call(backend, delivery, "w1")
    assert await backend.dump() == before
    assert await call(backend, other, "w2")


@each_call
async def test_where_the_server_has_lost_the_group_everybody_is_stale(backend: BusBackend, call: Call):
    """It owes nothing to anybody."""
    delivery = await held(backend)
    await backend.client.xgroup_destroy(backend.keys.stream, "sms")
    before = await backend.dump()
    assert not await call(backend, delivery, "w1")
    assert await backend.dump() == before


async def test_an_attempt_is_recorded_before_it_runs(backend: BusBackend):
    """Whoever takes over has the next number, and knows the attempt before, which nobody ended."""
    delivery = await held(backend)
    first = await backend.begin(delivery, "w1", 0xA1)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    await backend.bus.claim(delivery, "cell")
    second = await backend.begin(delivery, "cell", 0xA2, isolated=True)
    assert (first.attempt, first.before) == (1, None)
    assert second.before is not None
    assert (second.attempt, second.before.attempt, second.before.outcome) == (2, 1, "lost")
    assert (second.before.trace_id, second.before.worker) == (f"{0xA1:032x}", "w1")
    assert second.before.ended_ms is not None
    assert second.first_ms == first.started_ms == first.first_ms <= second.before.ended_ms


async def test_an_attempt_that_was_cut_off_is_no_lost_one(backend: BusBackend):
    """Its worker was told to stop, and gave it back."""
    delivery = await held(backend)
    await backend.begin(delivery, "w1", 0xA1)
    assert await backend.bus.postpone(delivery, "w1", 0)
    second = await backend.begin(await backend.again("sms", "w2"), "w2", 0xA2)
    assert second.before is not None
    assert (second.attempt, second.fails, second.before.outcome) == (2, 0, "cancelled")


async def test_an_ack_commits_what_the_handler_published_and_wrote(backend: BusBackend):
    """The events lie in the outbox, in order, with who made them; the state is the group's."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    entries = await backend.bus.ack(delivery, "w1", [outgoing(50), outgoing(51)], {"seen": "1", "last": '"x"'})
    assert entries is not None
    assert [entry.outgoing for entry in entries] == [outgoing(50), outgoing(51)]
    kept, _ = await backend.bus.outbox(CHANNEL).read_older(0, "", 10)
    assert kept == entries
    assert (kept[0].outgoing.parent, kept[0].outgoing.agent) == (TRACE, "courier")
    assert await backend.bus.read_state(CHANNEL, "sms", "last") == '"x"'
    assert await backend.bus.read_state(CHANNEL, "billing", "last") is None
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def copied(backend: BusBackend) -> None:
    """The event is published again, long after its mark is gone."""
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1))


async def test_a_copy_of_an_event_that_the_group_has_done_is_a_duplicate(backend: BusBackend):
    """The group's own mark keeps it from running twice."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await ack(backend, delivery, "w1")
    await copied(backend)
    assert (await backend.begin(await backend.one("sms"))).status == "duplicate"
    assert await backend.counts("sms") == {"owed": 2, "done": 2}
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == []


async def test_a_copy_that_overtakes_a_waiting_retry_does_not_leave_it_waiting(backend: BusBackend):
    """Both are one delivery; once it is done, the retry that comes due finds nothing left to do."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await copied(backend)
    copy = await backend.one("sms")
    await begin(backend, copy, "w1")
    assert await ack(backend, copy, "w1")
    await backend.bus.promote(CHANNEL, "sms")
    assert await backend.take("sms") == []
    assert await backend.counts("sms") == {"owed": 2, "done": 2}


async def test_a_retry_that_was_read_before_a_copy_of_its_event_was_done_does_not_run(backend: BusBackend):
    """It begins after its delivery has ended."""
    retry = await held(backend, is_retry=True)
    await copied(backend)
    copy = await backend.one("sms", "w2")
    assert await ack(backend, copy, "w2")
    assert (await backend.begin(retry)).status == "duplicate"
    assert await backend.counts("sms") == {"owed": 2, "done": 2}
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == []


async def test_a_copy_that_fails_while_a_retry_waits_joins_it(backend: BusBackend):
    """One delivery waits once: what is done afterwards is done for both."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await copied(backend)
    copy = await backend.one("sms")
    await begin(backend, copy, "w1")
    await backend.bus.retry(copy, "w1", attempt(copy, 2), 0)
    assert await backend.counts("sms") == {"owed": 2, "retrying": 1, "done": 1}
    assert await ack(backend, await backend.again("sms"), "w1")
    assert await backend.counts("sms") == {"owed": 2, "done": 2}


async def test_a_copy_that_is_put_off_leaves_the_attempt_under_way_alone(backend: BusBackend):
    """If that dies, it is known to have begun."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await copied(backend)
    assert await backend.bus.postpone(await backend.one("sms", "w2"), "w2", 0)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed") == 1
    assert (await backend.suspect("sms")).entry == delivery.entry
