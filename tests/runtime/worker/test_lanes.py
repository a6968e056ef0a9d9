"""Workers that serve some agents, or steps or groups alone: each does its own, however much there is of others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from runtime import App
from runtime.clock import Clock
from runtime.definitions.serving import ALL, Only, Serving
from runtime.definitions.workflow import Workflow
from runtime.resilience.retry import Retry
from runtime.settings import Settings
from runtime.state.presence import WorkerRecord
from runtime.testing import FakeClock, Recorder
from runtime.worker.unserved_agents import WARN_EVERY, UnservedAgentLoop
from runtime.worker.worker import Worker
from tests.waiting import until


class Crew:
    """An app whose steps take turns between two agents, and whose handler is a third one's.

    Attributes:
        did: what was done.
    """

    def __init__(self, settings: Settings, facts: Recorder, clock: Clock | None = None) -> None:
        self.app = App("crew", settings=settings, observer=facts, clock=clock)
        self.did: list[str] = []
        self.work = self.app.workflow("work", order=int)
        self.work.step(name="search", agent="research", publishes="found")(lambda order: self._note("search", order))
        self.work.step(name="judge", agent="review", retry=Retry(attempts=1))(
            lambda search: self._note("judge", search)
        )
        self.work.step(name="cite", agent="research")(lambda judge: self._note("cite", judge))
        self.app.subscribe("found", group="notes", agent="notes")(lambda found: self._note("notes", found))

    def _note(self, what: str, value: int) -> int:
        self.did.append(what)
        return value


def serving(*agents: str, only: Only = "") -> Serving:
    return Serving(frozenset(agents), only)


@asynccontextmanager
async def working(app: App, *servings: Serving) -> AsyncIterator[list[Worker]]:
    """Workers of one connected app, each with what it serves."""
    workers = [Worker(app.session, serving=one) for one in servings]
    for one in workers:
        await one.start()
    try:
        yield workers
    finally:
        await asyncio.gather(*(one.stop(30) for one in workers))


def begun(worker: Worker) -> int:
    """How many step attempts a worker has begun."""
    return worker._step_slots.begun


async def test_each_agent_s_steps_are_done_by_its_workers(settings: Settings, facts: Recorder):
    """Also where one commits what makes another's due."""
    crew = Crew(settings, facts)
    async with (
        crew.app.client() as app,
        working(app, serving("research"), serving("review"), serving("notes")) as workers,
    ):
        runs = [await app.start(crew.work, order=order) for order in range(20)]
        assert await asyncio.gather(*(run.result(60) for run in runs)) == list(range(20))
        await until(lambda: crew.did.count("notes") == 20)
    assert [begun(one) for one in workers] == [40, 20, 0]


async def test_what_no_worker_serves_waits_for_one_that_does(settings: Settings, facts: Recorder):
    """Nothing is lost meanwhile; the worker that comes may do all."""
    crew = Crew(settings, facts)
    async with crew.app.client() as app:
        async with working(app, serving("research")):
            runs = [await app.start(crew.work, order=order) for order in range(5)]
            await until(lambda: _due(app, "review", 5))
        async with working(app, ALL):
            assert await asyncio.gather(*(run.result(60) for run in runs)) == list(range(5))


async def _due(app: App, agent: str, count: int) -> bool:
    return [(one.agent, one.due) for one in await app.session.store.lanes()] == [(agent, count)]


async def test_a_worker_finds_its_step_behind_thousands_of_others(settings: Settings, facts: Recorder):
    """It looks at each of those once, not each time."""
    crew = Crew(settings, facts)
    late = crew.app.workflow("late")
    late.step(name="cite", agent="review")(lambda: 7)
    async with crew.app.client() as app:
        for order in range(1500):
            await app.start(crew.work, order=order)
        async with working(app, serving("review")):
            assert await (await app.start(late)).result(60) == 7
            await until(lambda: _due(app, "research", 1500))
            looks: list[int] = []
            due = app.session.store.list_due

            async def counted(*rest: Any) -> Any:
                found = await due(*rest)
                looks.append(len(found))
                return found

            app.session.store.list_due = counted
            assert await (await app.start(late)).result(60) == 7
    assert max(looks) == 1


