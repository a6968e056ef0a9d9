"""What a run has done is undone when it fails or is cancelled: the last first, one by one, and then it ends."""

import pytest

from runtime.state.runs import EndedRun, HeldUndo, Life, RunRecord
from runtime.state.tasks import Claim, Commit
from runtime.state.waits import Wait
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.full_server import full
from tests.contract.made import run, task, uuid

NEEDS = {"reserve": 0, "pay": 1, "ship": 1}


async def claimed(state: StateBackend, step: str, nonce: str = "1", *, has_undo: bool = True) -> Claim:
    """A step of the run, claimed with what an undo reads."""
    found = await state.store.claim(task(step), f"w1|{nonce}", LEASE_MS, (), parts=(step,), has_undo=has_undo)
    assert found is not None
    return found


async def paid(state: StateBackend) -> None:
    """A run whose first two steps are done."""
    await state.store.start(run(1, NEEDS))
    await state.store.commit(await claimed(state, "reserve"), Commit('"r"', ["pay"], undo="done"))
    await state.store.commit(await claimed(state, "pay"), Commit('"p"', ["ship"], undo="done"))


async def failed(state: StateBackend) -> Claim:
    """A run that has done so, and then failed; the claim that failed it."""
    await paid(state)
    claim = await claimed(state, "ship", has_undo=False)
    assert await state.store.fail(claim, "OSError", "no road") == EndedRun(await accepted(state), None)
    return claim


async def record(state: StateBackend) -> RunRecord:
    found = await state.store.get(uuid(1))
    assert found is not None
    return found


async def accepted(state: StateBackend) -> int:
    return (await record(state)).accepted_ms


async def undo(state: StateBackend, step: str, nonce: str = "2") -> EndedRun | None:
    """Claims an undo and commits it; how the run ended by that."""
    claim = await claimed(state, f"~{step}", nonce, has_undo=False)
    done = await state.store.commit(claim, Commit("null", undo="undo"))
    assert done is not None
    return done.ended


async def test_a_failed_run_ends_when_its_steps_are_undone(state: StateBackend):
    """In reverse order, each given what its step had made; only the last one ends the run."""
    await failed(state)
    assert (await record(state)).status == "undoing"
    assert await state.due() == ["~pay"]
    assert (await claimed(state, "~pay", has_undo=False)).parts == {"~pay": '"p"'}
    assert await undo(state, "pay", "1") is None
    assert await state.due() == ["~reserve"]
    ended = await undo(state, "reserve")
    assert ended is not None
    after = await record(state)
    assert (after.status, after.failed_step, after.error, after.is_undone) == ("failed", "ship", "no road", True)
    assert after.ended_ms == ended.ended_ms
    assert await state.store.list_unconfirmed_lives(-1000, 10)


async def test_a_cancelled_run_ends_cancelled(state: StateBackend):
    """Once; a second cancel meanwhile changes nothing."""
    await paid(state)
    assert await state.store.cancel(uuid(1), "ada")
    before = await state.dump()
    assert await state.store.cancel(uuid(1), "bob") is None
    assert await state.dump() == before
    await undo(state, "pay")
    await undo(state, "reserve")
    assert (await record(state)).status == "cancelled"


async def test_what_has_begun_is_undone_although_nobody_knows_whether_it_was_done(state: StateBackend):
    """Its worker failed it, or is gone: the undo finds no result."""
    await state.store.start(run(1, NEEDS))
    claim = await claimed(state, "reserve")
    assert await state.store.fail(claim, "TimeoutError", "no answer")
    undoing = await claimed(state, "~reserve", "2", has_undo=False)
    assert undoing.parts == {}


async def test_what_was_skipped_or_never_begun_is_not_undone(state: StateBackend):
    """There is nothing to take back: the run ends at once."""
    await state.store.start(run(1, NEEDS))
    await state.store.commit(await claimed(state, "reserve"), Commit("null", ["pay"], undo="not done"))
    ended = await state.store.cancel(uuid(1))
    assert ended is not None
    assert ended.ended_ms is not None
    assert await state.due() == []


async def test_an_undo_waits_for_the_attempt_that_may_still_be_under_way(state: StateBackend):
    """For the end of its lease; its holder is told, and commits nothing."""
    await paid(state)
    holder = await state.store.claim(task("ship"), "w1|3", LEASE_MS, (), has_undo=True)
    assert holder is not None
    await state.store.cancel(uuid(1))
    assert await state.due() == []
    assert await state.store.renew([holder], LEASE_MS) == [holder]
    assert await state.store.commit(holder, Commit('"s"', undo="done")) is None
    (due_ms,) = await state.queued()
    assert due_ms == holder.now_ms + LEASE_MS
    assert await state.store.find_held_undo(uuid(1)) == HeldUndo("ship", due_ms)


