"""Runs are kept for a while after their end, and then nothing of them is left; those that go on stay."""

import pytest

from runtime.state.chunks import ChunkBatch
from runtime.state.runs import Life
from runtime.state.tasks import Commit
from tests.contract.backends import StateBackend
from tests.contract.made import run, task, uuid

#: A clock that is a minute ahead: whatever has ended, has ended before that.
AT_ONCE = -60_000


async def ended(state: StateBackend, number: int = 1) -> None:
    """A run that has ended, and whose end is exported."""
    await state.store.start(run(number, {"pickup": 0}))
    claim = await state.claim(task(number=number))
    await state.store.record_call(claim, "search", '"found"')
    await state.store.stream(claim, ChunkBatch(1, ["1"]))
    await state.store.answer(uuid(number), "approval|", "true", "ann")
    await state.store.commit(claim, Commit("7", writes={"seen": "1"}))
    await state.store.confirm(Life(uuid(number)))


async def test_a_run_is_kept_for_its_time_and_then_nothing_of_it_is_left(state: StateBackend):
    """Neither its record, nor results, attempts or state."""
    await ended(state)
    assert await state.store.forget_runs(60_000, 10) == 0
    assert await state.store.result(uuid(1), "pickup") == "7"
    assert await state.store.forget_runs(AT_ONCE, 10) == 1
    assert await state.store.get(uuid(1)) is None
    assert await state.left_of(uuid(1)) == []
    assert await state.store.runs(10) == []


async def test_a_run_that_goes_on_is_kept_however_old_it_is(state: StateBackend):
    """Also one that was resumed."""
    for number in (1, 2):
        await state.store.start(run(number, {"pickup": 0}))
    claim = await state.claim(task(number=2))
    await state.store.fail(claim, "OSError", "no route")
    await state.store.confirm(Life(uuid(2)))
    await state.store.resume(uuid(2), "ann")
    assert await state.store.forget_runs(AT_ONCE, 10) == 0
    assert len(await state.due()) == 2


async def test_a_run_whose_end_is_not_exported_is_kept(state: StateBackend):
    """Who else would tell it?"""
    await state.store.start(run(1, {"pickup": 0}))
    await state.store.commit(await state.claim(task()), Commit("7"))
    assert await state.store.forget_runs(AT_ONCE, 10) == 0
    await state.store.confirm(Life(uuid(1)))
    assert await state.store.forget_runs(AT_ONCE, 10) == 1


async def test_those_behind_many_that_go_on_are_forgotten_too(state: StateBackend, monkeypatch: pytest.MonkeyPatch):
    """One page does not hold up the next."""
    monkeypatch.setattr("runtime.state.redis_upkeep._FORGET_PAGE", 2)
    for number in range(1, 6):
        await state.store.start(run(number, {"pickup": 0}))
    await ended(state, 6)
    assert await state.store.forget_runs(AT_ONCE, 10) == 1
    assert len(await state.store.runs(10)) == 5


async def test_what_operators_did_to_runs_is_kept_for_its_time(state: StateBackend):
    """By when they did it; also where the run is gone."""
    await state.store.start(run())
    await state.store.cancel(uuid(1), "ann")
    await state.store.forget_audit(60_000)
    ((_, line),) = await state.store.audit(None, 10)
    assert (line.action, line.operator, line.run_id) == ("cancel", "ann", uuid(1))
    await state.store.forget_audit(AT_ONCE)
    assert await state.store.audit(None, 10) == []