@pytest.mark.parametrize(("only", "waits"), [("steps", "notes"), ("groups", "search")])
async def test_a_worker_may_do_steps_or_groups_alone(settings: Settings, facts: Recorder, only: Only, waits: str):
    """The others are left to others, and it knows when it has nothing to do."""
    crew = Crew(settings, facts)
    async with crew.app.client() as app:
        await app.publish("found", 1)
        await app.start(crew.work, order=1)
        async with working(app, serving(only=only)) as [worker]:
            await until(lambda: crew.did)
            assert await worker.drain(30)
            assert waits not in crew.did
        async with working(app, ALL):
            await until(lambda: waits in crew.did)


async def test_what_a_worker_held_that_is_gone_goes_to_its_agent_s_workers(settings: Settings, facts: Recorder):
    """Those of others notice the death, too, and leave it to them: steps and deliveries."""
    crew = Crew(settings, facts)
    async with crew.app.client() as app:
        await app.publish("found", 1)
        await app.start(crew.work, order=1)
        [task] = await app.session.store.list_due(9)
        assert await app.session.store.claim(task, "gone|1", 60_000, [])
        await until(lambda: app.session.bus.read("found", "notes", "gone", 1, 20))
        async with working(app, serving("review")) as [worker]:
            assert await worker._recovery.forfeit("gone", "lost") == 2
            await worker._recovery.run_suspects()
            assert crew.did == []
            async with working(app, serving("research"), serving("notes")):
                await until(lambda: set(crew.did) >= {"search", "notes"})


async def test_workers_with_cells_that_serve_others_take_nothing_away(settings: Settings, facts: Recorder):
    """What waits for a cell is left to them where they do it, and not where nobody of them does."""
    crew = Crew(settings, facts)
    async with crew.app.client() as app:
        run = await app.start(crew.work, order=1)
        [task] = await app.session.store.list_due(9)
        assert await app.session.store.claim(task, "gone|1", 60_000, [])
        assert await app.session.store.forfeit("gone", "lost") == 1
        await app.session.presence.join(WorkerRecord("other", "h", 1, 16, "", 1, cells=True, agents=("review",)))
        async with working(app, ALL):
            assert await run.result(60) == 1
        await app.session.presence.leave("other")


async def test_that_an_agent_has_no_worker_is_said_now_and_then(
    settings: Settings,
    facts: Recorder,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
):
    """By any worker; not while one serves it."""
    monkeypatch.setattr("runtime.worker.unserved_agents.PATIENCE_MS", 0)
    monkeypatch.setattr("runtime.worker.unserved_agents.LOOK_EVERY", 1000.0)
    crew = Crew(settings, facts, clock)
    async with crew.app.client() as app, working(app, serving("review")) as [worker]:
        await app.start(crew.work, order=1)
        await until(lambda: _due(app, "research", 1))
        looks = UnservedAgentLoop(worker._kit, app.session.presence, worker._stopping)
        await app.session.presence.join(WorkerRecord("other", "h", 1, 16, "", 1, agents=("research",)))
        await looks.warn_of_unserved()
        assert _said(caplog) == []
        await app.session.presence.leave("other")
        for _ in range(3):
            await looks.warn_of_unserved()
            clock.turn(WARN_EVERY / 2)
    assert _said(caplog) == ["1 steps are due for agent research, the first (search"] * 2


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    told = (record.getMessage() for record in caplog.records if record.name == "causeline.worker")
    return [text.partition(" of workflow")[0] for text in told if "due for agent" in text]


async def test_a_worker_tells_whom_it_serves_and_what_it_does(settings: Settings, facts: Recorder):
    """With its next sign of life."""
    app, go_on = App("crew", settings=settings, observer=facts, version="7"), asyncio.Event()
    work: Workflow = app.workflow("work")

    @work.step(agent="research")
    async def search() -> None:
        await go_on.wait()

    async with app.client(), working(app, serving("research", only="steps")):
        run = await app.start(work)

        async def told() -> Any:
            (seen,) = await app.session.presence.workers()
            return seen if seen.doing.under_way else None

        seen = await until(told)
        assert (seen.record.agents, seen.record.only, seen.record.version) == (("research",), "steps", "7")
        (piece,) = seen.doing.pieces
        assert (piece.name, piece.agent, piece.run) == (f"work/search of run {run.id}", "research", str(run.id))
        assert seen.record.serves == ("research",)
        go_on.set()
        await run.result(60)
