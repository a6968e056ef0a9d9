"""Limits by key: no value of a key has more under way than they say, and values take turns, so that none starves."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from runtime.resilience.limits import Limit, turn_lane
from runtime.state.runs import WaitingKey
from runtime.state.tasks import Claim, Commit, Task, token_of
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid
from tests.contract.state_backends import changed

LIMIT = Limit("agent research by tenant", at_once=2, key="tenant")
PACE = Limit("workflow shipment by tenant", calls_per_minute=3, key="tenant")
AGENT = "research"
NUMBERS = {uuid(number): number for number in range(400)}


async def started(state: StateBackend, *tenants: str, first: int = 0) -> list[Task]:
    """A run of each tenant, and its first step, which is set aside; without a name, the run has none."""
    tasks = [task(number=first + number) for number in range(len(tenants))]
    for number, tenant in enumerate(tenants, first):
        await state.store.start(replace(run(number), by={"tenant": tenant} if tenant else {}))
    return tasks


async def aside(state: StateBackend, tasks: Sequence[Task], *limits: Limit) -> None:
    """Has steps take turns."""
    await state.store.set_aside(dict.fromkeys(tasks, AGENT), dict.fromkeys(tasks, limits or (LIMIT,)))


async def told(state: StateBackend, wanted: int = 9, *limits: Limit) -> list[int]:
    """The numbers of the runs whose steps may begin next, in turn."""
    [found] = await state.store.list_next_turns([AGENT], limits or (LIMIT,), wanted)
    return [NUMBERS[one.run] for one in found]


async def begun(state: StateBackend, number: int, *limits: Limit, worker: str = "w1") -> Claim | None:
    """Claims the step of a run."""
    token, isolated = token_of(worker, str(number)), worker.startswith("cell")
    return await state.store.claim(
        task(number=number), token, LEASE_MS, [], limits=limits or (LIMIT,), isolated=isolated
    )


async def test_no_value_has_more_under_way_than_the_limit_says(state: StateBackend):
    """Each has its own; what is over it stays due, and has used no attempt up."""
    await started(state, "acme", "acme", "acme", "bode")
    assert [bool(await begun(state, number)) for number in range(4)] == [True, True, False, True]
    one = await state.store.claim(task(number=2), "w2|1", LEASE_MS, [])
    assert one is not None
    assert one.attempt == 1


async def test_the_values_of_a_run_are_kept_in_its_record(state: StateBackend):
    """As they were when it started."""
    await started(state, 'ac"me: {ä}|', "")
    records = [await state.store.get(uuid(number)) for number in range(2)]
    assert [one and one.by for one in records] == [{"tenant": 'ac"me: {ä}|'}, {}]
    assert await begun(state, 0)
    claim = await begun(state, 1)
    assert claim is not None
    assert claim.run.by == {}


@pytest.mark.parametrize("value", ["a:b", "a|b", "{x}", "\\n", "söhne", '"', "x" * 200])
async def test_any_value_is_told_from_any_other(state: StateBackend, value: str):
    """Whatever it holds."""
    tasks = await started(state, value, value, value, value + "2")
    await aside(state, tasks)
    assert await told(state) == [0, 3, 1]
    assert [bool(await begun(state, number)) for number in range(4)] == [True, True, False, True]
    [lane] = await state.store.lanes()
    assert [key.by for key in lane.keys] == [(("tenant", value),)]


async def test_runs_that_began_before_the_limit_have_no_value_and_no_bound(state: StateBackend):
    """They take their turns together, as one."""
    tasks = await started(state, "", "", "", "", "acme")
    await aside(state, tasks)
    assert await told(state) == [0, 4, 1, 2, 3]
    assert [bool(await begun(state, number)) for number in range(4)] == [True] * 4
    [lane] = await state.store.lanes()
    assert [key.by for key in lane.keys] == [(("tenant", "acme"),)]


async def test_all_limits_of_a_step_hold(state: StateBackend):
    """Each under its own name: another step of the tenant that has but one of them may go on."""
    tasks = await started(state, *["acme"] * 6)
    await aside(state, tasks, LIMIT, PACE)
    assert await told(state, 9, LIMIT, PACE) == [0, 1]
    for number in range(2):
        assert await begun(state, number, LIMIT, PACE)
    assert await begun(state, 2, LIMIT, PACE) is None
    assert await begun(state, 2, PACE)
    assert await begun(state, 3, PACE) is None
    assert await begun(state, 3, Limit("agent review by tenant", at_once=1, key="tenant"))
    assert await told(state, 9, LIMIT, PACE) == []


async def test_the_limit_of_the_agent_holds_over_all_values(state: StateBackend):
    """With or without turns."""
    tasks, whole = await started(state, "acme", "bode", "cato"), Limit(AGENT, at_once=2)
    await aside(state, tasks)
    assert await told(state, 9, whole, LIMIT) == [0, 1]
    assert await begun(state, 0, whole, LIMIT)
    assert await told(state, 9, whole, LIMIT) == [1]
    assert await begun(state, 1, whole, LIMIT)
    assert await begun(state, 2, whole, LIMIT) is None


async def test_values_take_turns_however_much_each_has_to_do(state: StateBackend):
    """A step of each comes before a second one of any; within one the oldest is first."""
    tasks = await started(state, *["acme"] * 20, "bode", "cato", "bode")
    await aside(state, tasks)
    assert await told(state, 4) == [0, 20, 21, 1]
    assert await told(state, 99) == [0, 20, 21, 1, 22]


async def test_who_has_begun_goes_last_also_where_one_is_taken_at_a_time(state: StateBackend):
    """The order of turns is kept by the store, not by whoever looks."""
    tasks = await started(state, *["acme"] * 9, *["bode"] * 3, *["cato"] * 3)
    wide = replace(LIMIT, at_once=99)
    await aside(state, tasks, wide)
    order = []
    for _ in range(15):
        [number] = await told(state, 1, wide)
        assert await begun(state, number, wide)
        order.append(number)
    assert order == [0, 9, 12, 1, 10, 13, 2, 11, 14, 3, 4, 5, 6, 7, 8]


async def test_a_value_that_comes_again_and_again_goes_last_each_time(state: StateBackend):
    """New values don't come before those that wait: a flood of them keeps nobody waiting."""
    wide = replace(LIMIT, at_once=99)
    await aside(state, await started(state, "acme", "acme", "acme"), wide)
    await aside(state, await started(state, "bode", first=3), wide)
    for number, taken in ((4, 0), (5, 3), (6, 1), (7, 4)):
        assert (await told(state, 1, wide)) == [taken]
        assert await begun(state, taken, wide)
        await aside(state, await started(state, f"new {number}", first=number), wide)
    assert await told(state, 9, wide) == [5, 2, 6, 7]


