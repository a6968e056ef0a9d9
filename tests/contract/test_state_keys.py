"""What is kept of a run is listed, with sizes and without values."""

from runtime.state.runs import KeptKey
from runtime.state.tasks import Commit
from tests.contract.backends import StateBackend
from tests.contract.made import run, task, uuid


async def test_results_and_keys_of_a_run_are_listed_with_their_sizes(state: StateBackend):
    """By name, in bytes, whatever the keys are called; of a run that is not there, or has none, nothing."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0}))
    await state.store.start(run(2, {"pickup": 0}))
    claim = await state.claim(task("pickup"))
    await state.store.commit(claim, Commit('"\u00fc"', writes={"b\x00 \u00fc": "12", "a": '"x"'}))
    await state.store.commit(await state.claim(task("billing")), Commit("1"))
    kept = [
        KeptKey("result", "billing", 1),
        KeptKey("result", "pickup", 4),
        KeptKey("state", "a", 3),
        KeptKey("state", "b\x00 \u00fc", 2),
    ]
    assert await state.contract.list_kept_keys(uuid(1), 10) == kept
    assert await state.contract.list_kept_keys(uuid(1), 1) == [kept[0], kept[2]]
    assert await state.contract.list_kept_keys(uuid(2), 10) == []
    assert await state.contract.list_kept_keys(uuid(3), 10) == []
