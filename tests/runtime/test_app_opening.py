"""An app is connected and left, by one user or many at once, in order and out of order."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis.asyncio import Redis

from runtime import App
from runtime.definitions.workflow import Workflow
from runtime.errors import CommandRefusedError, DefinitionError, ServerError
from runtime.redaction.configured_redactor import get_redactor
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.runtime.proxy import Proxy
from tests.waiting import a_turn, until


def stepping(settings: Settings, facts: Recorder) -> tuple[App, Workflow]:
    """An app with one step."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w", order=int)

    @workflow.step
    async def add(order: int) -> int:
        return order + 1

    return app, workflow


async def connections(clients: Clients) -> int:
    """How many the server has."""
    return len(await clients.commands.client_list())


async def test_an_app_that_is_not_connected_says_how_to_connect(settings: Settings, facts: Recorder):
    """Both ways."""
    app = App("logistics", settings=settings, observer=facts)
    with pytest.raises(DefinitionError, match=r"`async with app:` .* `async with app.client\(\):`"):
        await app.publish("delivered", 1)


async def test_what_is_prepared_is_not_made_anew(redis_url: str, facts: Recorder, monkeypatch: pytest.MonkeyPatch):
    """Settings, readers of types and expressions: a process that is forked for one piece of work has them."""
    monkeypatch.setenv("CAUSELINE_REDIS_URL", redis_url)
    app = App("logistics", observer=facts)
    workflow = app.workflow("w", order=int)
    workflow.step(name="only")(lambda order: order + 1)
    app.prepare()
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://127.0.0.1:1")
    before = app.build(), get_redactor.cache_info().misses
    async with app.client():
        assert app.session.app.workflows is before[0].workflows
        app.session.settings.redactor()
        await app.start(workflow, order=1)
    assert get_redactor.cache_info().misses == before[1]


async def test_a_client_leaves_the_work_to_workers(settings: Settings, facts: Recorder):
    """It starts and publishes; another process of the same app does the rest."""

    def build() -> tuple[App, Any]:
        app = App("logistics", settings=settings, observer=facts)
        workflow = app.workflow("w", order=int)
        workflow.step(name="only")(lambda order: order + 1)
        return app, workflow

    (starter, workflow), (worker, _) = build(), build()
    async with starter.client():
        run = await starter.start(workflow, order=1)
        assert facts.attempts == ()
        assert await run.status() == "running"
        async with worker:
            assert await run.result(15) == 2


async def test_an_app_whose_server_is_gone_is_left_in_order(
    settings: Settings,
    facts: Recorder,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    """Nothing of it goes on, and it can be entered again."""
    monkeypatch.setattr("runtime.worker.embedded_worker.DRAIN", 0.05)
    async with Proxy(redis_url) as proxy:
        app = App("logistics", settings=settings.model_copy(update={"redis_url": proxy.url}), observer=facts)
        app.subscribe("parcels", group="sms")(lambda parcel: None)
        before = asyncio.all_tasks()
        async with app:
            worker = app._workers.current
            # Nothing is under way any more: only of the server can be learnt that nothing is due either.
            assert worker is not None
            assert await worker.drain(10)
            await proxy.go_away()
        assert {task for task in asyncio.all_tasks() - before if "causeline" in task.get_name()} == set()
        assert facts.closed
        assert "logistics: what is still due is left to other workers: the Redis or Valkey server" in caplog.text
        with pytest.raises(ServerError):
            async with app:
                pass


async def test_an_app_whose_worker_does_not_start_is_not_connected(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """Its connections are closed, and it can be entered again."""
    app = App("logistics", settings=settings, observer=facts)
    app.subscribe("parcels", group="sms")(lambda parcel: None)

    async def start(_: Worker) -> None:
        raise OSError("no more threads")

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "start", start)
        with pytest.raises(OSError, match="no more threads"):
            async with app:
                pass
    assert facts.closed
    async with app:
        pass


async def test_an_app_whose_groups_can_not_be_registered_is_not_connected(
    settings: Settings, facts: Recorder, redis_url: str
):
    """None of its connections is left."""
    app = App("logistics", settings=settings, observer=facts)
    app.subscribe("parcels", group="sms")(lambda parcel: None)
    async with Redis.from_url(redis_url, protocol=2) as client:
        await client.set("causeline:1:{parcels.0}:s", "no stream")
        before = len(await client.client_list())
        with pytest.raises(CommandRefusedError, match="WRONGTYPE"):
            async with app:
                pass
        assert facts.closed

        async def gone() -> bool:
            return len(await client.client_list()) == before

        await until(gone)


async def test_leaving_after_an_error_waits_for_nothing_long(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """Work under way is cut off after a moment, and is tried again elsewhere."""
    monkeypatch.setattr("runtime.worker.embedded_worker.GRACE_AFTER_ERROR", 0.05)
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("w")
    begun = asyncio.Event()
    cut_off = []

    @workflow.step
    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut_off.append(True)
            raise

    async def use() -> None:
        async with app:
            await app.start(workflow)
            await begun.wait()
            raise OSError("no bank")

    with pytest.raises(OSError, match="no bank"):
        await asyncio.wait_for(use(), 5)
    assert cut_off == [True]


async def test_many_requests_share_one_connection_and_one_worker(settings: Settings, facts: Recorder, clients: Clients):
    """As a web service that enters the app in each of them; the last one that leaves closes it."""
    app, workflow = stepping(settings, facts)
    before, seen = await connections(clients), set[int]()

    async def request(number: int) -> int:
        async with app if number % 2 else app.client():
            seen.add(id(app.session))
            return int(await (await app.start(workflow, order=number)).result(30))

    async with app:
        assert await asyncio.gather(*map(request, range(50))) == list(range(1, 51))
        assert len(seen) == 1
        assert len(await app.session.presence.workers()) == 1

    async def gone() -> bool:
        return await connections(clients) == before

    await until(gone)
    with pytest.raises(DefinitionError, match="is not connected here"):
        _ = app.session


def test_threads_that_each_run_an_event_loop_have_a_connection_each(settings: Settings, facts: Recorder):
    """They work beside each other, and one that leaves takes nothing from the others."""
    app, workflow = stepping(settings, facts)
    meet = threading.Barrier(4)

    async def use(number: int) -> tuple[int, int]:
        async with app:
            mine = id(app.session)
            meet.wait(20)
            result = await (await app.start(workflow, order=number)).result(30)
            return mine, result

    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(lambda number: asyncio.run(use(number)), range(4)))
    assert (len({one for one, _ in used}), [result for _, result in used]) == (4, [1, 2, 3, 4])


@pytest.mark.parametrize("kind", ["client", "worker"])
async def test_who_is_cancelled_half_way_in_leaves_nothing_behind(
    settings: Settings, facts: Recorder, clients: Clients, kind: str
):
    """At any moment of it: no connection, no worker that gives signs of life, no task."""
    app, workflow = stepping(settings, facts)
    app.subscribe("parcels", group="sms")(lambda parcel: None)
    before, tasks = await connections(clients), asyncio.all_tasks()

    async def enter() -> None:
        async with app.client() if kind == "client" else app:
            await asyncio.Event().wait()

    for turns in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144):
        entering = asyncio.create_task(enter())
        for _ in range(turns):
            await a_turn()
        entering.cancel()
        await asyncio.wait({entering})
        assert entering.cancelled()

    async def gone() -> bool:
        return await connections(clients) == before and asyncio.all_tasks() == tasks and not threads()

    await until(gone)
    async with app:
        assert len(await app.session.presence.workers()) == 1
        assert await (await app.start(workflow, order=1)).result(30) == 2


