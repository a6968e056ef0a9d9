"""Breakers: shared by all that name them, one probe at a time, and nothing that is late decides."""

import asyncio
from typing import Any

import pytest

from runtime.budgets.account import Parked
from runtime.resilience.breaker import Breaker
from runtime.resilience.breaker_state import BreakerEffect, BreakerRecord, Permit
from runtime.resilience.redis import RedisBreakers, key_of
from tests.contract.backends import StateBackend
from tests.contract.made import uuid
from tests.waiting import until

CARRIER = Breaker("carrier-api", failures=3, cooldown=60)
LEASE_MS = 30_000


@pytest.fixture
def breakers(state: StateBackend) -> RedisBreakers:
    """Of one worker, on an empty server of each kind. What is spread is spread by half."""
    return RedisBreakers(state.client, lambda: 0.5)


@pytest.fixture
def other(state: StateBackend) -> RedisBreakers:
    """Of another worker."""
    return RedisBreakers(state.client, lambda: 0.5)


def work(number: int) -> Parked:
    """The `number`-th step."""
    return Parked(uuid(number), f"step {number}", app="crew", task=f"task {number}")


async def permit(breakers: RedisBreakers, number: int = 1, breaker: Breaker = CARRIER) -> Permit:
    """What work is given that may begin."""
    answer = await breakers.request_permit(breaker, work(number), LEASE_MS)
    assert isinstance(answer, Permit)
    return answer


async def wait(breakers: RedisBreakers, number: int = 1, breaker: Breaker = CARRIER) -> int:
    """How long work that may not begin is told to wait, in ms."""
    answer = await breakers.request_permit(breaker, work(number), LEASE_MS)
    assert isinstance(answer, int)
    return answer


async def fail(breakers: RedisBreakers, times: int = 1, breaker: Breaker = CARRIER) -> BreakerEffect:
    """Work that begins and fails."""
    for _ in range(times):
        recorded = await breakers.record(
            breaker, await permit(breakers, breaker=breaker), "failed", "OSError: no route"
        )
    return recorded


async def later(state: StateBackend, ms: int, breaker: Breaker = CARRIER) -> None:
    """Lets time pass for a breaker."""
    for field in ("open_until", "permit_until", "closed"):
        if await state.client.hexists(key_of(breaker), field):
            await state.client.hincrby(key_of(breaker), field, -ms)


async def found(breakers: RedisBreakers, breaker: Breaker = CARRIER) -> BreakerRecord:
    record = await breakers.get(breaker.name)
    assert record is not None
    return record


async def half_open(breakers: RedisBreakers, state: StateBackend) -> Permit:
    """The permit to probe, after an outage and its cool-down."""
    await fail(breakers, 3)
    await later(state, 60_000)
    return await permit(breakers, 9)


async def test_it_opens_after_failures_in_a_row_of_whatever_worker(breakers: RedisBreakers, other: RedisBreakers):
    """Not before; then for its cool-down."""
    assert (await fail(breakers, 2)).change == ""
    assert (await fail(other)).change == "opened"
    assert 60_000 <= await wait(breakers) <= 90_000
    record = await found(breakers)
    assert (record.state, record.why) == ("open", "3 in a row failed: OSError: no route")


async def test_a_success_starts_the_count_anew(breakers: RedisBreakers, other: RedisBreakers):
    """Only failures in a row open it."""
    await fail(breakers, 2)
    await other.record(CARRIER, await permit(other), "ok")
    await fail(breakers, 2)
    assert (await found(breakers)).state == "closed"


async def test_breakers_of_different_names_are_apart(breakers: RedisBreakers):
    """An outage of one service says nothing about another."""
    await fail(breakers, 3)
    await permit(breakers, breaker=Breaker("bank"))


async def test_of_fifty_that_ask_at_once_one_is_let_through(
    breakers: RedisBreakers, other: RedisBreakers, state: StateBackend
):
    """The others wait for the probe's lease, spread."""
    await fail(breakers, 3)
    await later(state, 60_000)
    asked = [
        which.request_permit(CARRIER, work(number), LEASE_MS) for number, which in enumerate([breakers, other] * 25)
    ]
    answers = await asyncio.gather(*asked)
    (probe,) = [one for one in answers if isinstance(one, Permit)]
    assert probe.probe
    waits = [one for one in answers if isinstance(one, int)]
    assert len(waits) == 49
    assert all(LEASE_MS - 5_000 <= one <= LEASE_MS * 1.5 for one in waits)


