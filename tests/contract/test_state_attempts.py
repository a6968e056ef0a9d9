"""An attempt's own lease decides: whoever lost it, or whose run has ended, changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from runtime.state.contract import Claim, Task
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import outgoing, run, uuid

PICKUP = Task(uuid(1), "shipment", "pickup")
Call = Callable[[StateBackend, Claim], Awaitable[Any]]


async def commit(state: StateBackend, claim: Claim) -> Any:
    return await state.store.commit(claim, '"late"', ["delivery"], [outgoing(50)], {"key": "1"})


async def retry(state: StateBackend, claim: Claim) -> Any:
    return await state.store.retry(claim, 0, "OSError: no route")


async def postpone(state: StateBackend, claim: Claim) -> Any:
    return await state.store.postpone(claim, 0)


async def fail(state: StateBackend, claim: Claim) -> Any:
    return await state.store.fail(claim, "OSError", "no route")


async def renew(state: StateBackend, claim: Claim) -> Any:
    return await state.store.renew(claim, LEASE_MS, solo=True)


CALLS = (commit, retry, postpone, fail, renew)
SETTLING = (commit, retry, postpone, fail)


async def claim(state: StateBackend, token: str = "t1", lease_ms: int = LEASE_MS) -> Claim:  # noqa: S107 - a lease
    found = await state.store.claim(PICKUP, token, lease_ms, [])
    assert found is not None
    return found


@pytest.mark.parametrize("call", CALLS)
async def test_the_holder_may(state: StateBackend, call: Call):
    """Otherwise the refusals below would prove nothing."""
    await state.store.start(run())
    assert await call(state, await claim(state))


@pytest.mark.parametrize("call", CALLS)
async def test_whoever_lost_the_lease_is_stale_and_changes_nothing(state: StateBackend, call: Call):
    """A worker that comes back after a long pause finds its task with another."""
    await state.store.start(run())
    late = await claim(state, lease_ms=0)
    now = await claim(state, "t2")
    before = await state.dump()
    assert not await call(state, late)
    assert await state.dump() == before
    assert await call(state, now)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("how", ["cancelled", "failed"])
async def test_after_the_run_has_ended_everything_is_stale(state: StateBackend, call: Call, how: str):
    """Whether somebody cancelled it or another step failed for good."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0, "delivery": 1}))
    held = await claim(state)
    if how == "cancelled":
        await state.store.cancel(uuid(1))
    else:
        other = await state.store.claim(Task(uuid(1), "shipment", "billing"), "t9", LEASE_MS, [])
        assert other is not None
        assert await state.store.fail(other, "OSError", "no bank")
    before = await state.dump()
    assert not await call(state, held)
    assert await state.dump() == before


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("settle", SETTLING)
async def test_what_is_settled_is_settled_once(state: StateBackend, settle: Call, call: Call):
    """Neither the same call nor another goes through a second time."""
    await state.store.start(run())
    held = await claim(state)
    assert await settle(state, held)
    before = await state.dump()
    assert not await call(state, held)
    assert await state.dump() == before


async def test_a_commit_brings_result_events_and_state_together(state: StateBackend):
    """The events lie in the app's outbox with who made them; the state is the run's own."""
    await state.store.start(run())
    committed = await state.store.commit(
        await claim(state), '"done"', ["delivery"], [outgoing(50), outgoing(51)], {"route": '"north"'}
    )
    assert committed is not None
    assert [entry.outgoing for entry in committed.entries] == [outgoing(50), outgoing(51)]
    stored = await state.client.xrange(state.store.keys.outbox)
    assert [id_.decode() for id_, _ in stored] == [entry.entry for entry in committed.entries]
    assert [fields[b"a"] for _, fields in stored] == [b"courier", b"courier"]
    assert await state.store.result(uuid(1), "pickup") == '"done"'
    assert await state.store.read(uuid(1), "route") == '"north"'
    assert await state.store.read(uuid(2), "route") is None
    assert await state.store.read(None, "route") is None


async def test_a_failed_attempt_is_followed_by_the_next(state: StateBackend):
    """It counts as a failure; the first one's beginning is remembered."""
    await state.store.start(run())
    first = await claim(state)
    assert await state.store.retry(first, 0, "OSError: no route")
    second = await claim(state, "t2")
    assert (second.attempt, second.fails, second.deaths, second.died) == (2, 1, 0, False)
    assert second.first_ms == first.first_ms


async def test_a_retry_does_not_come_before_its_time(state: StateBackend):
    """It is neither listed nor given away."""
    await state.store.start(run())
    assert await state.store.retry(await claim(state), 60_000, "OSError: no route")
    assert await state.store.due(10) == []
    assert await state.store.claim(PICKUP, "t2", LEASE_MS, []) is None


async def test_a_postponed_attempt_never_was(state: StateBackend):
    """The next one has its number, no failure is counted, and time begins to run with it."""
    await state.store.start(run())
    for token in ("t1", "t2", "t3"):
        assert await state.store.postpone(await claim(state, token), 0)
    held = await claim(state, "t4")
    assert (held.attempt, held.fails, held.died) == (1, 0, False)
    assert held.first_ms == held.now_ms


async def test_a_postponed_retry_keeps_its_number(state: StateBackend):
    """And the failure before it, and when the first attempt began."""
    await state.store.start(run())
    first = await claim(state)
    await state.store.retry(first, 0, "OSError: no route")
    assert await state.store.postpone(await claim(state, "t2"), 0)
    held = await claim(state, "t3")
    assert (held.attempt, held.fails, held.first_ms) == (2, 1, first.first_ms)


async def test_an_attempt_whose_worker_died_is_followed_by_the_next(state: StateBackend):
    """Told as died, but no death counts that happened in company."""
    await state.store.start(run())
    for number in range(1, 5):
        held = await claim(state, f"t{number}", lease_ms=0)
        assert (held.attempt, held.fails, held.deaths, held.died) == (number, 0, 0, number > 1)


async def test_deaths_alone_are_counted(state: StateBackend):
    """Each once; an attempt in company between them adds none."""
    await state.store.start(run())
    deaths = []
    for number, solo in enumerate([True, True, False, True, None, None]):
        held = await claim(state, f"t{number}", lease_ms=0)
        deaths.append(held.deaths)
        assert await state.store.renew(held, 0, solo=solo)
    assert deaths == [0, 1, 2, 2, 3, 3]


async def test_a_renewed_lease_is_not_given_away(state: StateBackend):
    """A lease that has run out can still be renewed as long as nobody has taken the task."""
    await state.store.start(run())
    held = await claim(state, lease_ms=0)
    assert await state.store.renew(held, LEASE_MS)
    assert await state.store.claim(PICKUP, "t2", LEASE_MS, []) is None
    assert await state.store.due(10) == []
    assert await commit(state, held)


async def test_a_step_that_fails_for_good_ends_its_run(state: StateBackend):
    """The record names step and error; what waited is not given away any more."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0}))
    ended = await state.store.fail(await claim(state), "OSError", "OSError: no route")
    record = await state.store.get(uuid(1))
    assert ended is not None
    assert record is not None
    assert (record.status, record.ended_ms) == ("failed", ended.ended_ms)
    assert (record.failed_step, record.error_type, record.error) == ("pickup", "OSError", "OSError: no route")
    assert await state.store.claim(Task(uuid(1), "shipment", "billing"), "t2", LEASE_MS, []) is None
    assert await state.store.due(10) == []
    assert await state.store.unconfirmed(0, 10) == [uuid(1)]