async def test_a_value_at_its_limit_keeps_no_other_waiting(state: StateBackend):
    """And is first when there is room again."""
    tasks = await started(state, "acme", "acme", "acme", "bode", "bode")
    await aside(state, tasks)
    one, two = await begun(state, 0), await begun(state, 1)
    assert await told(state, 1) == [3]
    assert await begun(state, 3)
    assert one is not None
    assert two is not None
    assert await state.store.commit(one, Commit("1"))
    assert await told(state) == [2, 4]


async def test_many_values_at_their_limit_are_not_looked_at_each_time(state: StateBackend):
    """So many are passed by at once; those behind them come first next time."""
    paused = replace(LIMIT, at_once=0)
    many = [f"tenant {number:03}" for number in range(320)]
    tasks = await started(state, *many)
    await aside(state, tasks)
    assert await told(state, 9, paused) == []
    assert await told(state, 3) == [300, 301, 302]


async def test_what_takes_turns_is_due_for_whoever_knows_of_no_such_limit(state: StateBackend):
    """A version of the app without it finds and claims all."""
    tasks = await started(state, "acme", "bode", "acme")
    await aside(state, tasks)
    assert set(await state.store.list_due(9)) == set(tasks)
    assert await state.store.list_due(9, 0, [turn_lane(AGENT)]) == []
    for number in range(3):
        assert await state.store.claim(task(number=number), token_of("w1", "1"), LEASE_MS, [])
    assert (await state.store.lanes(), await told(state)) == ([], [])


async def test_it_can_be_set_aside_for_its_agent_alone_and_back(state: StateBackend):
    """By a version that does not know the step, so that it takes no turn of those behind it."""
    tasks = await started(state, "acme", "acme")
    await aside(state, tasks)
    await state.store.set_aside({tasks[0]: AGENT})
    assert await told(state) == [1]
    assert await state.store.list_due(9, 0, [turn_lane(AGENT)]) == tasks[:1]
    await aside(state, tasks)
    assert sorted(await told(state)) == [0, 1]


async def test_setting_aside_again_costs_nobody_their_turn(state: StateBackend):
    """Several workers come across the same steps."""
    tasks = await started(state, "acme", "bode")
    await aside(state, tasks)
    before = await state.dump()
    await aside(state, tasks[:1])
    after = await state.dump()
    assert {key for key in changed(before, after) if "wake" not in str(key)} == set()