async def test_the_permit_of_a_probe_that_died_expires_and_one_other_follows(
    breakers: RedisBreakers, state: StateBackend
):
    """Nobody else decides meanwhile."""
    await half_open(breakers, state)
    assert await wait(breakers, 2) > 0
    await later(state, LEASE_MS)
    assert (await permit(breakers, 2)).probe
    assert await wait(breakers, 3) > 0


async def test_a_probe_that_is_late_counts_for_nothing(breakers: RedisBreakers, state: StateBackend):
    """Neither while another probes nor when nobody has asked since its permit expired."""
    late = await half_open(breakers, state)
    await later(state, LEASE_MS)
    assert (await breakers.record(CARRIER, late, "ok")).change == "ignored"
    assert not await breakers.renew(CARRIER, late, LEASE_MS)
    second = await permit(breakers, 2)
    assert (await breakers.record(CARRIER, late, "failed")).change == "ignored"
    assert (await found(breakers)).state == "half_open"
    assert (await breakers.record(CARRIER, second, "ok")).change == "closed"


async def test_a_probe_that_goes_on_keeps_its_permit(breakers: RedisBreakers, state: StateBackend):
    """For as long as it renews its lease."""
    probe = await half_open(breakers, state)
    await later(state, LEASE_MS - 5_000)
    assert await breakers.renew(CARRIER, probe, LEASE_MS)
    await later(state, LEASE_MS - 5_000)
    assert await wait(breakers, 2) > 0


async def test_results_of_work_that_began_before_it_opened_count_for_nothing(
    breakers: RedisBreakers, state: StateBackend
):
    """Neither while it is open or probed, nor after it has closed again."""
    before = [await permit(breakers, number) for number in range(8)]
    probe = await half_open(breakers, state)
    assert (await breakers.record(CARRIER, before[0], "ok")).change == "ignored"
    assert (await breakers.record(CARRIER, before[1], "failed")).change == "ignored"
    assert (await found(breakers)).prober == "step 9"
    await breakers.record(CARRIER, probe, "ok")
    for late in before[2:]:
        assert (await breakers.record(CARRIER, late, "failed")).change == "ignored"
    assert (await found(breakers)).state == "closed"


async def test_a_probe_that_fails_opens_it_again(breakers: RedisBreakers, state: StateBackend):
    """For a whole cool-down; the outage is one and the same."""
    probe = await half_open(breakers, state)
    since = (await found(breakers)).since_ms
    await breakers.record(CARRIER, probe, "failed", "OSError: still no route")
    assert await wait(breakers) >= 59_000
    record = await found(breakers)
    assert (record.state, record.since_ms, record.probes, record.why) == ("open", since, 1, "OSError: still no route")
    assert [change.state for change in record.changes] == ["open"]


async def test_a_probe_that_says_nothing_gives_its_permit_to_the_next(breakers: RedisBreakers, state: StateBackend):
    """It neither closes the breaker nor opens it."""
    probe = await half_open(breakers, state)
    await breakers.record(CARRIER, probe, "neutral")
    assert (await found(breakers)).state == "half_open"
    assert (await permit(breakers, 2)).probe not in ("", probe.probe)


async def test_after_an_outage_work_comes_back_in_waves(breakers: RedisBreakers, state: StateBackend):
    """Four in the first second, eight in the next; the rest is told to ask in a wave that follows."""
    await breakers.record(CARRIER, await half_open(breakers, state), "ok")
    for wave, room in enumerate((4, 8, 16)):
        answers = [
            await breakers.request_permit(CARRIER, work(100 * wave + number), LEASE_MS) for number in range(room + 3)
        ]
        assert [isinstance(one, Permit) for one in answers] == [True] * room + [False] * 3
        assert all(isinstance(one, Permit) or 0 < one <= 2_000 for one in answers)
        await later(state, 1_000)
    await later(state, 6_000)
    assert all(
        [isinstance(await breakers.request_permit(CARRIER, work(number), LEASE_MS), Permit) for number in range(200)]
    )


