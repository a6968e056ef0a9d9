"""A store accepts a run once, gives each due task to one worker, and knows when the run has ended."""

import asyncio
from dataclasses import replace

import pytest

from runtime.state.runs import AcceptedRun, Life, RunRecord
from runtime.state.tasks import Claim, Commit, CommitResult
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid

DIAMOND = {"pickup": 0, "sorting": 1, "weighing": 1, "delivery": 2}


async def claimed(state: StateBackend, step: str, number: int = 1, *upstream: str) -> Claim:
    """The claim of a step that is due."""
    return await state.claim(task(step, number), "1", LEASE_MS, *upstream)


async def committed(state: StateBackend, step: str, result: str, *successors: str, number: int = 1) -> CommitResult:
    """A step that is due ends well."""
    done = await state.store.commit(await claimed(state, step, number), Commit(result, successors))
    assert done is not None
    return done


async def test_an_accepted_run_is_there_as_it_was_accepted(state: StateBackend):
    """The whole record."""
    accepted_ms = (await state.store.start(run())).at_ms
    assert await state.store.get(run().id) == RunRecord(
        id=run().id,
        workflow="shipment",
        status="running",
        inputs=run().inputs,
        correlation_id=run().correlation_id,
        trace=run().trace,
        accepted_ms=accepted_ms,
        causation_id=run().causation_id,
        causation_event=run().causation_event,
        subject="order-7",
    )
    assert await state.store.get(uuid(9)) is None


async def test_accepting_a_run_again_changes_nothing(state: StateBackend):
    """Not while it is new, not while it goes on, not when it has ended."""
    accepted_ms = (await state.store.start(run())).at_ms
    for step in ("pickup", "delivery"):
        before = await state.dump()
        assert await state.store.start(replace(run(), subject="another")) == AcceptedRun(run().id, accepted_ms)
        assert await state.dump() == before
        await committed(state, step, "1", *(["delivery"] if step == "pickup" else []))
    before = await state.dump()
    assert await state.store.start(run()) == AcceptedRun(run().id, accepted_ms)
    assert await state.dump() == before


async def test_the_steps_that_need_no_other_are_due_at_once(state: StateBackend):
    """And no other."""
    await state.store.start(run(1, DIAMOND | {"billing": 0}))
    assert sorted(await state.due()) == ["billing", "pickup"]


async def test_due_tasks_come_oldest_first_and_no_more_than_asked_for(state: StateBackend):
    """Runs that were accepted earlier go first."""
    first = await state.store.start(run(1))
    while await state.store.start(run(2)) == first:  # the same millisecond says nothing about order
        await state.empty()
        first = await state.store.start(run(1))
    assert [task.run for task in await state.store.list_due(9)] == [uuid(1), uuid(2)]
    assert [task.run for task in await state.store.list_due(1)] == [uuid(1)]


async def test_a_task_is_claimed_once_among_many(state: StateBackend):
    """Twenty workers see it, one has it, and it is no longer due."""
    await state.store.start(run())
    claims = await asyncio.gather(*(state.store.claim(task(), f"w{n}|1", LEASE_MS, []) for n in range(20)))
    (claim,) = [one for one in claims if one is not None]
    assert (claim.attempt, claim.fails, claim.kills, claim.vanished, claim.lost) == (1, 0, 0, 0, None)
    assert claim.first_ms == claim.now_ms
    assert claim.run == await state.store.get(uuid(1))
    assert await state.due() == []


async def test_a_task_that_is_not_due_is_not_given_away(state: StateBackend):
    """Its upstream is open, or there is no such run."""
    await state.store.start(run())
    before = await state.dump()
    assert await state.store.claim(task("delivery"), "w1|1", LEASE_MS, ["pickup"]) is None
    assert await state.store.claim(task("pickup", 5), "w1|1", LEASE_MS, []) is None
    assert await state.dump() == before


async def test_a_claim_brings_the_results_of_its_upstream_and_no_others(state: StateBackend):
    """What a step reads is what it asked for."""
    await state.store.start(run(1, DIAMOND))
    await committed(state, "pickup", '"p"', "sorting", "weighing")
    await committed(state, "sorting", '"s"', "delivery")
    claim = await claimed(state, "weighing", 1, "pickup")
    assert claim.results == {"pickup": '"p"'}


async def test_a_step_is_due_exactly_when_its_last_upstream_is_committed(state: StateBackend):
    """Not before, not twice, whoever commits."""
    await state.store.start(run(1, DIAMOND))
    await committed(state, "pickup", "1", "sorting", "weighing")
    assert sorted(await state.due()) == ["sorting", "weighing"]
    await committed(state, "sorting", "2", "delivery")
    assert await state.due() == ["weighing"]
    await committed(state, "weighing", "3", "delivery")
    assert await state.due() == ["delivery"]


async def test_of_two_upstreams_committed_at_once_one_makes_their_successor_due(state: StateBackend):
    """However the two interleave, it is due once, and the run ends once."""
    for number in range(1, 31):
        await state.store.start(run(number, DIAMOND))
        await committed(state, "pickup", "1", "sorting", "weighing", number=number)
        claims = [await claimed(state, step, number) for step in ("sorting", "weighing")]
        commits = (state.store.commit(claim, Commit("2", ["delivery"])) for claim in claims)
        assert None not in await asyncio.gather(*commits)
        assert await state.store.list_due(9) == [task("delivery", number)]
        assert (await committed(state, "delivery", "3", number=number)).ended is not None