async def test_steps_that_have_not_begun_are_known(state: StateBackend):
    """Neither one that is under way or tried again, nor one that is done; of no run there are none."""
    assert await state.store.find_unbegun_places(uuid(1)) == set()
    await state.store.start(run(1, NEEDS))
    assert await state.store.find_unbegun_places(uuid(1)) == {"reserve", "pay", "ship"}
    claim = await claimed(state, "reserve")
    assert await state.store.find_unbegun_places(uuid(1)) == {"pay", "ship"}
    await state.store.commit(claim, Commit('"r"', ["pay"], undo="done"))
    assert await state.store.find_unbegun_places(uuid(1)) == {"pay", "ship"}


async def test_an_undo_that_waits_for_nobody_is_not_held(state: StateBackend):
    """Nor is one of a run that goes on, or that there is none of."""
    assert await state.store.find_held_undo(uuid(1)) is None
    await failed(state)
    assert (await state.due(), await state.store.find_held_undo(uuid(1))) == (["~pay"], None)


async def test_nothing_but_undos_goes_on_while_a_run_is_undone(state: StateBackend):
    """Neither what is under way nor what would follow from it."""
    await state.store.start(run(1, NEEDS | {"label": 0}))
    await state.store.commit(await claimed(state, "reserve"), Commit('"r"', ["pay"], undo="done"))
    other = await claimed(state, "label", has_undo=False)
    failing = await claimed(state, "pay", has_undo=False)
    assert await state.store.fail(failing, "OSError", "no money")
    assert await state.due() == ["~reserve"]
    assert await state.store.commit(other, Commit('"l"')) is None
    assert not await state.store.retry(other, 0)


async def test_an_undo_that_is_committed_again_holds(state: StateBackend):
    """Its answer was lost; the next one is due once."""
    await failed(state)
    claim = await claimed(state, "~pay", has_undo=False)
    assert await state.store.commit(claim, Commit("null", undo="undo"))
    before = await state.dump()
    assert await state.store.commit(claim, Commit("null", undo="undo"))
    assert await state.dump() == before


async def test_a_failed_undo_is_named_and_the_others_go_on(state: StateBackend):
    """A person may have it tried again, in another life of the run."""
    await failed(state)
    claim = await claimed(state, "~pay", has_undo=False)
    for _ in range(2):  # its answer may be lost
        assert await state.store.fail_undo(claim, "OSError: bank away") == EndedRun(await accepted(state), None)
    assert await undo(state, "reserve")
    after = await record(state)
    assert (after.status, after.undo_failed, after.undo_error) == ("failed", ("pay",), "OSError: bank away")
    assert await state.store.undo_failures(5) == [after]
    assert await state.store.undo(uuid(1), "ada") == "undoing"
    again = await record(state)
    assert (again.status, again.life, again.undo_failed, again.ended_ms) == ("undoing", 2, (), None)
    assert await state.store.undo_failures(5) == []
    assert await undo(state, "pay", "3")
    last = await record(state)
    assert (last.status, last.undo_failed) == ("failed", ())
    assert [one.number for one in await state.store.list_unconfirmed_lives(-1000, 10)] == [1, 2]
    ((_, said),) = await state.store.audit(None, 1)
    assert (said.action, said.operator) == ("undo", "ada")


async def test_a_run_that_is_forgotten_needs_nobody_any_more(state: StateBackend):
    """Whatever has become of its undos."""
    await failed(state)
    await state.store.fail_undo(await claimed(state, "~pay", has_undo=False), "OSError: bank away")
    assert await undo(state, "reserve")
    await state.store.confirm(Life(uuid(1)))
    assert len(await state.store.undo_failures(5)) == 1
    assert await state.store.forget_runs(-1000, 10) == 1
    assert await state.store.undo_failures(5) == []
    assert await state.left_of(uuid(1)) == []


async def test_a_run_that_ended_well_can_be_undone(state: StateBackend):
    """It is cancelled by that."""
    await paid(state)
    done = await state.store.commit(await claimed(state, "ship", has_undo=False), Commit('"s"'))
    assert done is not None
    assert done.ended is not None
    assert await state.store.undo(uuid(1), "ada") == "undoing"
    await undo(state, "pay")
    await undo(state, "reserve")
    assert (await record(state)).status == "cancelled"
    assert await state.store.undo(uuid(1), "ada") == "nothing"


