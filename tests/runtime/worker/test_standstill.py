"""Due work that stands still is said in the worker's log, with what takes the slots; and not more often than needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from runtime.testing import FakeClock
from runtime.worker.standstill import PATIENCE, WARN_EVERY, Standstill
from runtime.worker.worker import Worker
from tests.runtime.worker.bench import Bench
from tests.waiting import until


@pytest.fixture(autouse=True)
def _one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker itself looks once alone; the test looks when it likes."""
    monkeypatch.setattr("runtime.worker.standstill.LOOK_EVERY", 1000.0)


@asynccontextmanager
async def watched(bench: Bench) -> AsyncIterator[Standstill]:
    """What watches a worker with one slot, and does not rest."""
    async with bench.app.client() as app:
        worker, over = Worker(app.session, concurrency=1), asyncio.Event()
        over.set()
        await worker.start()
        try:
            yield Standstill(worker._kit, worker._step_slots, worker._groups, over)
        finally:
            await worker.stop(60)


class Stuck:
    """A worker with one slot that long work has taken."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.go_on = asyncio.Event()
        bench.work()(self._work)

    async def _work(self, order: int) -> None:
        if order == 1:
            await self.go_on.wait()

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Standstill]:
        """What watches the worker, while the first piece of work goes on and a second one is due."""
        async with watched(self.bench) as standstill:
            await self.bench.begin(1)
            await until(lambda: self.bench.attempts)
            await self.bench.begin(2)
            try:
                yield standstill
            finally:
                self.go_on.set()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "nothing has moved" in record.getMessage()]


async def test_due_work_that_stands_still_is_said(timed: Bench, clock: FakeClock, caplog: pytest.LogCaptureFixture):
    """After a while, with what is under way and since when, and what helps; then once a minute."""
    async with Stuck(timed).working() as standstill:
        for _ in range(2):
            await standstill.run_once()
            clock.turn(PATIENCE - 1)
        assert said(caplog) == []
        clock.turn(2)
        await standstill.run_once()
        [warning] = said(caplog)
        what = "steps" if timed.kind == "step" else "group work"
        assert warning.startswith(f"{what}: all 1 slots are taken and nothing has moved for ")
        assert warning.endswith("Give them a timeout, raise CAUSELINE_CONCURRENCY, or start another worker")
        assert ("|shipment|work for " if timed.kind == "step" else "under way: orders ") in warning
        for _ in range(5):
            await standstill.run_once()
            clock.turn(WARN_EVERY / 10)
        assert len(said(caplog)) == 1
        clock.turn(WARN_EVERY)
        await standstill.run_once()
        assert len(said(caplog)) == 2


async def test_slots_that_move_stand_not_still(timed: Bench, clock: FakeClock, caplog: pytest.LogCaptureFixture):
    """However full they are: something has ended, and something else has begun."""
    stuck = Stuck(timed)
    async with stuck.working() as standstill:
        await standstill.run_once()
        clock.turn(PATIENCE - 1)
        stuck.go_on.set()
        await timed.ended(0)
        await timed.ended(1)
        stuck.go_on.clear()
        for _ in range(2):
            await timed.begin(1)
        await until(lambda: len(timed.attempts) == 3)
        clock.turn(2)
        await standstill.run_once()
        assert said(caplog) == []


async def test_full_slots_alone_are_no_standstill(timed: Bench, clock: FakeClock, caplog: pytest.LogCaptureFixture):
    """Nothing else is due."""
    stuck = Stuck(timed)
    async with watched(timed) as standstill:
        await timed.begin(1)
        await until(lambda: timed.attempts)
        for _ in range(3):
            await standstill.run_once()
            clock.turn(2 * PATIENCE)
        stuck.go_on.set()
    assert said(caplog) == []
