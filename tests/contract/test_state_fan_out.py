"""Items of a fan-out: due a few at a time, and their step again when all are committed, once."""

import asyncio
import random

import pytest

from runtime.state.tasks import Claim, Commit, CommitResult, ItemResult, NextClaim
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.full_server import full
from tests.contract.made import run, task, uuid

ALL = 1000


async def spread(state: StateBackend, items: int = 3, at_once: int | None = ALL) -> Claim:
    """A fan-out whose items are due; the claim that made them so."""
    await state.store.start(run(1))
    claim = await state.claim(task())
    assert await state.store.fan_out(claim, [str(10 + number) for number in range(items)], at_once)
    return claim


async def item(state: StateBackend, index: int, nonce: str = "1") -> Claim:
    """An item, claimed with what it is given and the number of all."""
    word = f"pickup[{index}]"
    found = await state.store.claim(task(word), f"w1|{nonce}", LEASE_MS, (), parts=("pickup", word))
    assert found is not None
    return found


async def finished(state: StateBackend, claim: Claim, result: str, tolerated: int | None = None) -> CommitResult | None:
    """An item's commit."""
    return await state.store.commit(claim, Commit(result, item=ItemResult("pickup", tolerated)))


async def test_items_are_due_and_their_step_is_not(state: StateBackend):
    """Each is given its own, and is told of how many it is one."""
    await spread(state)
    assert sorted(await state.due()) == ["pickup[0]", "pickup[1]", "pickup[2]"]
    assert (await item(state, 1)).parts == {"pickup": "3", "pickup[1]": "11"}


async def test_no_more_are_under_way_than_may_be(state: StateBackend):
    """Each commit makes the next one due, in order."""
    await spread(state, items=4, at_once=2)
    assert sorted(await state.due()) == ["pickup[0]", "pickup[1]"]
    await finished(state, await item(state, 1), '"b"')
    assert sorted(await state.due()) == ["pickup[0]", "pickup[2]"]
    await finished(state, await item(state, 0), '"a"')
    assert sorted(await state.due()) == ["pickup[2]", "pickup[3]"]


async def test_where_as_many_may_be_under_way_as_are_begun_each_that_begins_makes_the_next_due(state: StateBackend):
    """So few are due at once, however many there are."""
    await spread(state, items=250, at_once=None)
    assert len(await state.store.list_due(1000)) == 100
    for index in range(3):
        await item(state, index)
    due = [one.step for one in await state.store.list_due(1000)]
    assert (len(due), "pickup[102]" in due, "pickup[103]" in due) == (100, True, False)


async def test_whoever_commits_an_item_may_take_the_next_one(state: StateBackend):
    """With what it is given; a commit that is repeated finds the same."""
    await spread(state, items=3, at_once=1)
    commit = Commit('"a"', item=ItemResult("pickup"), next=NextClaim("w1|next", LEASE_MS, {"pickup[*]": ()}))
    first = await item(state, 0)
    for _ in range(2):
        done = await state.store.commit(first, commit)
        assert done is not None
        assert done.taken is not None
        assert (done.taken.task, done.taken.attempt) == (task("pickup[1]"), 1)
        assert done.taken.parts == {"pickup": "3", "pickup[1]": "11"}
    assert await state.due() == []


async def test_the_step_is_due_again_when_all_are_committed(state: StateBackend):
    """Its results are read in the order of the items, whoever came first; then they go."""
    await spread(state)
    for index in (2, 0, 1):
        assert "pickup" not in await state.due()
        await finished(state, await item(state, index), f'"{index}"')
    again = await state.store.claim(task(), "w1|2", LEASE_MS, (), parts=("pickup",))
    assert again is not None
    assert (again.attempt, again.fails, again.parts) == (2, 0, {"pickup": "3"})
    assert await state.store.list_item_results(again, 3) == ['"0"', '"1"', '"2"']
    done = await state.store.commit(again, Commit("[0,1,2]", ["delivery"], gathered=3))
    assert done is not None
    assert await state.due() == ["delivery"]
    assert await state.store.result(uuid(1), "pickup") == "[0,1,2]"
    assert await state.store.result(uuid(1), "pickup[0]") is None


