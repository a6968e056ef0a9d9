"""A run that failed goes on from where it failed; what is committed stays, and nothing is done by two operators."""

import asyncio

from runtime.state.runs import ResumeResult
from runtime.state.tasks import Claim, Commit
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid

FORK = {"pickup": 0, "billing": 0, "delivery": 1}


async def resume(state: StateBackend, operator: str = "ann") -> ResumeResult | None:
    return await state.store.resume(uuid(1), operator)


async def failed(state: StateBackend, step: str = "pickup", number: str = "1") -> Claim:
    """A step fails for good; the attempt."""
    claim = await state.claim(task(step), number)
    assert await state.store.fail(claim, "OSError", "no route") is not None
    return claim


async def test_a_failed_run_goes_on_from_the_step_that_failed(state: StateBackend):
    """Its attempts are counted on, it may fail as often as at first, and what it failed of is said no more."""
    await state.store.start(run())
    first = await state.claim(task())
    assert await state.store.commit(first, Commit("7", ["delivery"])) is not None
    await failed(state, "delivery")
    assert await resume(state) == ResumeResult(is_resumed=True, status="failed")
    assert await state.due() == ["delivery"]
    again = await state.claim(task("delivery"), "2", LEASE_MS, "pickup")
    assert (again.attempt, again.fails, again.results) == (2, 0, {"pickup": "7"})
    record = await state.store.get(uuid(1))
    assert record is not None
    assert (record.status, record.life, record.ended_ms) == ("running", 2, None)
    assert (record.error_type, record.error, record.failed_step) == ("", "", "")
    assert record.begun_ms >= record.accepted_ms
    done = await state.store.commit(again, Commit("8"))
    assert done is not None
    assert done.ended is not None


async def test_two_operators_at_once_resume_a_run_once(state: StateBackend):
    """One life more, one line in the audit, and each is told what became of it."""
    await state.store.start(run())
    await failed(state)
    told = await asyncio.gather(*(resume(state, f"ann {number}") for number in range(10)))
    assert sum(one is not None and one.is_resumed for one in told) == 1
    assert [one.status for one in told if one is not None and not one.is_resumed] == ["running"] * 9
    record = await state.store.get(uuid(1))
    assert record is not None
    assert record.life == 2
    ((_, line),) = await state.store.audit(None, 10)
    assert (line.action, line.run_id, line.workflow, line.reason) == ("resume", uuid(1), "shipment", "from step pickup")


async def test_only_a_run_that_failed_is_resumed(state: StateBackend):
    """Not one that goes on, was cancelled, has ended well, or never was; nothing changes."""
    assert await resume(state) is None
    await state.store.start(run(1, {"pickup": 0}))
    before = await state.dump()
    assert await resume(state) == ResumeResult(is_resumed=False, status="running")
    assert await state.dump() == before
    await state.store.commit(await state.claim(task()), Commit("7"))
    before = await state.dump()
    assert await resume(state) == ResumeResult(is_resumed=False, status="ok")
    assert await state.dump() == before
    await state.store.start(run(2))
    await state.store.cancel(uuid(2), "ann")
    assert await state.store.resume(uuid(2), "ann") == ResumeResult(is_resumed=False, status="cancelled")


async def test_what_was_under_way_when_its_run_failed_goes_on_when_that_is_resumed(state: StateBackend):
    """Its worker lives, and is not taken for lost: the work is done once."""
    await state.store.start(run(1, FORK))
    under_way = await state.claim(task("billing"))
    await failed(state)
    await resume(state)
    assert await state.due() == ["pickup"]
    assert await state.store.claim(task("billing"), "w2|1", LEASE_MS, []) is None
    assert await state.store.suspects(10) == []
    assert await state.store.commit(under_way, Commit("7")) is not None


async def test_what_lost_its_lease_while_its_run_had_failed_is_due_again(state: StateBackend):
    """So is what waited for another attempt."""
    await state.store.start(run(1, FORK | {"weighing": 0}))
    under_way, waiting = await state.claim(task("billing")), await state.claim(task("weighing"))
    await state.store.retry(waiting, 60_000)
    await failed(state)
    assert await state.store.renew([under_way], LEASE_MS) == [under_way]
    await resume(state)
    assert sorted(await state.due()) == ["billing", "pickup", "weighing"]