async def test_of_those_that_ask_at_once_in_a_wave_no_more_begin_than_it_has_room_for(
    breakers: RedisBreakers, state: StateBackend
):
    """They ask in one call, and are counted one by one."""
    await breakers.record(CARRIER, await half_open(breakers, state), "ok")
    for wave, room in enumerate((4, 8)):
        asked = [breakers.request_permit(CARRIER, work(100 * wave + number), LEASE_MS) for number in range(20)]
        answers = await asyncio.gather(*asked)
        assert [isinstance(one, Permit) for one in answers] == [True] * room + [False] * (20 - room)
        await later(state, 1_000)


async def test_what_goes_well_at_once_counts_one_by_one(breakers: RedisBreakers, state: StateBackend):
    """In the window, and in what it brings back; what of it is to ask again is told once."""
    breaker = Breaker("model", failures=3, cooldown=60, rate=0.5, window=60, calls_at_least=10)
    await fail(breakers, 3, breaker)
    for number in range(10, 30):
        await wait(breakers, number, breaker)
    await later(state, 60_000, breaker)
    closed = await breakers.record(breaker, await permit(breakers, 9, breaker), "ok")
    permits = [await permit(breakers, number, breaker) for number in range(4)]
    told = await asyncio.gather(*(breakers.record(breaker, one, "ok") for one in permits))
    waiting = [one.node for recorded in (closed, *told) for one in recorded.waiting]
    assert len(waiting) == len(set(waiting)) == 12
    await later(state, 10_000, breaker)
    await asyncio.gather(*(breakers.record(breaker, permits[0], "ok") for _ in range(6)))
    calls: Any = await state.client.hgetall(key_of(breaker).removesuffix("h") + "b")
    assert sum(int(count) for kind, count in calls.items() if kind.endswith(b":c")) == 10


async def test_who_closes_it_learns_what_is_to_ask_again(breakers: RedisBreakers, state: StateBackend):
    """A few, those first that would ask first; each that goes well brings two more."""
    await fail(breakers, 3)
    for number in range(10, 20):
        await wait(breakers, number)
    await later(state, 60_000)
    recorded = await breakers.record(CARRIER, await permit(breakers, 30), "ok")
    assert len(recorded.waiting) == 4
    assert all(one.app == "crew" and one.task for one in recorded.waiting)
    second = await breakers.record(CARRIER, await permit(breakers, 10), "ok")
    assert len(second.waiting) == 2
    assert not {one.node for one in second.waiting} & {one.node for one in recorded.waiting}


async def test_work_that_was_told_to_ask_again_can_find_that_out(breakers: RedisBreakers):
    """As whoever told it may have found nothing to tell yet."""
    await fail(breakers, 3)
    await wait(breakers, 10)
    assert not await breakers.is_called(CARRIER, uuid(10))
    assert await breakers.is_called(CARRIER, uuid(11))
    await breakers.close("carrier-api", "ann", "")
    assert await breakers.is_called(CARRIER, uuid(10))


async def test_work_learns_how_often_it_was_deferred_and_how_long(breakers: RedisBreakers, state: StateBackend):
    """Once: then it has begun."""
    assert (await permit(breakers, 5)).deferred is None
    await fail(breakers, 3)
    await wait(breakers, 5)
    await wait(breakers, 5)
    (waiting,) = (await found(breakers)).waiting
    assert (waiting.work.what, waiting.deferred.times) == ("step 5", 2)
    await later(state, 60_000)
    deferred = (await permit(breakers, 5)).deferred
    assert deferred == waiting.deferred
    assert deferred.until_ms > deferred.since_ms
    assert (await found(breakers)).waiting == ()


async def test_a_share_of_a_rolling_window_opens_it(breakers: RedisBreakers):
    """As soon as there are calls enough, though never so many fail in a row."""
    breaker = Breaker("model", failures=100, cooldown=60, rate=0.5, window=60, calls_at_least=10)
    for number in range(9):
        health = "ok" if number % 2 else "failed"
        assert (await breakers.record(breaker, await permit(breakers, breaker=breaker), health)).change == ""
    assert (await fail(breakers, breaker=breaker)).change == "opened"
    assert "6 of 10 calls failed" in (await found(breakers, breaker)).why


