"""A run may be given another shape: what is done stays where it still holds, and all else is done, or done again."""

from dataclasses import replace

from runtime.state.runs import MoveResult, MovingStep, NewRun
from runtime.state.tasks import Commit, ItemResult, OtherShape
from runtime.state.waits import Wait, wait_member
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid

OLD, NEW = "0ld", "new"


def shaped(**needs: int) -> NewRun:
    """A run that began with the old shape."""
    return replace(run(1, needs), shape='{"steps":{}}', shape_digest=OLD)


def step(name: str, *waits_for: str, is_same: bool = True) -> MovingStep:
    return MovingStep(name, waits_for, is_same=is_same)


async def move(state: StateBackend, *steps: MovingStep) -> MoveResult:
    return await state.store.move(uuid(1), "shipment", NEW, "{}", steps, "ada")


async def packed(state: StateBackend) -> None:
    """A run whose first two steps are done."""
    await state.store.start(shaped(pack=0, label=1, ship=1))
    await state.store.commit(await state.claim(task("pack")), Commit('"p"', ["label"]))
    await state.store.commit(await state.claim(task("label")), Commit('"l"', ["ship"]))


async def test_a_task_is_not_taken_where_its_run_has_another_shape(state: StateBackend):
    """It stays due, for others."""
    await state.store.start(shaped(pack=0))
    before = await state.dump()
    assert await state.store.claim(task("pack"), "w1|1", LEASE_MS, (), shapes=(NEW,)) == OtherShape(OLD)
    assert await state.dump() == before
    assert await state.store.claim(task("pack"), "w1|1", LEASE_MS, (), shapes=(NEW, OLD))


async def test_a_run_without_a_shape_is_anybodys(state: StateBackend):
    """It was begun by a version that kept none."""
    await state.store.start(run(1))
    assert await state.store.claim(task(), "w1|1", LEASE_MS, (), shapes=(NEW,))


async def test_what_still_holds_stays_done(state: StateBackend):
    """What has changed is done again, and so is what waits for it."""
    await packed(state)
    assert await move(state, step("pack"), step("label", "pack", is_same=False), step("ship", "label")) == MoveResult(
        "moved", kept=1
    )
    assert await state.due() == ["label"]
    assert await state.store.result(uuid(1), "label") is None
    assert await state.store.get_shape(NEW) == "{}"
    assert [one.digest for one in await state.store.count_runs_by_shape()] == [NEW]
    claim = await state.claim(task("label"), "2")
    assert claim.attempt == 2  # a node's attempts are told apart for ever
    await state.store.commit(claim, Commit('"l2"', ["ship"]))
    done = await state.store.commit(await state.claim(task("ship")), Commit('"s"'))
    assert done is not None
    assert done.ended is not None


async def test_what_is_new_is_done_and_what_is_gone_is_not(state: StateBackend):
    """Whoever waited for it is due when nothing else is missing."""
    await packed(state)
    await move(state, step("pack"), step("survey", "pack", is_same=False), step("ship", "pack", is_same=False))
    assert sorted(await state.due()) == ["ship", "survey"]
    assert await state.store.result(uuid(1), "label") is None


async def test_a_run_of_which_all_stays_ends(state: StateBackend):
    """Nothing is left to do."""
    await packed(state)
    await move(state, step("pack"), step("label", "pack"))
    found = await state.store.get(uuid(1))
    assert found is not None
    assert found.status == "ok"
    assert await state.store.count_runs_by_shape() == []


async def test_a_run_that_is_under_way_is_left_alone(state: StateBackend):
    """An attempt, a round or an item would belong to neither shape."""
    await state.store.start(shaped(pack=0))
    claim = await state.claim(task("pack"))
    before = await state.dump()
    assert await move(state, step("pack")) == MoveResult("busy", "pack")
    assert await state.dump() == before
    await state.store.fan_out(claim, ["1", "2"], 10)
    assert (await move(state, step("pack"))).status == "inside"


