"""An attempt's own lease decides: whoever lost it, or whose run has ended, changes nothing."""

import pytest

from runtime.state.runs import Life
from runtime.state.tasks import Claim, Commit
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import outgoing, run, task, uuid
from tests.contract.state_backends import changed
from tests.contract.step_settlements import CALLS, Call, record

each_call = pytest.mark.parametrize("call", CALLS)


async def claimed(state: StateBackend) -> Claim:
    """The first step of a run, claimed."""
    await state.store.start(run())
    return await state.claim(task())


@each_call
async def test_the_holder_may(state: StateBackend, call: Call):
    """Otherwise the refusals below would prove nothing."""
    assert await call(state, await claimed(state))


@each_call
async def test_whoever_lost_the_lease_is_stale_and_changes_nothing(state: StateBackend, call: Call):
    """A worker that comes back after a long pause finds its task with a cell."""
    await state.store.start(run())
    late = await state.claim(task(), lease_ms=0)
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None
    before = await state.dump()
    assert not await call(state, late)
    assert await state.dump() == before
    now = await state.claim(task(), worker="cell")
    before = await state.dump()
    assert not await call(state, late)
    assert await state.dump() == before
    assert await call(state, now)


@each_call
@pytest.mark.parametrize("how", ["cancelled", "failed"])
async def test_after_the_run_has_ended_everything_is_stale(state: StateBackend, call: Call, how: str):
    """Whether somebody cancelled it or another step failed for good; only its lease and its place in the queue
    are tidied away, and what it has paid for is kept of a run that may be resumed."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0, "delivery": 1}))
    held = await state.claim(task())
    if how == "cancelled":
        await state.store.cancel(uuid(1))
    else:
        other = await state.claim(task("billing"), worker="w9")
        assert await state.store.fail(other, "OSError", "no bank")
    before = await state.dump()
    assert not await call(state, held)
    after = await state.dump()
    is_paid = how == "failed" and call is record
    assert changed(before, after) <= state.queues | ({state.calls_of(uuid(1))} if is_paid else set())


async def test_a_commit_brings_result_events_and_state_together(state: StateBackend):
    """The events lie in the app's outbox with who made them; the state is the run's own, or the app's."""
    held = await claimed(state)
    made = Commit('"done"', ["delivery"], [outgoing(50), outgoing(51)], {"route": '"north"'}, {"open": "true"})
    committed = await state.store.commit(held, made)
    assert committed is not None
    assert [entry.outgoing for entry in committed.entries] == [outgoing(50), outgoing(51)]
    kept, _ = await state.store.outbox.read_older(0, "", 10)
    assert kept == committed.entries
    assert [entry.outgoing.agent for entry in kept] == ["courier", "courier"]
    assert await state.store.result(uuid(1), "pickup") == '"done"'
    assert await state.store.read(uuid(1), "route") == '"north"'
    assert await state.store.read(uuid(2), "route") is None
    assert await state.store.read(None, "route") is None
    assert await state.store.read(None, "open") == "true"
    assert await state.store.read(uuid(1), "open") is None


async def test_a_failed_attempt_is_followed_by_the_next(state: StateBackend):
    """It counts as a failure; the first one's beginning is remembered."""
    first = await claimed(state)
    assert await state.store.retry(first, 0)
    second = await state.claim(task(), "2")
    assert (second.attempt, second.fails, second.kills, second.lost) == (2, 1, 0, None)
    assert second.first_ms == first.first_ms


async def test_a_retry_does_not_come_before_its_time(state: StateBackend):
    """It is neither listed nor given away."""
    assert await state.store.retry(await claimed(state), 60_000)
    assert await state.store.list_due(10) == []
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None


async def test_a_postponed_attempt_never_was(state: StateBackend):
    """The next one has its number, no failure is counted, and time begins to run with it."""
    await state.store.start(run())
    for nonce in ("1", "2", "3"):
        assert await state.store.postpone(await state.claim(task(), nonce), 0)
    held = await state.claim(task(), "4")
    assert (held.attempt, held.fails, held.lost) == (1, 0, None)
    assert held.first_ms == held.now_ms


async def test_a_postponed_retry_keeps_its_number(state: StateBackend):
    """And the failure before it, and when the first attempt began."""
    first = await claimed(state)
    await state.store.retry(first, 0)
    assert await state.store.postpone(await state.claim(task(), "2"), 0)
    held = await state.claim(task(), "3")
    assert (held.attempt, held.fails, held.first_ms) == (2, 1, first.first_ms)


async def test_an_attempt_that_is_released_blames_nobody(state: StateBackend):
    """It was cut off: the next one is due at once, has the next number, and is anybody's."""
    assert await state.store.release(await claimed(state))
    held = await state.claim(task(), "2")
    assert (held.attempt, held.fails, held.kills, held.vanished, held.lost) == (2, 0, 0, 0, None)


async def test_a_renewed_lease_is_not_given_away(state: StateBackend):
    """A lease that has run out can still be renewed as long as nobody has taken the task."""
    await state.store.start(run())
    held = await state.claim(task(), lease_ms=0)
    assert await state.store.renew([held], LEASE_MS) == []
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None
    assert await state.store.list_due(10) == []
    assert await state.store.commit(held, Commit("1", ["delivery"])) is not None


async def test_renewing_tells_what_is_lost_among_what_is_not(state: StateBackend):
    """Committed, taken by a cell, of a run that was cancelled: all of it is lost. A cell's own is not."""
    for number in range(1, 5):
        await state.store.start(run(number))
    first, done, taken, ended = [await state.claim(task("pickup", number)) for number in range(1, 5)]
    await state.store.commit(done, Commit("1"))
    await state.store.forfeit("w1", "lost")
    again = await state.claim(task("pickup", 1), worker="cell")
    kept = await state.claim(task("pickup", 3), worker="cell")
    await state.store.cancel(uuid(4))
    assert await state.store.renew([first, again, done, taken, kept, ended], LEASE_MS) == [first, done, taken, ended]
    assert await state.store.renew([], LEASE_MS) == []


async def test_a_step_that_fails_for_good_ends_its_run(state: StateBackend):
    """The record names step and error; what waited is not given away any more."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0}))
    ended = await state.store.fail(await state.claim(task()), "OSError", "OSError: no route")
    record = await state.store.get(uuid(1))
    assert ended is not None
    assert record is not None
    assert (record.status, record.ended_ms) == ("failed", ended.ended_ms)
    assert (record.failed_step, record.error_type, record.error) == ("pickup", "OSError", "OSError: no route")
    assert await state.store.claim(task("billing"), "w2|1", LEASE_MS, []) is None
    assert await state.store.list_due(10) == []
    assert await state.store.list_unconfirmed_lives(0, 10) == [Life(uuid(1))]
