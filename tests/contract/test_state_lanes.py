"""Due steps are set aside for the workers of their agents: nobody else comes across them, and nobody loses them."""

import asyncio
import random
from typing import Final

import pytest

from runtime.state.runs import DueStep
from runtime.state.tasks import Claim, Commit, SuspectTask, Task
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid


async def aside(state: StateBackend, *tasks: Task, agent: str = "research") -> None:
    """Sets tasks aside for an agent."""
    await state.store.set_aside(dict.fromkeys(tasks, agent))


async def due(state: StateBackend, *without: str, limit: int = 100, skip: int = 0) -> list[int]:
    """The numbers of the runs whose steps are due, but for those of some agents."""
    found = await state.store.list_due(limit, skip, without)
    return [one.run.int & 0xFFFF for one in found]


async def started(state: StateBackend, *numbers: int) -> None:
    """Runs that were started one after the other."""
    for number in numbers:
        await state.store.start(run(number))
        await state.tick()


def low(number: int) -> int:
    return uuid(number).int & 0xFFFF


async def test_what_is_set_aside_is_told_to_whoever_does_not_leave_it_to_others(state: StateBackend):
    """By age, among all else."""
    await started(state, 1, 2, 3)
    await aside(state, task(number=2))
    assert await due(state) == [low(1), low(2), low(3)]
    assert await due(state, "research") == [low(1), low(3)]
    assert await due(state, "review") == [low(1), low(2), low(3)]
    assert await due(state, limit=2, skip=1) == [low(2), low(3)]
    assert await due(state, "research", limit=2, skip=1) == [low(3)]


async def test_it_is_claimed_as_all_else(state: StateBackend):
    """Once, and its lane is gone when nothing is in it."""
    await started(state, 1)
    await aside(state, task())
    claim = await state.claim(task())
    assert claim.attempt == 1
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None
    assert await state.store.lanes() == []
    assert await state.left_of_lanes() == []
    assert await state.store.commit(claim, Commit("1", ["delivery"]))
    assert await state.due() == ["delivery"]


async def test_a_claim_that_is_repeated_finds_itself(state: StateBackend):
    """Its answer was lost."""
    await started(state, 1)
    await aside(state, task())
    assert [(await state.claim(task())).attempt for _ in range(2)] == [1, 1]


async def test_what_is_under_way_is_not_set_aside(state: StateBackend):
    """It was due when whoever sets it aside looked."""
    await started(state, 1)
    claim = await state.claim(task())
    before = await state.dump()
    await aside(state, task())
    assert await state.dump() == before
    assert await state.store.commit(claim, Commit("1"))


async def test_nor_is_what_is_due_later_or_done(state: StateBackend):
    """Neither would ever leave its lane again."""
    await started(state, 1, 2)
    await state.store.retry(await state.claim(task()), 60_000)
    await state.store.commit(await state.claim(task(number=2)), Commit("1"))
    await aside(state, task(), task(number=2))
    assert await state.store.lanes() == []


async def test_one_whose_lease_is_over_waits_for_a_cell(state: StateBackend):
    """As if somebody had come to claim it."""
    await started(state, 1)
    await state.claim(task(), lease_ms=0)
    await aside(state, task())
    assert await state.store.suspects(9) == [SuspectTask(task(), 0)]
    assert await due(state) == []


async def test_what_is_set_aside_of_a_run_that_ends_goes_with_it(state: StateBackend):
    """And comes once when the run is resumed."""
    await state.store.start(run(1, {"pickup": 0, "weighing": 0, "delivery": 2}))
    await aside(state, task("weighing"))
    assert await state.store.fail(await state.claim(task()), "OSError", "no scales")
    assert (await state.store.lanes(), await due(state)) == ([], [])
    await aside(state, task("weighing"))
    assert await state.store.lanes() == []
    assert await state.store.resume(uuid(1), "ada")
    assert sorted(await state.due()) == ["pickup", "weighing"]


async def test_a_task_left_by_a_run_that_has_ended_is_dropped(state: StateBackend):
    """Its attempt was under way when its run failed; it must not be found again after a resume, as a second one."""
    await state.store.start(run(1, {"pickup": 0, "weighing": 0, "delivery": 2}))
    late = await state.claim(task("weighing"), lease_ms=1)
    assert await state.store.fail(await state.claim(task()), "OSError", "no scales")
    assert await state.store.commit(late, Commit("1")) is None
    await state.tick()
    await state.tick()
    await aside(state, task("weighing"))
    assert await state.store.resume(uuid(1), "ada")
    assert await state.store.commit(await state.claim(task("weighing")), Commit("1", ["delivery"]))
    assert await state.due() == ["pickup"]