@pytest.mark.parametrize("seed", range(5))
async def test_in_whatever_order_items_end_their_step_is_due_once(state: StateBackend, seed: int):
    """Also where each is committed twice, because its answer was lost."""
    chance = random.Random(seed)
    await spread(state, items=8, at_once=3)
    left, seen = 8, 0
    while left:
        word = chance.choice([one for one in await state.due() if "[" in one])
        claim = await item(state, int(word[7:-1]))
        both = await asyncio.gather(finished(state, claim, "1"), finished(state, claim, "1"))
        assert all(both)
        left -= 1
        due = await state.due()
        seen += "pickup" in due
        assert len([one for one in due if "[" in one]) == min(3, left)
    assert seen == 1
    assert (await state.store.get(uuid(1))).status == "running"  # type: ignore[union-attr]  # it was started above


async def test_as_many_may_fail_as_are_tolerated(state: StateBackend):
    """One more changes nothing, however often it is asked."""
    await spread(state)
    done = await finished(state, await item(state, 0), "null", tolerated=1)
    assert done is not None
    assert not done.is_refused
    late = await item(state, 1)
    before = await state.dump()
    for _ in range(2):
        refused = await finished(state, late, "null", tolerated=1)
        assert refused is not None
        assert refused.is_refused
    assert await state.dump() == before
    assert await finished(state, late, '"well after all"')


async def test_a_stale_fan_out_makes_nothing_due(state: StateBackend):
    """Its worker was taken for gone."""
    await state.store.start(run(1))
    claim = await state.claim(task())
    await state.store.forfeit("w1", "lost")
    before = await state.dump()
    assert not await state.store.fan_out(claim, ["1"], ALL)
    assert await state.dump() == before


async def test_a_fan_out_that_is_repeated_holds(state: StateBackend):
    """Its answer was lost: no item is due twice, nor is one that is done."""
    claim = await spread(state, items=2)
    await finished(state, await item(state, 0), "1")
    before = await state.dump()
    assert await state.store.fan_out(claim, ["10", "11"], ALL)
    assert await state.dump() == before


@pytest.mark.in_memory
async def test_a_full_server_spreads_what_is_under_way(state: StateBackend):
    """Items are part of work that was accepted."""
    await state.store.start(run(1))
    claim = await state.claim(task())
    async with full(state.client):
        assert await state.store.fan_out(claim, ["1", "2"], ALL)
        assert await finished(state, await item(state, 0), "1")


async def test_a_failed_run_takes_its_items_along_and_resumes_with_those_that_are_open(state: StateBackend):
    """What is committed stays; the step itself waits for the others."""
    await spread(state, items=4, at_once=3)
    await finished(state, await item(state, 0), '"a"')
    assert await state.store.fail(await item(state, 1), "OSError", "no scales")
    assert await state.due() == []
    assert await state.store.resume(uuid(1), "ada")
    assert sorted(await state.due()) == ["pickup[1]", "pickup[2]", "pickup[3]"]
    for index in (1, 2, 3):
        await finished(state, await item(state, index, "2"), '"b"')
    assert await state.due() == ["pickup"]


async def test_a_cancelled_run_leaves_no_item_behind(state: StateBackend):
    """Neither due nor held, and no row of it when it is forgotten."""
    await spread(state)
    held = await item(state, 0)
    assert await state.store.cancel(uuid(1))
    assert await state.due() == []
    assert await finished(state, held, "1") is None


async def test_an_item_whose_worker_is_gone_waits_for_a_cell(state: StateBackend):
    """As any step does."""
    await spread(state, items=1)
    await item(state, 0)
    assert await state.store.forfeit("w1", "lost") == 1
    (suspect,) = await state.store.suspects(10)
    assert suspect.task == task("pickup[0]")
    claim = await state.store.claim(suspect.task, "cell|1", LEASE_MS, (), parts=("pickup", "pickup[0]"), isolated=True)
    assert claim is not None
    assert claim.parts == {"pickup": "1", "pickup[0]": "10"}
