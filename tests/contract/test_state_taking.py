"""A commit may take the next step of its run along: under a lease of its own, like any claim."""

from runtime.state.tasks import Claim, Commit, NextClaim, token_of
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import outgoing, run, task, uuid

TOKEN = token_of("w1", "next")


def taking(*steps: str, token: str = TOKEN, successors: tuple[str, ...] = ("delivery",)) -> Commit:
    """A commit of a result that takes the first of some steps that it makes due."""
    upstream = dict.fromkeys(steps, ("pickup",))
    return Commit("7", successors, next=NextClaim(token, LEASE_MS, upstream))


async def first(state: StateBackend, needs: dict[str, int] | None = None) -> Claim:
    """The first step of a run, claimed."""
    await state.store.start(run(1, needs))
    return await state.claim(task())


async def test_the_step_that_follows_comes_with_the_commit(state: StateBackend):
    """With the results that it reads, and nobody else is given it."""
    done = await state.store.commit(await first(state), taking("delivery"))
    assert done is not None
    assert done.taken is not None
    assert (done.taken.task, done.taken.token, done.taken.attempt) == (task("delivery"), TOKEN, 1)
    assert (done.taken.results, done.taken.lost, done.taken.fails) == ({"pickup": "7"}, None, 0)
    assert done.taken.run.inputs == {"order": '{"parcel":7}'}
    assert await state.due() == []
    assert await state.store.claim(task("delivery"), "w2|1", LEASE_MS, []) is None


async def test_what_was_taken_is_fenced_like_what_was_claimed(state: StateBackend):
    """It is renewed and committed by its token, and goes to a cell when its worker is gone."""
    done = await state.store.commit(await first(state), taking("delivery"))
    assert done is not None
    assert done.taken is not None
    assert await state.store.renew([done.taken], LEASE_MS) == []
    assert await state.store.forfeit("w1", "lost") == 1
    assert await state.store.commit(done.taken, Commit("8")) is None
    again = await state.claim(task("delivery"), worker="cell")
    assert (again.attempt, again.lost and again.lost.attempt) == (2, 1)
    ended = await state.store.commit(again, Commit("8"))
    assert ended is not None
    assert ended.ended is not None


async def test_a_commit_that_is_repeated_finds_what_it_took(state: StateBackend):
    """Its answer was lost: the attempt is counted once."""
    held, commit = await first(state), taking("delivery")
    once, again = [await state.store.commit(held, commit) for _ in range(2)]
    assert once is not None
    assert again is not None
    assert once.taken is not None
    assert again.taken is not None
    assert again.taken.attempt == once.taken.attempt == 1
    assert again.taken.results == once.taken.results
    await state.store.forfeit("w1", "lost")
    late = await state.store.commit(held, commit)
    assert late is not None
    assert late.taken is None


async def test_of_several_that_are_due_one_is_taken(state: StateBackend):
    """The others are left to whoever comes."""
    held = await first(state, {"pickup": 0, "billing": 1, "delivery": 1})
    both = ("billing", "delivery")
    done = await state.store.commit(held, taking(*both, successors=both))
    assert done is not None
    assert done.taken is not None
    assert done.taken.task.step == "billing"
    assert await state.due() == ["delivery"]


async def test_what_still_waits_for_others_is_not_taken(state: StateBackend):
    """Nor what was not asked for: it is due."""
    held = await first(state, {"pickup": 0, "weighing": 0, "delivery": 2, "billing": 1})
    done = await state.store.commit(held, taking("delivery", successors=("delivery", "billing")))
    assert done is not None
    assert done.taken is None
    assert sorted(await state.due()) == ["billing", "weighing"]


async def test_a_stale_commit_takes_nothing(state: StateBackend):
    """Nor does one whose events find no room."""
    held = await first(state)
    await state.store.forfeit("w1", "lost")
    before = await state.dump()
    assert await state.store.commit(held, taking("delivery")) is None
    assert await state.dump() == before


async def test_in_another_life_of_the_run_nothing_is_taken(state: StateBackend):
    """What the worker knows of the run is of the life before: it asks anew."""
    held = await first(state, {"pickup": 0, "weighing": 0, "delivery": 1})
    failed = await state.claim(task("weighing"), worker="w9")
    assert await state.store.fail(failed, "OSError", "no scales")
    assert await state.store.resume(uuid(1), "ada")
    done = await state.store.commit(held, taking("delivery"))
    assert done is not None
    assert done.taken is None
    assert sorted(await state.due()) == ["delivery", "weighing"]


async def test_events_and_the_step_come_with_one_commit(state: StateBackend):
    """Neither is taken for the other."""
    commit = Commit("7", ["delivery"], [outgoing(50)], {"k": "1"}, {}, NextClaim(TOKEN, LEASE_MS, {"delivery": ()}))
    done = await state.store.commit(await first(state), commit)
    assert done is not None
    assert done.taken is not None
    assert ([one.outgoing for one in done.entries], done.taken.results) == ([outgoing(50)], {})
    assert await state.store.read(uuid(1), "k") == "1"
