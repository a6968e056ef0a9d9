"""The end of a run is told by whoever sees it, and again by somebody else where that worker did not live to confirm."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from runtime import App
from runtime.confirmation import ORPHAN_MS
from runtime.facts import RunEnded
from runtime.runs import facts as runs
from runtime.runs.end_reports import Ends
from runtime.settings import Settings
from runtime.state.contract import RunRecord, Task
from runtime.state.redis import RedisState
from runtime.testing import Recorder
from tests.contract.backends import Clients
from tests.contract.made import run, uuid
from tests.waiting import until


class Away(Recorder):
    """An observer that can hand nothing over for now."""

    away = True

    def flush(self, timeout: float) -> bool:
        return not self.away


async def end(store: RedisState, id_: UUID, workflow: str = "shipment") -> RunRecord:
    """Ends a run of one step, as a worker that dies before it says so; its record."""
    claim = await store.claim(Task(id_, workflow, "pickup"), "token", 60_000, [])
    assert claim is not None
    assert await store.commit(claim, "7", [], [], {}) is not None
    record = await store.get(id_)
    assert record is not None
    return record


async def age(store: RedisState, record: RunRecord) -> None:
    """Lets the end be so long ago that whoever saw it counts as dead."""
    seen_ms = (record.ended_ms or 0) - ORPHAN_MS
    await store._client.zadd(store.keys.ended, {str(record.id): seen_ms})


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[RedisState]:
    async with Clients(redis_url) as clients:
        yield clients.store().store


@pytest.fixture
async def ended(store: RedisState) -> RunRecord:
    """A run whose end nobody has confirmed."""
    await store.start(run(1, {"pickup": 0}))
    return await end(store, uuid(1))


async def test_an_end_that_a_dead_worker_did_not_confirm_is_told_again_and_then_confirmed(
    store: RedisState, ended: RunRecord
):
    """With the same ids and times, so that it is the same span; only whoever adopted it confirms it, once."""
    theirs, ours = Recorder(), Recorder()
    Ends(store, theirs).tell(ended)
    await age(store, ended)
    ends = Ends(store, ours)
    assert await ends.adopt() == 1
    assert ours.facts == theirs.facts == (runs.ended(ended),)
    assert await store.unconfirmed(0, 10) == [ended.id]
    assert await ends.confirm() == 1
    assert await store.unconfirmed(0, 10) == []
    assert (await ends.adopt(), await ends.confirm()) == (0, 0)


async def test_an_end_that_is_young_is_left_to_the_worker_that_saw_it(store: RedisState, ended: RunRecord):
    """It is about to confirm it."""
    facts = Recorder()
    assert await Ends(store, facts).adopt() == 0
    assert facts.facts == ()
    assert await store.unconfirmed(0, 10) == [ended.id]


async def test_an_end_that_could_not_be_handed_over_waits_and_is_not_told_again_meanwhile(
    store: RedisState, ended: RunRecord
):
    """Confirmed means sent or safe on disk, and nothing less."""
    facts = Away()
    ends = Ends(store, facts)
    ends.tell(ended)
    await age(store, ended)
    assert (await ends.confirm(), await ends.adopt()) == (0, 0)
    assert await store.unconfirmed(0, 10) == [ended.id]
    facts.away = False
    assert await ends.confirm() == 1
    assert await store.unconfirmed(0, 10) == []
    assert facts.facts == (runs.ended(ended),)


async def test_every_worker_looks_for_ends_that_nobody_told(settings: Settings, facts: Recorder):
    """Not only for those of its own runs."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("shipment")
    workflow.step(name="pickup")(lambda: 7)
    async with app.client():
        started = await app.start(workflow)
        record = await end(app.session.store, started.id)
        await age(app.session.store, record)
    async with app:
        await until(lambda: facts.of(RunEnded))
    async with app.client():
        assert await app.session.store.unconfirmed(0, 10) == []
    assert facts.of(RunEnded) == [runs.ended(record)]
