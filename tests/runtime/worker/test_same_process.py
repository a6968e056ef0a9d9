"""Where there is no parent to start cells, what waits for one runs in the same process, beside all else."""

import asyncio

from runtime import App
from runtime.settings import Settings
from runtime.state.presence import WorkerRecord
from runtime.state.tasks import token_of
from runtime.testing import Recorder
from tests.runtime.worker.bench import WELL, Bench
from tests.waiting import until


async def test_what_waits_runs_beside_all_else(bench: Bench):
    """As many as there are slots for, at once, and blames nobody however often the process dies."""
    begun: list[int] = []
    go_on = asyncio.Event()

    @bench.work()
    async def work(order: int) -> None:
        begun.append(order)
        await go_on.wait()

    async with bench.app.client():
        await bench.begin()
        await bench.takes("gone-0")
        await bench.loses("gone-0", "lost")
        for number in range(20):
            await bench.isolates(f"gone-{number + 1}")
            await bench.loses(f"gone-{number + 1}", "lost")
        async with bench.app:
            await until(lambda: begun)
            go_on.set()
            assert await bench.ended() == WELL


async def test_all_that_waits_begins_at_once(settings: Settings, facts: Recorder):
    """A process died with all of its slots full; the next one does not take them up one by one."""
    app = App("logistics", settings=settings.model_copy(update={"lease": 60}), observer=facts)
    workflow, meet = app.workflow("shipment", order=int), asyncio.Barrier(8)

    @workflow.step(name="pickup")
    async def pickup(order: int) -> int:
        await meet.wait()
        return order

    async with app.client():
        runs = [await app.start(workflow, order=order) for order in range(8)]
        for number, task in enumerate(await app.session.store.list_due(9)):
            assert await app.session.store.claim(task, token_of("gone", str(number)), 60_000, [])
        assert await app.session.store.forfeit("gone", "lost") == 8
        async with app:
            assert await asyncio.gather(*(run.result(30) for run in runs)) == list(range(8))


async def test_what_waits_is_left_to_workers_that_have_cells(bench: Bench):
    """Until none of them is heard of any more."""
    bench.work()(lambda order: None)
    async with bench.app.client():
        await bench.begin()
        await bench.takes("gone")
        await bench.loses("gone", "lost")
        presence = bench.app.session.presence
        other = WorkerRecord("other", "h", 1, 16, "", 1, cells=True)
        await presence.join(other)
        async with bench.app:
            await until(lambda: _looked(bench))
            assert bench.attempts == []
            await presence.leave("other")
            assert await bench.ended() == WELL


async def _looked(bench: Bench) -> bool:
    """Whether the worker has had the time to look."""
    worker = bench.app._workers.current
    assert worker is not None
    await worker._recovery.run_suspects()
    return True
