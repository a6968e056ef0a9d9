"""What an operator sees and does, with a real runtime: through the collector's API alone."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from collector.client import ApiError, CollectorClient
from collector.models import NodeStatus
from collector.operations import backlog_watch
from collector.operations.link import make_connector
from collector.questions import standstill
from runtime import App, Context, Event
from runtime.settings import Settings
from tests.collector.live import LiveCollector
from tests.end_to_end.house import House, of_steps, shop
from tests.end_to_end.operated_app import CHANNEL
from tests.end_to_end.stack import Stack
from tests.waiting import until, until_sync


@pytest.fixture
def house(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """All of it, in this process; what is late is late soon."""
    monkeypatch.setattr(backlog_watch, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(standstill, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path))
    monkeypatch.setenv("CAUSELINE_REDIS_URL", redis_url)
    monkeypatch.setenv("CAUSELINE_LEASE", "0.6")
    with LiveCollector(tmp_path / "causeline.duckdb", make_connector(redis_url)) as collector:
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", collector.url)
        settings = Settings(home=tmp_path, redis_url=redis_url, collector_url=collector.url, lease=0.6)
        with CollectorClient(collector.url) as client:
            yield House(collector, client, settings)


async def test_a_run_that_failed_is_resumed_and_keeps_both_its_ends(house: House) -> None:
    """What waited for another attempt is cut off with the first, and done in the second."""
    house.world["hiccup"] = True
    async with shop(house) as app:
        run = await app.start(house.world["order"], subject="S-1", number=7)
        failed = await house.run(run.id, lambda detail: detail.run.end and len(detail.steps) == 3)
        assert (failed.run.status, failed.run.life, failed.run.version) == (NodeStatus.FAILED, 1, "1.4")
        assert of_steps(failed) == {"reserve": "ok", "pay": "failed", "pack": "cancelled"}
        assert [(life.failed_step, life.error) for life in failed.lives] == [("pay", "ValueError: no money")]

        house.world["mended"] = True
        answer = await house.ask(lambda: house.client.resume_run(str(run.id), "ada"))
        at_once = await house.ask(lambda: house.client.run(str(run.id)))
        done = await house.run(run.id, lambda detail: detail.run.status == NodeStatus.OK and len(detail.lives) == 2)

    assert (answer.status, answer.changed, at_once.run.life) == (NodeStatus.RUNNING, True, 2)
    assert [(life.life, life.status) for life in done.lives] == [(1, NodeStatus.FAILED), (2, NodeStatus.OK)]
    done = await house.run(run.id, lambda detail: set(of_steps(detail).values()) == {"ok"})
    (listed,) = (await house.ask(house.client.runs)).items
    assert listed == done.run
    assert listed.retries == sum(step.attempts - 1 for step in done.steps)
    audit = await house.ask(lambda: house.client.audit(run_id=str(run.id)))
    assert [(entry.action, entry.operator, entry.app) for entry in audit.items] == [("resume", "ada", "shop")]
    node = await house.ask(lambda: house.client.node(str(run.id)))
    assert [(bar.attempt, bar.outcome) for bar in node.node.bars] == [(1, "failed"), (2, "ok")]


async def test_a_run_is_cancelled_and_nothing_of_it_goes_on(house: House) -> None:
    """Neither what is under way, nor what waits for another attempt."""
    house.world |= {"mended": True, "hold": True}
    async with shop(house) as app:
        run = await app.start(house.world["order"], number=7)
        await house.run(run.id, lambda detail: of_steps(detail).get("pay") == "ok")
        answer = await house.ask(lambda: house.client.cancel_run(str(run.id), "ada"))
        again = await house.ask(lambda: house.client.cancel_run(str(run.id), "ada"))
        detail = await house.run(run.id, lambda detail: detail.run.status == NodeStatus.CANCELLED)
        assert (answer.changed, again.changed) == (True, False)
        assert set(of_steps(detail).values()) <= {"ok", "cancelled"}
        with pytest.raises(ApiError) as raised:
            await asyncio.to_thread(house.client.resume_run, str(run.id), "ada")
        assert (raised.value.status, raised.value.code) == (409, "run_not_failed")

        async def listed() -> bool:
            page = await house.ask(lambda: house.client.runs(status="cancelled"))
            return [each.run_id for each in page.items] == [str(run.id)]

        await until(listed)
        for task in asyncio.all_tasks():
            if task.get_name() == "step 'pack'":
                task.cancel()  # it would be waited for at the end
    settled = await house.run(run.id, lambda detail: len(detail.steps) == 3)
    assert of_steps(settled) == {"reserve": "ok", "pay": "ok", "pack": "cancelled"}


async def test_steps_that_nobody_works_on_and_a_group_that_nobody_serves_are_said(house: House) -> None:
    """Once they have waited; the group can be retired then, and not before."""
    app = shop(house)

    @app.subscribe("orders", group="books")
    async def books(event: Event[int]) -> None:
        if "hold" in house.world:
            await asyncio.Event().wait()

    async with app:
        await app.publish("orders", 1)
        with pytest.raises(ApiError) as raised:
            await asyncio.to_thread(house.client.retire_group, "orders", "books", "ada", "renamed")
        assert (raised.value.status, raised.value.code) == (409, "group_in_use")
        (worker,) = (await house.ask(house.client.workers)).items
        assert (worker.app, worker.version, worker.is_cell) == ("shop", "1.4", False)
        assert (await house.ask(house.client.overview)).problems == []
    async with app.client():
        run = await app.start(house.world["order"], number=7)
        await app.publish("orders", 2)

        async def said() -> set[str]:
            overview = await house.ask(house.client.overview)
            return {problem.title for problem in overview.problems}

        wanted = {"Nobody works for shop, and 1 step waits", "Nobody serves books of orders"}
        await until(lambda: _equals(said, wanted))
        workers = await house.ask(house.client.workers)
        assert (workers.items, workers.apps[0].oldest.run_id) == ([], str(run.id))
        retired = await house.ask(lambda: house.client.retire_group("orders", "books", "ada", "renamed"))
        assert (retired.pending, retired.retrying, retired.dead) == (1, 0, 0)
        assert await said() == {"Nobody works for shop, and 1 step waits"}
        (entry,) = (await house.ask(house.client.audit)).items
        assert (entry.action, entry.group, entry.reason) == ("retire", "books", "renamed")


async def test_a_group_whose_slots_are_all_taken_stands_and_one_that_moves_does_not(house: House) -> None:
    """However long its queue is; it takes another one with each look."""
    app = App("shop", settings=house.settings.model_copy(update={"concurrency": 1}))
    released = asyncio.Event()
    looks: list[list[str]] = []
    done: list[int] = []

    @app.subscribe("orders", group="fast")
    async def fast(event: Event[int]) -> None:
        before = len(looks)
        await until(lambda: released.is_set() or len(looks) > before, "somebody looks again")
        done.append(event.data)

    @app.subscribe("orders", group="slow")
    async def slow(event: Event[int]) -> None:
        await released.wait()

    async def problems() -> list[str]:
        overview = await house.ask(house.client.overview)
        looks.append([f"{problem.title}. {problem.detail}" for problem in overview.problems])
        return looks[-1]

    async with app:
        for number in range(500):
            await app.publish("orders", number)
        first = await until(problems)
        seen = len(done)
        await until(lambda: _longer(problems, done, seen + 10))
        assert len(done) < 500
        assert all(len(found) == 1 for found in looks if found)
        assert "wait for slow, and nothing moves" in first[0]
        assert "All 1 slots of its workers are taken, by handlers that go on" in first[0]
        released.set()
        await until(lambda: _equals(problems, []))


async def test_a_delivery_that_was_cut_off_by_a_stop_is_cancelled_and_then_done(house: House) -> None:
    """Its second attempt, with the next worker, is its last."""
    begun = asyncio.Event()
    app = App("shop", settings=house.settings)

    @app.subscribe("orders", group="books")
    async def books(event: Event[int], ctx: Context) -> None:
        if ctx.attempt == 1:
            begun.set()
            await asyncio.Event().wait()

    events: list[UUID] = []

    async def left_in_a_hurry() -> None:
        async with app:
            events.append(await app.publish("orders", 1))
            await begun.wait()
            raise KeyError("what is under way is given a second")

    with pytest.raises(KeyError):
        await left_in_a_hurry()
    (event,) = events
    brief = await until(lambda: _brief(house, event, lambda each: each.attempts == 1))
    assert brief.status == NodeStatus.RETRYING
    async with app:
        brief = await until(lambda: _brief(house, event, lambda each: each.status == NodeStatus.OK))
    detail = await house.ask(lambda: house.client.node(brief.delivery_id))
    assert [attempt.outcome for attempt in detail.attempts] == ["cancelled", "ok"]


@pytest.mark.slow
def test_a_delivery_that_kills_its_workers_is_dead_and_its_attempts_are_lost(redis_url: str, tmp_path: Path) -> None:
    """Never still going on; the ledger, the overview and the event agree."""
    with Stack(tmp_path, redis_url) as stack:
        stack.worker("tests.end_to_end.operated_app:app", CAUSELINE_LEASE="1")
        until_sync(lambda: stack.client.channels().items, "the groups")
        event = asyncio.run(_publish(redis_url, tmp_path, stack.url))
        until_sync(lambda: stack.client.dead_letter_summary().total, "the poison letter", 90.0)
        (letter,) = stack.client.dead_letters().items
        until_sync(
            lambda: {each.group for each in stack.client.event(str(event)).deliveries} == {"deadly", "fine"}, "spans"
        )

        def attempts() -> list[str]:
            return [each.outcome for each in stack.client.node(letter.delivery_id or "").attempts]

        # What the others told died with the processes that were to send it.
        until_sync(lambda: set(attempts()) == {"lost"}, "the last attempt")
        node = stack.client.node(letter.delivery_id or "").node
        assert (node.status, node.attempts) == (NodeStatus.DEAD, letter.attempts)
        briefs = {each.group: each.status for each in stack.client.event(str(event)).deliveries}
        assert briefs == {"deadly": NodeStatus.DEAD, "fine": NodeStatus.OK}
        page = stack.client.dead_letter(letter.id)
        assert (page.reason, {each.outcome for each in page.history}) == ("poison", {"lost"})
        assert page.error.startswith("PoisonError")
        until_sync(lambda: stack.client.node(letter.id).node.kind == "dead_letter", "the letter's span")
        ledger = {row.group: (row.bus.dead, row.spans_dead) for row in stack.client.ledger().items}
        assert ledger["deadly"] == (1, 1)
        assert [problem.title for problem in stack.client.overview().problems] == [
            f"1 deadly delivery on {CHANNEL} is dead"
        ]


async def _publish(redis_url: str, home: Path, collector: str) -> UUID:
    app = App("outside", settings=Settings(redis_url=redis_url, home=home, collector_url=collector))
    async with app.client():
        return await app.publish(CHANNEL, 1)


async def _equals(ask: Callable[[], Any], wanted: object) -> bool:
    return bool(await ask() == wanted)


async def _longer(ask: Callable[[], Any], done: list[int], length: int) -> bool:
    await ask()
    return len(done) >= length


async def _brief(house: House, event: UUID, condition: Callable[[Any], bool]) -> Any:
    detail = await house.ask(lambda: house.client.event(str(event)))
    return next((each for each in (detail.deliveries if detail else ()) if condition(each)), None)