async def test_what_is_older_than_the_window_counts_no_more(breakers: RedisBreakers, state: StateBackend):
    """The window rolls."""
    breaker = Breaker("model", failures=100, cooldown=60, rate=0.5, window=0.5, calls_at_least=4)
    await fail(breakers, 3, breaker)
    key = key_of(breaker).removesuffix("h") + "b"

    async def rolled() -> bool:
        now = await state.client.now_ms() // 50
        slices: Any = await state.client.hkeys(key)
        return all(now - int(one.partition(b":")[0]) >= 10 for one in slices)

    await until(rolled)
    assert (await fail(breakers, breaker=breaker)).change == ""


async def test_it_is_glanced_at_without_a_permit(breakers: RedisBreakers, state: StateBackend):
    """How much would begin, in each of its states."""
    assert (await breakers.glance(CARRIER)).room is None
    await fail(breakers, 3)
    glance = await breakers.glance(CARRIER)
    assert glance.room == 0
    assert 55_000 < glance.wait_ms <= 60_000
    await later(state, 60_000)
    assert (await breakers.glance(CARRIER)).room == 1
    probe = await permit(breakers)
    assert (await breakers.glance(CARRIER)).room == 0
    await breakers.record(CARRIER, probe, "ok")
    assert (await breakers.glance(CARRIER)).room == 4


async def test_an_operator_opens_and_closes_it(breakers: RedisBreakers):
    """With a reason, which its history keeps, and the audit."""
    await permit(breakers, 1)
    await breakers.open("carrier-api", "ann", "maintenance", hold=False)
    assert await wait(breakers, 5) >= 60_000
    record = await found(breakers)
    assert (record.state, record.why, record.by) == ("open", "maintenance", "ann")
    closed = await breakers.close("carrier-api", "ben", "done")
    assert closed is not None
    assert [one.what for one in closed.waiting] == ["step 5"]
    assert (await permit(breakers, 5)).deferred is not None
    assert [(one.state, one.by) for one in (await found(breakers)).changes] == [("closed", "ben"), ("open", "ann")]
    audit = [(one.action, one.operator, one.breaker) for _, one in await breakers.audit(None, 10)]
    assert audit == [("close_breaker", "ben", "carrier-api"), ("open_breaker", "ann", "carrier-api")]


async def test_one_that_is_held_stays_open_until_it_is_closed(breakers: RedisBreakers, state: StateBackend):
    """No probe is let through, and no result closes it; what was under way counts for nothing."""
    probe = await half_open(breakers, state)
    await breakers.open("carrier-api", "ann", "no calls today", hold=True)
    assert (await breakers.record(CARRIER, probe, "ok")).change == "ignored"
    await later(state, 600_000)
    assert await wait(breakers, 2) >= 30_000
    assert (await breakers.glance(CARRIER)).room == 0
    record = await found(breakers)
    assert (record.state, record.probe_ms, record.by) == ("held", None, "ann")
    await breakers.close("carrier-api", "ann", "")
    assert not (await permit(breakers, 2)).probe


async def test_one_that_nobody_knows_can_not_be_operated(breakers: RedisBreakers):
    """Nor does asking make it known."""
    assert await breakers.open("nobody", "ann", "", hold=True) is None
    assert await breakers.close("nobody", "ann", "") is None
    assert await breakers.get("nobody") is None
    assert await breakers.all() == []


async def test_what_is_declared_is_known_before_anybody_asks(breakers: RedisBreakers):
    """With its settings, and what each app guards with it."""
    await breakers.declare("crew", {CARRIER: ["step 'sorting' of shipment"], Breaker("bank"): []})
    bank, carrier = await breakers.all()
    assert (bank.name, bank.state) == ("bank", "closed")
    assert carrier.guards == {"crew": ("step 'sorting' of shipment",)}
    assert carrier.settings["failures"] == 3
    assert carrier.settings["cooldown"] == 60


async def test_one_that_a_former_version_has_opened_is_open(breakers: RedisBreakers, state: StateBackend):
    """It knew neither generations nor since when."""
    until_ms = await state.client.now_ms() + 60_000
    await state.client.hset(key_of(CARRIER), mapping={"failures": "3", "open_until": str(until_ms)})
    assert await wait(breakers) >= 59_000
    record = await found(breakers)
    assert (record.state, record.since_ms) == ("open", None)
    await later(state, 60_000)
    assert (await breakers.record(CARRIER, await permit(breakers), "ok")).change == "closed"
