"""A caller's own key stands for one run of one workflow and its inputs, for as long as that run is kept."""

import asyncio
from dataclasses import replace

import pytest

from runtime.errors import KeyConflictError
from runtime.state.runs import Life, NewRun
from runtime.state.tasks import Commit
from tests.contract.backends import StateBackend
from tests.contract.made import run, task, uuid

ODD = "ü|%s \u202e'\"\n{x}" * 50
#: A clock that is a minute ahead: whatever has ended, has ended before that.
AT_ONCE = -60_000


def keyed(number: int, key: str = "order 7", order: str = '{"parcel":7}') -> NewRun:
    """The `number`-th run, under a key."""
    return replace(run(number, {"pickup": 0}), key=key, inputs={"order": order})


@pytest.mark.parametrize("key", ["order 7", "|", ODD])
async def test_a_start_that_is_repeated_with_its_key_finds_the_first_run(state: StateBackend, key: str):
    """Whatever the key looks like; nothing is started."""
    first = await state.store.start(keyed(1, key))
    before = await state.dump()
    assert await state.store.start(keyed(2, key)) == first
    assert await state.dump() == before


async def test_of_many_at_once_one_is_accepted(state: StateBackend):
    """All find it."""
    accepted = await asyncio.gather(*(state.store.start(keyed(number)) for number in range(1, 21)))
    assert len(set(accepted)) == 1
    assert await state.due() == ["pickup"]


async def test_other_inputs_under_a_key_are_refused(state: StateBackend):
    """Nothing is started, and the message names the key."""
    await state.store.start(keyed(1))
    before = await state.dump()
    with pytest.raises(KeyConflictError, match="under the key 'order 7' with other inputs"):
        await state.store.start(keyed(2, order='{"parcel":8}'))
    assert await state.dump() == before


async def test_a_key_of_one_workflow_is_none_of_another(state: StateBackend):
    """Nor is no key."""
    first = await state.store.start(keyed(1))
    other = await state.store.start(replace(keyed(2), workflow="return"))
    none = [await state.store.start(keyed(number, "")) for number in (3, 4)]
    assert len({first.id, other.id, *(one.id for one in none)}) == 4


async def test_a_key_is_free_again_when_its_run_is_forgotten(state: StateBackend):
    """Other inputs may have it then; not before."""
    await state.store.start(keyed(1))
    await state.store.commit(await state.claim(task()), Commit("7"))
    assert await state.store.forget_runs(AT_ONCE, 10) == 0  # its end is not exported yet
    await state.store.confirm(Life(uuid(1)))
    assert (await state.store.start(keyed(2))).id == uuid(1)
    assert await state.store.forget_runs(AT_ONCE, 10) == 1
    assert (await state.store.start(keyed(3, order='{"parcel":8}'))).id == uuid(3)
