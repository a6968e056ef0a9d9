"""Limits of agents: no more attempts at once, or in a minute, than they say, and no permit outlives its lease."""

import asyncio
import random

import pytest

from runtime.resilience.limits import Limit
from runtime.state.runs import LimitUse
from runtime.state.tasks import Claim, Commit, LimitRoom, NextClaim, Task, token_of
from runtime.state.waits import Wait
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid

TWO = Limit("research", at_once=2)


async def started(state: StateBackend, count: int) -> None:
    for number in range(count):
        await state.store.start(run(number))


async def claim(
    state: StateBackend, number: int, limit: Limit | None = TWO, worker: str = "w1", nonce: str = "1"
) -> Claim | None:
    """Claims the first step of a run, under a limit."""
    isolated = worker.startswith("cell")
    token = token_of(worker, nonce)
    return await state.store.claim(
        task(number=number), token, LEASE_MS, [], isolated=isolated, limits=(limit,) if limit else ()
    )


async def free(state: StateBackend, limit: Limit = TWO) -> int | None:
    """How many more may begin."""
    [room] = await state.store.rooms([limit], 0)
    return room.free


async def held(state: StateBackend, count: int, worker: str = "w1", limit: Limit = TWO) -> list[Claim]:
    """The first steps of the first runs, claimed."""
    await started(state, 9)
    found = [await claim(state, number, limit, worker) for number in range(count)]
    assert None not in found
    return [one for one in found if one is not None]


async def test_no_more_begin_than_the_limit_says(state: StateBackend):
    """The others stay due, and have used no attempt up."""
    await held(state, 2)
    assert await claim(state, 3) is None
    assert await free(state) == 0
    one = await claim(state, 3, None)
    assert one is not None
    assert one.attempt == 1


async def test_one_limit_knows_nothing_of_another(state: StateBackend):
    """Each agent has its own."""
    await held(state, 2)
    assert await claim(state, 3, Limit("review", at_once=1))
    assert await free(state, Limit("writing", at_once=7)) == 7


async def test_a_claim_that_is_repeated_is_counted_once(state: StateBackend):
    """Its answer was lost; it finds itself although there is no room any more."""
    limit = Limit("research", at_once=1, calls_per_minute=9)
    await started(state, 2)
    assert [one and one.attempt for one in [await claim(state, 0, limit) for _ in range(2)]] == [1, 1]
    assert await free(state, Limit("research", calls_per_minute=9)) == 8


