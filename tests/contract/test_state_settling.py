"""Whoever repeats a settlement is told again that it holds; a different one after it is stale. Neither changes
anything."""

from collections.abc import Awaitable, Callable

import pytest

from runtime.state.tasks import Claim, Commit
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import outgoing, run, task, uuid
from tests.contract.state_backends import changed
from tests.contract.step_settlements import CALLS, SETTLING, Call, commit, fail, release, retry

each_settlement = pytest.mark.parametrize("settle", SETTLING)


async def claimed(state: StateBackend, **needs: int) -> Claim:
    """The first step of a run, claimed by `w1`."""
    await state.store.start(run(1, needs or None))
    return await state.claim(task())


@each_settlement
async def test_a_settlement_that_is_repeated_holds_still(state: StateBackend, settle: Call):
    """And nothing moves a second time."""
    held = await claimed(state)
    assert await settle(state, held)
    before = await state.dump()
    for _ in range(2):
        assert await settle(state, held)
    assert await state.dump() == before


@pytest.mark.parametrize("call", CALLS)
@each_settlement
async def test_a_different_one_after_it_is_stale(state: StateBackend, settle: Call, call: Call):
    """What is settled is settled in one way."""
    if settle is call:
        return
    held = await claimed(state)
    assert await settle(state, held)
    before = await state.dump()
    assert not await call(state, held)
    assert await state.dump() == before


@each_settlement
async def test_nobody_else_is_told_that_it_holds(state: StateBackend, settle: Call):
    """Only the attempt that did it."""
    held = await claimed(state)
    assert await settle(state, held)
    other = Claim(held.task, "w2|1", held.attempt, 0, 0, 0, held.now_ms, held.first_ms, held.run, {})
    before = await state.dump()
    assert not await settle(state, other)
    assert await state.dump() == before


async def claimed_by_another(state: StateBackend) -> None:
    await state.claim(task(), "2", worker="w2")


async def lost_by_another(state: StateBackend) -> None:
    await claimed_by_another(state)
    assert await state.store.forfeit("w2", "killed") == 1


async def taken_by_a_cell(state: StateBackend) -> None:
    await lost_by_another(state)
    await state.claim(task(), worker="cell")


async def cancelled(state: StateBackend) -> None:
    assert await state.store.cancel(uuid(1))


@pytest.mark.parametrize("settle", [retry, release])
@pytest.mark.parametrize("since", [claimed_by_another, lost_by_another, taken_by_a_cell, cancelled])
async def test_it_is_repeated_after_something_else_has_happened(
    state: StateBackend, settle: Call, since: Callable[[StateBackend], Awaitable[None]]
):
    """It holds, and what has happened since is not undone."""
    held = await claimed(state)
    assert await settle(state, held)
    await state.make_due(task())
    await since(state)
    before = await state.dump()
    assert await settle(state, held)
    assert await state.dump() == before


async def test_a_commit_that_is_repeated_leaves_its_events_to_whoever_tidies_up(state: StateBackend):
    """They are in the outbox once; which entries they are is not told again."""
    held = await claimed(state)
    first = await state.store.commit(held, Commit("1", (), [outgoing(50)]))
    again = await state.store.commit(held, Commit("1", (), [outgoing(50)]))
    assert first is not None
    assert again is not None
    assert (len(first.entries), again.entries) == (1, [])
    assert (await state.store.outbox.read_older(0, "", 10))[0] == first.entries


async def test_whoever_ended_a_run_is_told_of_its_end_again(state: StateBackend):
    """Somebody has to emit it: the one whose answer was lost."""
    held = await claimed(state, pickup=0)
    first = await state.store.commit(held, Commit("1"))
    assert first is not None
    assert first.ended is not None
    assert await state.store.commit(held, Commit("1")) == first


@pytest.mark.parametrize("how", ["ok", "failed", "cancelled"])
async def test_whoever_did_not_end_a_run_is_not_told_of_its_end(state: StateBackend, how: str):
    """It would emit a success that never was, or that is not its own."""
    held = await claimed(state, pickup=0, billing=0)
    assert await commit(state, held)
    if how == "cancelled":
        await state.store.cancel(uuid(1))
    else:
        other = await state.claim(task("billing"), worker="w2")
        assert await (fail(state, other) if how == "failed" else commit(state, other))
    again = await state.store.commit(held, Commit('"done"'))
    assert again is not None
    assert again.ended is None


async def test_a_failure_is_repeated_with_the_same_end(state: StateBackend):
    """Whoever failed for good tells the run's end."""
    held = await claimed(state)
    first = await state.store.fail(held, "OSError", "no route")
    assert first is not None
    assert await state.store.fail(held, "OSError", "no route") == first


async def test_a_run_ends_once_whoever_ends_it(state: StateBackend):
    """Two steps fail, and somebody cancels: one of them ended it, the others find it ended."""
    one = await claimed(state, pickup=0, billing=0)
    two = await state.claim(task("billing"), worker="w2")
    assert await state.store.fail(one, "OSError", "no route")
    assert await state.store.fail(two, "OSError", "no bank") is None
    assert await state.store.cancel(uuid(1)) is None
    record = await state.store.get(uuid(1))
    assert record is not None
    assert (record.status, record.failed_step) == ("failed", "pickup")


async def test_a_claim_that_is_repeated_is_the_same_attempt(state: StateBackend):
    """Its number and all that it brings; its lease is as long as it was to be."""
    await state.store.start(run())
    first = await state.claim(task())
    before = await state.dump()
    again = await state.claim(task())
    after = await state.dump()
    assert (again.attempt, again.first_ms, again.results, again.lost) == (1, first.first_ms, {}, None)
    assert changed(before, after) <= state.queues
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None


async def test_a_cells_claim_that_is_repeated_is_the_same_attempt(state: StateBackend):
    """It knows what was lost before, each time."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "killed")
    first = await state.claim(task(), worker="cell")
    again = await state.claim(task(), worker="cell")
    assert (first.attempt, first.kills, first.lost) == (again.attempt, again.kills, again.lost)
    assert await state.store.claim(task(), "cell-2|1", LEASE_MS, [], isolated=True) is None


async def test_a_claim_that_was_lost_meanwhile_is_not_given_back(state: StateBackend):
    """Its lease was over, and a cell has the task, or will have it."""
    await state.store.start(run())
    await state.claim(task(), lease_ms=0)
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None
    before = await state.dump()
    assert await state.store.claim(task(), "w1|1", LEASE_MS, []) is None
    assert await state.dump() == before


async def test_the_next_attempts_end_takes_the_place_of_the_one_before(state: StateBackend):
    """Who repeats an older settlement then is stale, and changes nothing."""
    held = await claimed(state)
    assert await state.store.retry(held, 0)
    assert await commit(state, await state.claim(task(), "2"))
    before = await state.dump()
    assert not await state.store.retry(held, 0)
    assert await state.dump() == before