async def test_a_failed_run_is_moved_and_goes_on_when_it_is_resumed(state: StateBackend):
    """With the steps of its new shape."""
    await packed(state)
    assert await state.store.fail(await state.claim(task("ship")), "OSError", "no road")
    assert (await move(state, step("pack"), step("carry", "pack", is_same=False))).status == "moved"
    assert await state.due() == []
    assert await state.store.resume(uuid(1), "ada")
    assert await state.due() == ["carry"]


async def test_what_cannot_be_moved_is_said(state: StateBackend):
    """One that has the shape, that is over, or that is not there."""
    await packed(state)
    await move(state, step("pack"), step("label", "pack"), step("ship", "label"))
    assert (await move(state, step("pack"))).status == "same"
    await state.store.cancel(uuid(1))
    assert await state.store.move(uuid(1), "shipment", "third", "{}", [step("pack")], "ada") == MoveResult(
        "over", "cancelled"
    )
    assert await state.store.move(uuid(9), "shipment", NEW, "{}", [step("pack")], "ada") == MoveResult("missing")


async def test_a_step_that_goes_on_keeps_what_it_has_recorded(state: StateBackend):
    """Nothing is paid for again because of what comes after it."""
    await packed(state)
    claim = await state.claim(task("ship"))
    assert await state.store.record_call(claim, "quote", '"9"')
    assert (await state.store.await_answer(claim, Wait("ok"))).status == "waiting"
    await move(state, step("pack"), step("label", "pack"), step("ship", "label"), step("thank", "ship", is_same=False))
    assert await state.due() == ["ship"]
    claim = await state.claim(task("ship"), "2")
    assert await state.store.get_call_record(claim, "quote") == '"9"'
    assert [one.name for one in await state.store.waits(uuid(1))] == ["ok"]


async def test_a_step_that_is_done_again_has_nothing_of_before(state: StateBackend):
    """Neither its items, nor their calls, nor what it was answered."""
    await state.store.start(shaped(pack=0, ship=1))
    await state.store.fan_out(await state.claim(task("pack")), ["1"], 1)
    item = await state.claim(task("pack[0]"))
    assert await state.store.record_call(item, "quote", '"9"')
    assert (await state.store.await_answer(item, Wait("ok"))).status == "waiting"
    assert (await state.store.answer(uuid(1), wait_member("ok", ""), '"yes"', "ada")).status == "taken"
    item = await state.claim(task("pack[0]"), "2")
    await state.store.commit(item, Commit('"p"', item=ItemResult("pack", None)))
    await state.store.commit(await state.claim(task("pack"), "2"), Commit('["p"]', ["ship"], gathered=1))
    await move(state, step("pack", is_same=False), step("ship", "pack"))
    claim = await state.claim(task("pack"), "3")
    assert claim.parts == {}
    await state.store.fan_out(claim, ["2"], 1)
    item = await state.claim(task("pack[0]"), "3")
    assert await state.store.get_call_record(item, "quote") is None
    assert (await state.store.await_answer(item, Wait("ok"))).status == "waiting"


async def test_a_run_within_is_not_done_again(state: StateBackend):
    """It would be another one under the same name."""
    await state.store.start(shaped(pack=0, ship=1))
    await state.store.start(run(2))
    assert await state.store.await_run(await state.claim(task("pack")), uuid(2)) == "waiting"
    assert await move(state, step("pack", is_same=False), step("ship", "pack")) == MoveResult("nested", "pack")
    assert await move(state, step("ship", is_same=False)) == MoveResult("nested", "pack")
    assert (await move(state, step("pack"), step("ship", "pack", is_same=False))).status == "moved"


async def test_what_only_the_former_code_can_undo_stays_with_it(state: StateBackend):
    """A run that fails later would be undone for ever."""
    await state.store.start(shaped(pack=0, ship=1))
    await state.store.commit(await state.claim(task("pack")), Commit('"p"', ["ship"], undo="done"))
    assert await move(state, step("ship", is_same=False)) == MoveResult("undoable", "pack")
    assert (await move(state, step("pack"), step("ship", "pack", is_same=False))).status == "moved"