def threads() -> list[str]:
    """Threads of ours that run."""
    return [one.name for one in threading.enumerate() if one.name.startswith("causeline")]


async def test_who_gives_up_half_way_in_takes_it_from_no_other(settings: Settings, facts: Recorder):
    """Twenty enter at once, and every other one is cancelled meanwhile."""
    app, workflow = stepping(settings, facts)
    go_on = asyncio.Event()

    async def use(number: int) -> int:
        async with app:
            await go_on.wait()
            return int(await (await app.start(workflow, order=number)).result(30))

    users = [asyncio.create_task(use(number)) for number in range(20)]
    for number, user in enumerate(users):
        await a_turn()
        if number % 2:
            user.cancel()
    await asyncio.wait(users[1::2])
    go_on.set()
    assert await asyncio.gather(*users[::2]) == [number + 1 for number in range(20)][::2]


async def test_where_the_server_is_away_all_who_enter_are_told_and_the_next_one_tries_again(
    settings: Settings, facts: Recorder, redis_url: str
):
    """In Causeline's words, with what to do."""
    async with Proxy(redis_url) as proxy:
        app, workflow = stepping(settings.model_copy(update={"redis_url": proxy.url}), facts)
        await proxy.go_away()

        async def enter() -> None:
            async with app:
                pass

        errors = await asyncio.gather(*(enter() for _ in range(5)), return_exceptions=True)
        assert [type(error).__name__ for error in errors] == ["ServerUnavailableError"] * 5
        assert "start it, or set CAUSELINE_REDIS_URL" in str(errors[0])
        await proxy.come_back()
        async with app:
            assert await (await app.start(workflow, order=1)).result(30) == 2


async def test_a_run_to_its_end_is_refused_where_an_event_loop_runs(settings: Settings, facts: Recorder):
    """As in a notebook: says what to write there, and nothing is started."""
    app, workflow = stepping(settings, facts)
    with pytest.raises(DefinitionError, match=r"app.run of logistics can't be used where .* `async with app: run"):
        app.run(workflow, order=1)
    async with app.client():
        assert await app.session.store.runs(10) == []


async def test_a_version_shows_on_the_worker(settings: Settings, facts: Recorder):
    """As its author counts."""
    app = App("logistics", version="2.1", settings=settings, observer=facts)
    async with app:
        [worker] = await app.session.presence.workers()
    assert (worker.record.version, worker.record.cells, worker.record.is_cell) == ("2.1", False, False)
