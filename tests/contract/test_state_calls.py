"""What an attempt has recorded of its calls is found by later attempts at the step, and by nobody else."""

import pytest

from runtime.state.tasks import Claim
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.full_server import full
from tests.contract.made import run, task, uuid


async def claimed(state: StateBackend, step: str = "pickup") -> Claim:
    """A step of a run, claimed."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0}))
    return await state.claim(task(step))


async def test_what_is_recorded_is_found_by_the_next_attempt(state: StateBackend):
    """After one that failed as well as after one that was lost; what was not recorded is not."""
    claim = await claimed(state)
    assert await state.store.get_call_record(claim, "search") is None
    assert await state.store.record_call(claim, "search", '{"found": "ü"}')
    assert await state.store.retry(claim, 0)
    again = await state.claim(task(), "2", lease_ms=0)
    assert await state.store.get_call_record(again, "search") == '{"found": "ü"}'
    assert await state.store.get_call_record(again, "search|2") is None
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None  # its lease is over: it waits for a cell
    last = await state.claim(task(), worker="cell")
    assert await state.store.get_call_record(last, "search") == '{"found": "ü"}'


async def test_the_calls_of_steps_and_runs_are_their_own(state: StateBackend):
    """Also where they have the same name."""
    pickup, billing = await claimed(state), await claimed(state, "billing")
    await state.store.start(run(2, {"pickup": 0}))
    other = await state.claim(task(number=2))
    await state.store.record_call(pickup, "search", "1")
    assert await state.store.get_call_record(billing, "search") is None
    assert await state.store.get_call_record(other, "search") is None


async def test_a_record_that_is_repeated_holds(state: StateBackend):
    """Its answer may have been lost."""
    claim = await claimed(state)
    assert await state.store.record_call(claim, "search", "1")
    assert await state.store.record_call(claim, "search", "1")
    assert await state.store.get_call_record(claim, "search") == "1"


async def test_what_a_failed_run_has_paid_for_is_there_when_it_is_resumed(state: StateBackend):
    """Its step goes on from its calls."""
    claim = await claimed(state)
    await state.store.record_call(claim, "search", "1")
    await state.store.fail(claim, "OSError", "no route")
    await state.store.resume(uuid(1), "ann")
    assert await state.store.get_call_record(await state.claim(task()), "search") == "1"


async def test_what_is_paid_for_while_another_step_fails_the_run_is_there_when_it_is_resumed(state: StateBackend):
    """Whoever paid goes on no more; but the run has not been cancelled, so it may go on later."""
    claim = await claimed(state)
    await state.store.fail(await state.claim(task("billing")), "OSError", "no route")
    assert not await state.store.record_call(claim, "search", "1")
    assert not await state.store.record_call(claim, "look", "2")  # its lease went with that
    await state.store.resume(uuid(1), "ann")
    again = await state.claim(task(), "2")
    assert await state.store.get_call_record(again, "search") == "1"
    assert await state.store.get_call_record(again, "look") is None


async def test_nothing_is_recorded_of_a_run_that_was_cancelled(state: StateBackend):
    """Nobody will ask for it."""
    claim = await claimed(state)
    await state.store.cancel(uuid(1))
    assert not await state.store.record_call(claim, "search", "1")
    assert await state.store.get_call_record(claim, "search") is None


@pytest.mark.in_memory
async def test_what_is_paid_for_is_recorded_although_the_server_is_full(state: StateBackend):
    """Else it would be paid for again."""
    claim = await claimed(state)
    async with full(state.client):
        assert await state.store.record_call(claim, "search", "1")
    assert await state.store.get_call_record(claim, "search") == "1"