async def test_an_agent_that_is_called_otherwise_by_now_has_the_work_of_its_former_name(state: StateBackend):
    """Whoever looks knows of no reason to leave that lane to others, and sets it aside anew."""
    await started(state, 1)
    await aside(state, task(), agent="searcher")
    assert await due(state, "research") == [low(1)]
    await aside(state, task(), agent="research")
    assert [lane.agent for lane in await state.store.lanes()] == ["research"]
    assert await due(state, "research") == []


async def test_the_workers_of_an_agent_are_woken(state: StateBackend):
    """Long before their time is up, and so are those who do all."""
    await started(state, 1)
    await state.store.wait(1)  # takes the wake-up of the start
    async with asyncio.timeout(10):
        await asyncio.gather(aside(state, task()), state.store.wait(60), state.store.wait(60, ["research"]))


async def test_the_backlog_tells_what_was_set_aside(state: StateBackend):
    """As part of what is due, and by agent."""
    await started(state, 1, 2, 3)
    await aside(state, task(number=1), task(number=2))
    await aside(state, task(number=3), agent="review")
    backlog = await state.store.backlog()
    assert (backlog.due, backlog.under_way) == (3, 0)
    assert backlog.oldest == DueStep(uuid(1), "shipment", "pickup", backlog.lanes[0].oldest.for_ms)
    assert [(lane.agent, lane.due, lane.oldest.run) for lane in backlog.lanes] == [
        ("research", 2, uuid(1)),
        ("review", 1, uuid(3)),
    ]


class Chance:
    """Workers of two agents and of all, whose attempts end in any way.

    Attributes:
        done: what was committed.
    """

    AGENTS: Final = {"pickup": "a", "weighing": "b", "delivery": "a"}

    def __init__(self, state: StateBackend, seed: int) -> None:
        self.store = state.store
        self._chance = random.Random(seed)
        self.done: list[Task] = []

    async def turn(self, number: int) -> None:
        """One worker looks once, sets aside what is not its own, and begins the others; then cells give back."""
        without = {"a", "b"} - set(self._chance.choice(["a", "b", "ab"]))
        found = await self.store.list_due(self._chance.randint(1, 5), 0, without)
        left = {one: self.AGENTS[one.step] for one in found if self.AGENTS[one.step] in without}
        await self.store.set_aside(left)
        for one in found:
            claim = None if one in left else await self.store.claim(one, f"w{number}|1", LEASE_MS, [])
            if claim is not None:
                await self._end(claim, f"w{number}")
        for suspect in await self.store.suspects(3):
            claim = await self.store.claim(suspect.task, f"cell{number}|1", LEASE_MS, [], isolated=True)
            assert claim is not None
            assert await self.store.retry(claim, 0)

    async def _end(self, claim: Claim, worker: str) -> None:
        match self._chance.choice(["commit", "commit", "retry", "release", "lose", "late"]):
            case "retry":
                assert await self.store.retry(claim, 0)
            case "release":
                assert await self.store.release(claim)
            case "lose":
                assert await self.store.forfeit(worker, "lost") == 1
            case "late":  # somebody saw it before it was claimed
                await self.store.set_aside({claim.task: self.AGENTS[claim.task.step]})
                assert await self.store.release(claim)
            case _:
                assert await self.store.commit(
                    claim, Commit("1", [] if claim.task.step == "delivery" else ["delivery"])
                )
                self.done.append(claim.task)


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_sets_what_aside_each_step_is_done_once(state: StateBackend, seed: int):
    """At random: attempts that fail, are released and lost."""
    chance = Chance(state, seed)
    for number in range(12):
        await state.store.start(run(number, {"pickup": 0, "weighing": 0, "delivery": 2}))
    for turn in range(2000):
        if len(chance.done) < 36:
            await chance.turn(turn)
    assert len(chance.done) == len(set(chance.done)) == 36
    assert (await due(state), await state.store.lanes()) == ([], [])
    assert {one.status for one in await state.store.runs(12)} == {"ok"}