async def test_a_run_that_goes_on_is_not_undone(state: StateBackend):
    """It is cancelled first; and what is not there is not found."""
    await paid(state)
    assert await state.store.undo(uuid(1), "ada") == "running"
    assert await state.store.undo(uuid(7), "ada") is None


async def test_a_run_whose_steps_were_undone_is_not_resumed(state: StateBackend):
    """What it would go on from is not there any more."""
    await failed(state)
    for step in ("pay", "reserve"):
        resumed = await state.store.resume(uuid(1), "ada")
        assert resumed is not None
        assert not resumed.is_resumed
        await undo(state, step)
    resumed = await state.store.resume(uuid(1), "ada")
    assert resumed is not None
    assert (resumed.is_resumed, resumed.status) == (False, "undone")


async def test_an_undo_whose_worker_is_gone_waits_for_a_cell(state: StateBackend):
    """It is work as any other."""
    await failed(state)
    await claimed(state, "~pay", has_undo=False)
    assert await state.store.forfeit("w1", "lost") == 1
    (suspect,) = await state.store.suspects(10)
    claim = await state.store.claim(suspect.task, "cell|1", LEASE_MS, (), isolated=True)
    assert claim is not None
    assert await state.store.commit(claim, Commit("null", undo="undo"))
    assert await state.due() == ["~reserve"]


@pytest.mark.in_memory
async def test_a_full_server_goes_on_to_undo(state: StateBackend):
    """Undos are part of work that was accepted."""
    await paid(state)
    async with full(state.client):
        assert await state.store.cancel(uuid(1))
        await undo(state, "pay")
        assert await undo(state, "reserve")


@pytest.mark.parametrize("how", ["ok", "failed", "cancelled"])
async def test_whoever_waits_for_a_run_is_due_when_that_ends(state: StateBackend, how: str):
    """However it ends; and at once where it has ended before."""
    await state.store.start(run(1))
    await state.store.start(run(2, {"sort": 0}))
    holder = await state.claim(task())
    assert await state.store.await_run(holder, uuid(2)) == "waiting"
    assert await state.store.await_run(holder, uuid(2)) == "waiting"
    assert await state.due() == ["sort"]
    child = await state.claim(task("sort", 2), "2")
    match how:
        case "ok":
            await state.store.commit(child, Commit("1"))
        case "failed":
            await state.store.fail(child, "OSError", "no road")
        case "cancelled":
            await state.store.cancel(uuid(2))
    assert await state.due() == ["pickup"]
    assert await state.store.await_run(await state.claim(task(), "3"), uuid(2)) == "ended"


async def test_whoever_is_under_way_when_the_run_ends_keeps_its_lease(state: StateBackend):
    """It finds out for itself: nobody takes it for gone."""
    await state.store.start(run(1))
    await state.store.start(run(2, {"sort": 0}))
    waiting = await state.claim(task())
    await state.store.await_run(waiting, uuid(2))
    assert await state.store.fail(await state.claim(task("sort", 2)), "OSError", "no road")
    again = await state.claim(task(), "2")
    await state.store.resume(uuid(2), "ada")
    assert await state.store.await_run(again, uuid(2)) == "waiting"
    await state.store.cancel(uuid(2))
    held = await state.claim(task(), "3")
    assert await state.store.renew([held], LEASE_MS) == []
    assert await state.store.claim(task(), "w9|1", LEASE_MS, ()) is None


async def test_a_cancel_takes_along_what_steps_wait_for(state: StateBackend):
    """And what that waits for."""
    for number in (1, 2, 3):
        await state.store.start(run(number))
    for number in (1, 2):
        await state.store.await_run(await state.claim(task("pickup", number)), uuid(number + 1))
    assert await state.store.cancel(uuid(1))
    assert [(await state.store.get(uuid(number))).status for number in (1, 2, 3)] == 3 * ["cancelled"]  # type: ignore[union-attr]  # started above
    assert await state.due() == []


async def test_an_answer_leaves_an_attempt_alone_that_is_under_way(state: StateBackend):
    """It comes to its wait by itself; made due meanwhile, its step would be taken from it."""
    await state.store.start(run(1))
    await state.store.await_answer(await state.claim(task()), Wait("approval"))
    assert await state.store.cancel(uuid(9)) is None
    await state.store.answer(uuid(1), Wait("other").member, "1", "ann")
    await state.make_due(task())  # as a resume does
    held = await state.claim(task(), "2")
    await state.store.answer(uuid(1), Wait("approval").member, "true", "ann")
    assert await state.due() == []
    assert (await state.store.await_answer(held, Wait("approval"))).value == "true"
