"""The end of a run is emitted by whoever sees it, and again by another where that worker did not live to confirm it."""

from uuid import UUID

import pytest

from runtime import App
from runtime.client.backend import Backend
from runtime.confirmation import ORPHAN_MS
from runtime.facts import RunEnded
from runtime.runs import facts as runs
from runtime.runs.end_reports import EndReports
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.state.contract import StateStore
from runtime.state.keys import StateKeys
from runtime.state.runs import Life, RunRecord
from runtime.state.tasks import Commit, Task, token_of
from runtime.testing import Recorder
from tests.contract.made import run, uuid
from tests.waiting import until


class Away(Recorder):
    """An observer that can hand nothing over for now."""

    away = True

    def flush(self, timeout: float) -> bool:
        return not self.away


async def end(store: StateStore, id_: UUID, workflow: str = "shipment") -> RunRecord:
    """Ends a run of one step, as a worker that dies before it says so; its record."""
    claim = await store.claim(Task(id_, workflow, "pickup"), token_of("w1", "1"), 60_000, [])
    assert claim is not None
    assert await store.commit(claim, Commit("7")) is not None
    record = await store.get(id_)
    assert record is not None
    return record


async def age(clients: Clients, record: RunRecord) -> None:
    """Lets the end be so long ago that whoever saw it counts as dead."""
    seen_ms = (record.ended_ms or 0) - ORPHAN_MS
    await clients.commands.zadd(StateKeys("logistics").ended, {f"{record.id}|{record.life}": seen_ms})


@pytest.fixture
def store(backend: Backend) -> StateStore:
    return backend.store


@pytest.fixture
async def ended(store: StateStore) -> RunRecord:
    """A run whose end nobody has confirmed."""
    await store.start(run(1, {"pickup": 0}))
    return await end(store, uuid(1))


async def test_an_end_that_a_dead_worker_did_not_confirm_is_emitted_again_and_then_confirmed(
    store: StateStore, clients: Clients, ended: RunRecord
):
    """With the same ids and times, so that it is the same span; only whoever adopted it confirms it, once."""
    theirs, ours = Recorder(), Recorder()
    EndReports(store, theirs).emit(ended)
    await age(clients, ended)
    ends = EndReports(store, ours)
    assert await ends.adopt() == 1
    assert ours.facts == theirs.facts == (runs.build_run_ended(ended),)
    assert await store.list_unconfirmed_lives(0, 10) == [Life(ended.id)]
    assert await ends.confirm() == 1
    assert await store.list_unconfirmed_lives(0, 10) == []
    assert (await ends.adopt(), await ends.confirm()) == (0, 0)


async def test_an_end_that_is_young_is_left_to_the_worker_that_saw_it(store: StateStore, ended: RunRecord):
    """It is about to confirm it."""
    facts = Recorder()
    assert await EndReports(store, facts).adopt() == 0
    assert facts.facts == ()
    assert await store.list_unconfirmed_lives(0, 10) == [Life(ended.id)]


async def test_an_end_that_could_not_be_handed_over_waits_and_is_not_emitted_again_meanwhile(
    store: StateStore, clients: Clients, ended: RunRecord
):
    """Confirmed means sent or safe on disk, and nothing less."""
    facts = Away()
    ends = EndReports(store, facts)
    ends.emit(ended)
    await age(clients, ended)
    assert (await ends.confirm(), await ends.adopt()) == (0, 0)
    assert await store.list_unconfirmed_lives(0, 10) == [Life(ended.id)]
    facts.away = False
    assert await ends.confirm() == 1
    assert await store.list_unconfirmed_lives(0, 10) == []
    assert facts.facts == (runs.build_run_ended(ended),)


async def test_every_worker_looks_for_ends_that_nobody_confirmed(settings: Settings, facts: Recorder, clients: Clients):
    """Not only for those of its own runs."""
    app = App("logistics", settings=settings, observer=facts)
    workflow = app.workflow("shipment")
    workflow.step(name="pickup")(lambda: 7)
    async with app.client():
        started = await app.start(workflow)
        record = await end(app.session.store, started.id)
        await age(clients, record)
    async with app:
        await until(lambda: facts.of(RunEnded))
    async with app.client():
        assert await app.session.store.list_unconfirmed_lives(0, 10) == []
    assert facts.of(RunEnded) == [runs.build_run_ended(record)]


async def failed(store: StateStore) -> RunRecord:
    """Ends the run's latest life badly, as a worker that dies before it says so; its record."""
    claim = await store.claim(Task(uuid(1), "shipment", "pickup"), token_of("w1", "1"), 60_000, [])
    assert claim is not None
    assert await store.fail(claim, "OSError", f"no route in life {claim.run.life}") is not None
    record = await store.get(uuid(1))
    assert record is not None
    return record


async def test_the_ends_of_all_lives_are_emitted_each_with_what_it_failed_of(store: StateStore, clients: Clients):
    """Also where a run was resumed, and more than once, before anybody confirmed the end before."""
    await store.start(run(1, {"pickup": 0}))
    lives = [await failed(store)]
    for _ in range(2):
        await age(clients, lives[-1])
        assert await store.resume(uuid(1), "ann") is not None
        lives.append(await failed(store))
    await age(clients, lives[-1])
    facts = Recorder()
    ends = EndReports(store, facts)
    assert await ends.adopt() == 3
    told = sorted(facts.of(RunEnded), key=lambda fact: fact.life)
    assert told == [runs.build_run_ended(life) for life in lives]
    assert [fact.error_message for fact in told] == [f"no route in life {number}" for number in (1, 2, 3)]
    assert await ends.confirm() == 3
    assert await store.list_unconfirmed_lives(0, 10) == []


async def test_whoever_confirms_the_end_of_a_former_life_does_not_confirm_the_latest(
    store: StateStore, clients: Clients
):
    """A worker that was slow to export the first leaves the second to whoever saw it."""
    await store.start(run(1, {"pickup": 0}))
    slow = EndReports(store, Recorder())
    slow.emit(await failed(store))
    await store.resume(uuid(1), "ann")
    record = await failed(store)
    assert await slow.confirm() == 1
    assert await store.list_unconfirmed_lives(0, 10) == [Life(record.id, 2)]
    await store.resume(uuid(1), "ann")
    assert await store.get_at_end_of(Life(record.id, 2)) == record


async def test_an_end_that_a_former_version_noted_is_emitted_and_confirmed(
    store: StateStore, clients: Clients, ended: RunRecord
):
    """It wrote the run alone, which had one life."""
    key = StateKeys("logistics").ended
    await clients.commands.delete(key)
    await clients.commands.zadd(key, {str(ended.id): 1})
    facts = Recorder()
    ends = EndReports(store, facts)
    assert (await ends.adopt(), await ends.confirm()) == (1, 1)
    assert facts.facts == (runs.build_run_ended(ended),)
    assert await store.list_unconfirmed_lives(0, 10) == []
