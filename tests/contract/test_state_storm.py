"""Workers, cells and those who take over, all at once: each step is committed once, each run ends once."""

import asyncio
from collections import Counter
from random import Random
from typing import Final

from runtime.state.tasks import Claim, Commit, NextClaim, consumer_of, token_of
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import outgoing, run, uuid

NEEDS: Final = {"pickup": 0, "sorting": 1, "weighing": 1, "delivery": 2}
SUCCESSORS: Final = {"pickup": ("sorting", "weighing"), "sorting": ("delivery",), "weighing": ("delivery",)}
RUNS: Final = 15
#: How many of those that work are wrongly taken for gone.
DOUBTS: Final = 0.1


class Storm:
    """All workers of an app, and what has become of its runs."""

    def __init__(self, state: StateBackend) -> None:
        self.state = state
        self.committed: Counter[object] = Counter()
        self.ended: Counter[object] = Counter()
        self.chance = Random(7)
        self.doubted = asyncio.Queue[str]()
        self.attempts = 0

    @property
    def is_over(self) -> bool:
        return self.ended.total() >= RUNS

    def token(self, consumer: str) -> str:
        self.attempts += 1
        return token_of(consumer, str(self.attempts))

    async def work(self, consumer: str) -> None:
        while not self.is_over:
            for task in await self.state.store.list_due(5):
                claim = await self.state.store.claim(task, self.token(consumer), LEASE_MS, [])
                if claim is not None:
                    await self.end(claim)

    async def isolate(self, cell: str) -> None:
        while not self.is_over:
            for suspect in await self.state.store.suspects(5):
                claim = await self.state.store.claim(suspect.task, self.token(cell), LEASE_MS, [], isolated=True)
                if claim is not None:
                    await self.end(claim)

    def doubt(self, consumer: str) -> None:
        """It is taken for gone soon, right or wrong."""
        self.doubted.put_nowait(consumer)

    async def end(self, claim: Claim) -> None:
        """Ends the attempt in some way, or dies over it."""
        store = self.state.store
        if self.chance.random() < DOUBTS:
            self.doubt(consumer_of(claim.token))
        match self.chance.choice(["commit", "commit", "retry", "postpone", "release", "die"]):
            case "commit":
                successors = SUCCESSORS.get(claim.task.step, ())
                token = self.token(consumer_of(claim.token))
                takes = (
                    NextClaim(token, LEASE_MS, dict.fromkeys(successors, ())) if self.chance.random() < 0.5 else None
                )
                done = await store.commit(claim, Commit("1", successors, [outgoing(50)], next=takes))
                if done is not None:
                    self.committed[claim.task] += 1
                    self.ended[claim.task.run] += done.ended is not None
                    if done.taken is not None:
                        await self.end(done.taken)
            case "retry":
                await store.retry(claim, 0)
            case "postpone":
                await store.postpone(claim, 0)
            case "release":
                await store.release(claim)
            case "die":
                self.doubt(consumer_of(claim.token))

    async def take_over(self) -> None:
        """What a worker holds that is doubted goes on."""
        while True:
            await self.state.store.forfeit(await self.doubted.get(), self.chance.choice(["killed", "lost"]))


async def test_each_step_is_committed_once_and_each_run_ends_once(state: StateBackend):
    """Whoever dies or is only taken for dead, and whoever comes too late; nothing is left over."""
    storm = Storm(state)
    for number in range(RUNS):
        await state.store.start(run(number, NEEDS))
    async with asyncio.timeout(60), asyncio.TaskGroup() as others:
        taking = [others.create_task(storm.take_over()) for _ in range(2)]
        async with asyncio.TaskGroup() as everybody:
            for consumer in ("w0", "w1", "w2"):
                everybody.create_task(storm.work(consumer))
            for cell in ("cell-1", "cell-2"):
                everybody.create_task(storm.isolate(cell))
        for one in taking:
            one.cancel()
    assert set(storm.committed.values()) == {1}
    assert len(storm.committed) == RUNS * len(NEEDS)
    assert storm.ended == {uuid(number): 1 for number in range(RUNS)}
    assert (await state.store.list_due(10), await state.store.suspects(10)) == ([], [])
    assert (await state.store.backlog()).under_way == 0
    assert await state.outgoing() == RUNS * len(NEEDS)
    assert {record.status for record in await state.store.runs(100)} == {"ok"}
