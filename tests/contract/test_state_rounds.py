"""Rounds of a loop: its steps are open again, and the run goes on until the last round is done."""

from runtime.state.tasks import Claim, Commit, CommitResult, NextClaim, token_of
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid

NEEDS = {"draft": 0, "review": 1, "ship": 1}


async def drafted(state: StateBackend) -> None:
    """A run whose first draft is committed."""
    await state.store.start(run(1, NEEDS))
    await state.store.commit(await state.claim(task("draft")), Commit('"one"', ["review"]))


async def again(state: StateBackend, claim: Claim, next_: NextClaim | None = None) -> CommitResult | None:
    """The commit of a review that asks for another round."""
    word = f"#{claim.task.place.round + 1}"
    commit = Commit("false", name="review", again={f"draft{word}": 0, f"review{word}": 1}, next=next_)
    return await state.store.commit(claim, commit)


async def test_another_round_makes_its_first_step_due(state: StateBackend):
    """Whoever reads results finds those of the round before, until there are others."""
    await drafted(state)
    assert await again(state, await state.claim(task("review")))
    assert await state.due() == ["draft#2"]
    claim = await state.claim(task("draft#2"), "2", LEASE_MS, "draft", "review")
    assert (claim.attempt, claim.results) == (1, {"draft": '"one"', "review": "false"})
    await state.store.commit(claim, Commit('"two"', ["review#2"], name="draft"))
    assert await state.due() == ["review#2"]
    assert await state.store.result(uuid(1), "draft") == '"two"'


async def test_the_run_ends_after_what_follows_the_last_round(state: StateBackend):
    """Each round opens as many steps as it ends."""
    await drafted(state)
    await again(state, await state.claim(task("review")))
    await state.store.commit(await state.claim(task("draft#2")), Commit('"two"', ["review#2"], name="draft"))
    done = Commit("true", ["ship"], name="review", noted={"review#": "2"})
    last = await state.store.commit(await state.claim(task("review#2")), done)
    assert last is not None
    assert last.ended is None
    claim = await state.store.claim(task("ship"), "w1|3", LEASE_MS, ("draft",), parts=("review#",))
    assert claim is not None
    assert (claim.results, claim.parts) == ({"draft": '"two"'}, {"review#": "2"})
    ended = await state.store.commit(claim, Commit('"shipped"'))
    assert ended is not None
    assert ended.ended is not None


async def test_a_round_begins_once_however_often_it_is_asked_for(state: StateBackend):
    """The answer of its commit was lost."""
    await drafted(state)
    claim = await state.claim(task("review"))
    await again(state, claim)
    before = await state.dump()
    assert await again(state, claim)
    assert await state.dump() == before


async def test_whoever_asks_for_another_round_may_take_its_first_step(state: StateBackend):
    """With the results that it reads."""
    await drafted(state)
    next_ = NextClaim(token_of("w1", "next"), LEASE_MS, {"draft#2": ("review",)})
    done = await again(state, await state.claim(task("review")), next_)
    assert done is not None
    assert done.taken is not None
    assert (done.taken.task, done.taken.results) == (task("draft#2"), {"review": "false"})


async def test_a_run_that_failed_in_a_round_goes_on_in_it(state: StateBackend):
    """Rounds that are over stay so."""
    await drafted(state)
    await again(state, await state.claim(task("review")))
    assert await state.store.fail(await state.claim(task("draft#2")), "OSError", "no ink")
    assert await state.store.resume(uuid(1), "ada")
    assert await state.due() == ["draft#2"]


async def test_a_cancelled_run_has_nothing_due_of_any_round(state: StateBackend):
    """Nor does it begin another."""
    await drafted(state)
    claim = await state.claim(task("review"))
    assert await state.store.cancel(uuid(1))
    assert await again(state, claim) is None
    assert await state.due() == []


async def test_a_step_that_a_run_does_not_have_is_not_booked(state: StateBackend):
    """It became part of the workflow after the run had begun: nobody finds it open, nor due when the run resumes."""
    await state.store.start(run(1))
    await state.store.commit(await state.claim(task()), Commit("7", ["delivery", "survey"]))
    assert await state.due() == ["delivery"]
    assert await state.store.fail(await state.claim(task("delivery")), "OSError", "no road")
    assert await state.store.resume(uuid(1), "ada")
    assert await state.due() == ["delivery"]