ENDINGS = {
    "commit": lambda state, one: state.store.commit(one, Commit("1", ["delivery"])),
    "retry": lambda state, one: state.store.retry(one, 60_000),
    "postpone": lambda state, one: state.store.postpone(one, 60_000),
    "release": lambda state, one: state.store.release(one),
    "fail": lambda state, one: state.store.fail(one, "OSError", "no route"),
    "cancel": lambda state, one: state.store.cancel(one.task.run),
    "fan out": lambda state, one: state.store.fan_out(one, ["1"], 1),
    "wait": lambda state, one: state.store.await_answer(one, Wait("word", "", None, "{}")),
    "await run": lambda state, one: state.store.await_run(one, uuid(8)),
    "forfeit": lambda state, one: state.store.forfeit("w1", "lost"),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_however_an_attempt_ends_its_permit_is_free(state: StateBackend, ending: str):
    """And asked again, no second one is."""
    limit = Limit("research", at_once=1)
    [one] = await held(state, 1, limit=limit)
    assert await free(state, limit) == 0
    for _ in range(2):
        await ENDINGS[ending](state, one)
    assert await free(state, limit) == 1
    assert await claim(state, 3, limit)
    assert await claim(state, 4, limit) is None


async def test_a_lease_that_is_over_is_counted_until_somebody_takes_it_away(state: StateBackend):
    """Its worker may be paused, and go on; whoever comes for it takes it, also where there is no room."""
    await started(state, 3)
    limit = Limit("research", at_once=1)
    assert await state.store.claim(task(number=0), token_of("w1", "1"), 0, [], limits=(limit,))
    assert await claim(state, 1, limit) is None
    assert await claim(state, 0, limit, "w2") is None
    assert [one.task for one in await state.store.suspects(9)] == [task(number=0)]
    assert await claim(state, 1, limit, "w2")


async def test_cells_are_bounded_as_well(state: StateBackend):
    """What waits for one waits for the limit, too."""
    await held(state, 2)
    await state.store.forfeit("w1", "lost")
    limit = Limit("research", at_once=1)
    assert await claim(state, 0, limit, "cell1")
    assert await claim(state, 1, limit, "cell2") is None
    assert await state.store.forfeit("cell1", "killed") == 1
    assert await claim(state, 1, limit, "cell2")


async def test_a_limit_of_none_pauses_the_agent(state: StateBackend):
    """Until it is raised."""
    await started(state, 1)
    for limit in (Limit("research", at_once=0), Limit("research", calls_per_minute=0)):
        assert await claim(state, 0, limit) is None
    assert await claim(state, 0, Limit("research", tokens_per_minute=0)) is None
    assert await claim(state, 0)


async def test_calls_are_counted_by_the_minute(state: StateBackend):
    """Those of attempts as they begin, others as they are told; those of a minute ago count no more."""
    limit = Limit("research", calls_per_minute=5)
    await held(state, 2, limit=limit)
    await state.store.spend("research", 2, 0)
    assert await free(state, limit) == 1
    await state.store.spend("research", 9, 0)
    assert await claim(state, 3, limit) is None
    await state.spent_earlier("research", 62)
    assert await free(state, limit) == 5
    assert await claim(state, 3, limit)


async def test_nothing_begins_while_the_tokens_of_a_minute_are_spent(state: StateBackend):
    """What is under way may go beyond."""
    limit = Limit("research", tokens_per_minute=1000)
    await started(state, 3)
    assert await claim(state, 0, limit)
    await state.store.spend("research", 0, 999)
    assert await free(state, limit) is None
    assert await claim(state, 1, limit)
    await state.store.spend("research", 0, 1)
    assert await claim(state, 2, limit) is None
    await state.spent_earlier("research", 62)
    assert await claim(state, 2, limit)


async def test_rooms_tell_what_may_begin_of_each_lane(state: StateBackend):
    """The oldest first; nothing where there is no room."""
    await started(state, 4)
    await state.store.set_aside({task(number=number): "research" for number in range(4)})
    [room, other] = await state.store.rooms([TWO, Limit("review", tokens_per_minute=5)], 3)
    assert (room.free, len(room.tasks), other) == (2, 3, LimitRoom(None, []))
    for one in room.tasks[:2]:
        assert await state.store.claim(one, token_of("w1", "1"), LEASE_MS, [], limits=(TWO,))
    assert await state.store.rooms([TWO], 3) == [LimitRoom(0, [])]
    [lane] = await state.store.lanes()
    assert lane.due == 2


async def test_who_waits_for_a_limit_is_woken_when_there_is_room(state: StateBackend):
    """Not where nobody does."""
    await started(state, 1)
    await state.store.wait(1)
    await state.store.announce_room(["research"])
    assert await state.client.exists(state.store.keys.wake) == 0
    await state.store.set_aside({task(number=0): "research"})
    await state.forget_wakes()
    await state.store.announce_room(["research"])
    async with asyncio.timeout(10):
        await state.store.wait(60)


async def test_what_was_taken_with_a_commit_holds_no_permit(state: StateBackend):
    """Whoever commits asks for nothing that is limited; one that did would not be counted."""
    [one] = await held(state, 1)
    following = NextClaim(token_of("w1", "next"), LEASE_MS, {"delivery": ()})
    assert await state.store.commit(one, Commit("1", ["delivery"], next=following))
    assert await free(state) == 2


@pytest.mark.parametrize("seed", range(3))
async def test_the_limit_holds_whatever_becomes_of_attempts(state: StateBackend, seed: int):
    """At random, against a plain count; at the end all have been done and nothing is left behind."""
    chance, limit, done = random.Random(seed), Limit("research", at_once=3), set[Task]()
    await started(state, 20)
    await state.store.set_aside({task(number=number): "research" for number in range(20)})
    under_way: list[Claim] = []
    for turn in range(1500):
        [room] = await state.store.rooms([limit], 5)
        assert room.free == 3 - len(under_way)
        if room.tasks and chance.random() < 0.7:
            one = await state.store.claim(
                chance.choice(room.tasks), token_of(f"w{turn}", "1"), LEASE_MS, [], limits=(limit,)
            )
            assert one is not None
            under_way.append(one)
            continue
        for suspect in await state.store.suspects(1):
            cell = await state.store.claim(
                suspect.task, token_of(f"cell{turn}", "1"), LEASE_MS, [], isolated=True, limits=(limit,)
            )
            assert (cell is None) == (len(under_way) == 3)
            under_way += [cell] if cell else []
        if not under_way:
            continue
        ending = under_way.pop(chance.randrange(len(under_way)))
        match chance.choice(["commit", "retry", "lose"]):
            case "commit":
                assert await state.store.commit(ending, Commit("1"))
                done.add(ending.task)
            case "retry":
                assert await state.store.retry(ending, 0)
                await state.store.set_aside({ending.task: "research"})
            case _:
                assert await state.store.forfeit(ending.token.partition("|")[0], "lost") == 1
    assert len(done) == 20
    assert (await free(state, limit), await state.store.lanes()) == (3, [])


async def test_what_is_used_of_limits_is_told(state: StateBackend):
    """Of permits those whose attempts have their leases, of calls and tokens those of the last minute."""
    first, _ = await held(state, 2, limit=Limit("research", at_once=3, calls_per_minute=9, tokens_per_minute=99))
    await state.store.spend("research", 1, 40)
    await state.store.commit(first, Commit("1"))
    review = Limit("review", at_once=1)
    limits = [Limit("research", at_once=3, calls_per_minute=9, tokens_per_minute=99), review]
    assert await state.store.list_limit_uses(limits) == [LimitUse(limits[0], 1, 3, 40), LimitUse(review, 0, 0, 0)]
    assert await state.store.list_limit_uses([]) == []