ENDINGS = {
    "claim": lambda state, one: begun(state, 0),
    "cancel": lambda state, one: state.store.cancel(one.run),
    "late": lambda state, one: state.store.claim(one, "w9|1", LEASE_MS, []),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_whatever_becomes_of_it_nothing_is_left_of_its_turn(state: StateBackend, ending: str):
    """Neither of its lane."""
    [one] = await started(state, "acme")
    await aside(state, [one])
    await ENDINGS[ending](state, one)
    assert await state.left_of_lanes() == []


async def test_permits_of_a_value_are_gone_with_its_last_attempt(state: StateBackend):
    """Values come and go by the thousand, and nothing of them stays."""
    await started(state, "acme")
    one = await begun(state, 0)
    assert one is not None
    assert await state.store.commit(one, Commit("1"))
    name = LIMIT.name_for_run({"tenant": "acme"})
    assert name is not None
    await state.store.announce_room([AGENT], [name])
    assert await state.permits(name) == 0


async def test_who_shares_a_limit_is_woken_when_there_is_room(state: StateBackend):
    """Also the workers of another agent, whose steps take turns."""
    await aside(state, await started(state, "acme"))
    await state.forget_wakes()
    await state.store.announce_room(["review"], [])
    assert not await state.client.exists(state.store.keys.wake)
    await state.store.announce_room(["review", AGENT], [])
    async with asyncio.timeout(10):
        await state.store.wait(60)


async def test_calls_and_tokens_are_counted_for_each_value(state: StateBackend):
    """As attempts begin, and as they are told."""
    tokens = Limit("agent research by tenant", tokens_per_minute=100, key="tenant")
    tasks = await started(state, "acme", "acme", "bode")
    await state.store.spend("agent research by tenant\nacme", 0, 100)
    await state.store.spend("workflow shipment by tenant\nbode", 3, 0)
    assert await begun(state, 0, tokens) is None
    assert await begun(state, 2, PACE) is None
    await aside(state, tasks, tokens)
    assert await told(state, 9, tokens) == [2]
    assert await begun(state, 2, tokens)


async def test_admitted_are_as_many_as_may_begin_together(state: StateBackend):
    """The first come first; what no limit holds for always may."""
    tasks = await started(state, "acme", "acme", "acme", "bode", "acme")
    assert await begun(state, 0)
    limits: dict[Task, Sequence[Limit]] = dict.fromkeys(tasks[1:4], (LIMIT, Limit(AGENT, at_once=9)))
    assert await state.store.find_admissible(limits | {tasks[4]: ()}) == [tasks[1], tasks[3], tasks[4]]


async def test_the_lane_tells_which_keys_have_waited_the_longest(state: StateBackend):
    """A few of them, however many there are."""
    for number in range(40):
        await aside(state, await started(state, f"tenant {number % 8}", first=number))
        await state.tick()
    await state.store.set_aside({(await started(state, "late", first=50))[0]: AGENT})
    plain, by_key = await state.store.lanes()
    assert (plain.agent, plain.due, plain.keys) == (AGENT, 1, ())
    assert (by_key.agent, by_key.due) == (AGENT, 40)
    first, *others = by_key.keys
    assert first == WaitingKey((("tenant", "tenant 0"),), 5, by_key.oldest.for_ms)
    assert [key.by for key in others] == [(("tenant", "tenant 1"),), (("tenant", "tenant 2"),)]


@pytest.mark.parametrize("seed", range(3))
async def test_limits_and_turns_hold_whatever_becomes_of_attempts(state: StateBackend, seed: int):
    """At random, against plain counts: no value is ever over its limit, and at the end all have been done, and nothing
    is left behind."""
    chance = random.Random(seed)
    tenants = [f"tenant {chance.randrange(4)}" for _ in range(40)]
    tasks = await started(state, *tenants)
    of = dict(zip(tasks, tenants, strict=True))
    await aside(state, tasks)
    under_way: list[Claim] = []
    done = set[Task]()
    while len(done) < len(tasks):
        counts = Counter(of[one.task] for one in under_way)
        assert max(counts.values(), default=0) <= 2
        [next_] = await state.store.list_next_turns([AGENT], [LIMIT], 3)
        assert all(counts[of[one]] < 2 for one in next_)
        for one in chance.sample(next_, chance.randrange(len(next_) + 1)):
            claim = await state.store.claim(one, token_of(f"w{chance.random()}", "1"), LEASE_MS, [], limits=[LIMIT])
            under_way += [claim] if claim else []
        for suspect in await state.store.suspects(1):
            cell = token_of(f"cell{chance.random()}", "1")
            claim = await state.store.claim(suspect.task, cell, LEASE_MS, [], isolated=True, limits=[LIMIT])
            under_way += [claim] if claim else []
        for ending in chance.sample(under_way, chance.randrange(len(under_way) + 1)):
            under_way.remove(ending)
            match chance.choice(["commit", "retry", "lose"]):
                case "commit":
                    assert await state.store.commit(ending, Commit("1"))
                    done.add(ending.task)
                case "retry":
                    assert await state.store.retry(ending, 0)
                    await aside(state, [ending.task])
                case _:
                    assert await state.store.forfeit(ending.token.partition("|")[0], "lost") == 1
    assert (await state.store.lanes(), await told(state)) == ([], [])