async def test_a_run_ends_with_its_last_step(state: StateBackend):
    """By the store's clock; the answer and the record agree."""
    accepted_ms = (await state.store.start(run())).at_ms
    assert (await committed(state, "pickup", "1", "delivery")).ended is None
    last = await committed(state, "delivery", "2")
    record = await state.store.get(uuid(1))
    assert last.ended is not None
    assert record is not None
    assert (record.status, record.accepted_ms, record.ended_ms) == ("ok", accepted_ms, last.ended.ended_ms)
    assert last.ended.accepted_ms == accepted_ms
    assert await state.store.result(uuid(1), "delivery") == "2"
    assert await state.store.result(uuid(1), "nothing") is None


async def test_an_end_that_nobody_confirmed_is_found(state: StateBackend):
    """Until it is confirmed; one that is too young is left to whoever ended the run."""
    await state.store.start(run(1, {"pickup": 0}))
    assert await state.store.list_unconfirmed_lives(0, 10) == []
    await committed(state, "pickup", "1")
    assert await state.store.list_unconfirmed_lives(60_000, 10) == []
    assert await state.store.list_unconfirmed_lives(0, 10) == [Life(uuid(1))]
    await state.store.confirm(Life(uuid(1)))
    assert await state.store.list_unconfirmed_lives(0, 10) == []


async def test_runs_are_listed_newest_first(state: StateBackend):
    """As they stand, and no more than asked for."""
    accepted = {await state.store.start(run(number)): number for number in range(1, 40)}
    listed = [record.id for record in await state.store.runs(len(accepted))]
    assert len(listed) == len(accepted)
    records = [await state.store.get(id_) for id_ in listed]
    times = [record.accepted_ms for record in records if record is not None]
    assert times == sorted(times, reverse=True)
    assert [record.id for record in await state.store.runs(2)] == listed[:2]


async def test_a_cancelled_run_has_ended(state: StateBackend):
    """Once; what was due is not given away any more, and does not stay due for ever."""
    await state.store.start(run())
    ended = await state.store.cancel(uuid(1))
    record = await state.store.get(uuid(1))
    assert ended is not None
    assert record is not None
    assert (record.status, record.ended_ms) == ("cancelled", ended.ended_ms)
    assert await state.store.cancel(uuid(1)) is None
    assert await state.store.list_unconfirmed_lives(0, 10) == [Life(uuid(1))]
    assert await state.store.claim(task(), "w1|1", LEASE_MS, []) is None
    assert await state.due() == []


async def test_cancelling_what_is_not_there_does_nothing(state: StateBackend):
    """No record appears."""
    assert await state.store.cancel(uuid(4)) is None
    assert await state.dump() == {}


async def test_a_waiting_worker_is_woken_by_a_due_task(state: StateBackend):
    """Long before its time is up."""
    async with asyncio.timeout(10):
        waiting = asyncio.create_task(state.store.wait(60))
        await state.store.start(run())
        await waiting


async def test_whoever_finds_nothing_due_is_not_woken_by_what_others_have_done(state: StateBackend):
    """A hundred runs that others took leave no hundred wake-ups; the next run wakes again."""
    for number in range(100):
        await state.store.start(run(number))
        await claimed(state, "pickup", number)
    await state.told()
    assert await state.due() == []
    waiting = asyncio.create_task(state.store.wait(60))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.2)
    await state.store.start(run(100))
    async with asyncio.timeout(10):
        await waiting


async def test_waiting_ends_by_itself(state: StateBackend):
    """A worker that is to stop notices."""
    async with asyncio.timeout(10):
        await state.store.wait(0.01)


async def test_the_state_of_the_app_is_shared(state: StateBackend):
    """Written at once, read by key."""
    assert await state.store.read(None, "open") is None
    await state.store.write("open", "true")
    assert await state.store.read(None, "open") == "true"


async def test_nothing_of_a_run_that_was_cancelled_is_due_or_under_way(state: StateBackend):
    """However long nobody works: neither what was due, nor what waited for another attempt, or was under way."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0, "weighing": 0, "delivery": 1}))
    under_way, waiting = await claimed(state, "billing"), await claimed(state, "weighing")
    await state.store.retry(waiting, 0)
    await state.store.cancel(uuid(1))
    backlog = await state.store.backlog()
    assert (backlog.due, backlog.under_way, backlog.suspects, backlog.oldest) == (0, 0, 0, None)
    assert await state.queued() == []
    assert await state.store.renew([under_way], LEASE_MS) == [under_way]
    assert await state.store.commit(under_way, Commit("7")) is None


async def test_nothing_of_a_run_that_failed_is_due(state: StateBackend):
    """What is under way is found due by nobody once its worker is told."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0, "weighing": 0}))
    under_way = await claimed(state, "billing")
    await state.store.fail(await claimed(state, "pickup"), "OSError", "no route")
    assert await state.due() == []
    assert (await state.store.backlog()).due == 0
    assert await state.store.renew([under_way], LEASE_MS) == [under_way]
    assert await state.queued() == []
