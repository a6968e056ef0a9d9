"""Steps whose worker is gone are given to cells alone; only cells that die over them are counted."""

import asyncio

import pytest

from runtime.bus.deliveries import Loss
from runtime.state.tasks import Claim, Commit, LostStepAttempt, SuspectTask
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.made import run, task, uuid

every_loss = pytest.mark.parametrize("loss", ["killed", "vanished", "lost"])


@every_loss
async def test_what_a_worker_held_that_is_gone_waits_for_a_cell(state: StateBackend, loss: Loss):
    """It is due to no worker any more, at once."""
    await state.store.start(run())
    await state.claim(task())
    assert await state.store.forfeit("w1", loss) == 1
    assert await state.store.suspects(10) == [SuspectTask(task(), int(loss == "vanished"))]
    assert await state.due() == []
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None


async def test_only_what_the_worker_held_is_taken(state: StateBackend):
    """A name that begins as its own is another's."""
    for number in range(1, 5):
        await state.store.start(run(number))
    holders = ("w1", "w2", "w1", "w10")
    for number, worker in enumerate(holders, 1):
        await state.claim(task("pickup", number), worker=worker)
    assert await state.store.forfeit("w1", "lost") == 2
    assert {one.task.run for one in await state.store.suspects(10)} == {uuid(1), uuid(3)}


async def test_a_worker_is_forfeited_once(state: StateBackend):
    """The second time it holds nothing, and nothing is blamed twice."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "vanished")
    before = await state.dump()
    assert await state.store.forfeit("w1", "vanished") == 0
    assert await state.dump() == before


async def test_what_was_settled_in_time_is_not_taken(state: StateBackend):
    """It is held by nobody."""
    await state.store.start(run(1))
    await state.store.start(run(2))
    await state.store.retry(await state.claim(task("pickup", 1)), 0)
    await state.store.commit(await state.claim(task("pickup", 2)), Commit("1", ["delivery"]))
    assert await state.store.forfeit("w1", "killed") == 0
    assert sorted(await state.due()) == ["delivery", "pickup"]


async def test_a_lease_that_is_over_makes_a_suspect_and_blames_nobody(state: StateBackend):
    """Whoever comes for it finds that it is the cells' now."""
    await state.store.start(run())
    await state.claim(task(), lease_ms=0)
    assert await state.due() == ["pickup"]
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None
    assert await state.store.suspects(10) == [SuspectTask(task(), 0)]
    held = await state.claim(task(), worker="cell")
    assert (held.attempt, held.kills, held.vanished) == (2, 0, 0)


async def test_a_cells_lease_that_is_over_goes_to_the_next_cell(state: StateBackend):
    """Nobody is blamed, however often."""
    await state.store.start(run())
    await state.claim(task(), lease_ms=0)
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None
    for number in range(2, 6):
        assert await state.store.suspects(10) == [SuspectTask(task(), 0)]
        held = await state.claim(task(), str(number), 0, worker="cell")
        assert (held.attempt, held.kills, held.vanished) == (number, 0, 0)
        assert held.lost is not None
        assert held.lost.attempt == number - 1


async def test_what_a_cell_has_is_not_listed(state: StateBackend):
    """As long as its lease goes on."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "lost")
    held = await state.claim(task(), worker="cell")
    assert await state.store.suspects(10) == []
    assert await state.store.renew([held], LEASE_MS) == []
    assert await state.store.commit(held, Commit("1", ["delivery"])) is not None
    assert await state.due() == ["delivery"]


async def test_one_cell_among_many_gets_it(state: StateBackend):
    """However many ask at once."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "lost")
    asked = (state.store.claim(task(), f"cell-{n}|1", LEASE_MS, [], isolated=True) for n in range(20))
    assert sum(claim is not None for claim in await asyncio.gather(*asked)) == 1


async def test_a_cell_gets_nothing_that_no_worker_has_lost(state: StateBackend):
    """What is due is the workers'."""
    await state.store.start(run())
    assert await state.store.claim(task(), "cell|1", LEASE_MS, [], isolated=True) is None
    await state.claim(task())
    assert await state.store.claim(task(), "cell|1", LEASE_MS, [], isolated=True) is None


async def test_kills_and_vanishings_are_counted_apart(state: StateBackend):
    """And losses that say nothing are not counted."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "lost")
    losses: list[Loss] = ["killed", "vanished", "lost", "killed", "vanished", "vanished"]
    for number, loss in enumerate(losses):
        await state.claim(task(), worker=f"cell-{number}")
        assert await state.store.forfeit(f"cell-{number}", loss) == 1
    held = await state.claim(task(), worker="cell")
    assert (held.attempt, held.fails, held.kills, held.vanished) == (8, 0, 2, 3)


async def test_a_claim_tells_of_the_attempt_that_was_lost_before_it(state: StateBackend):
    """Its number, and when it began."""
    await state.store.start(run())
    first = await state.claim(task())
    await state.store.forfeit("w1", "lost")
    await state.tick()
    second = await state.claim(task(), worker="cell")
    assert (second.lost, second.first_ms) == (LostStepAttempt(1, first.now_ms), first.now_ms)
    await state.store.retry(second, 0)
    third = await state.claim(task(), "3")
    assert (third.attempt, third.lost) == (3, None)


async def test_a_lost_attempt_is_told_of_rightly_after_others_were_put_off(state: StateBackend):
    """They never began: the attempt before is the lost one still, and so is when it began."""
    await state.store.start(run())
    first = await state.claim(task())
    await state.store.forfeit("w1", "lost")
    for number in range(2):
        await state.tick()
        held = await state.claim(task(), str(number), worker="cell")
        assert held.lost == LostStepAttempt(1, first.now_ms)
        await state.store.postpone(held, 0)
    assert (await state.claim(task(), "9", worker="cell")).lost == LostStepAttempt(1, first.now_ms)


@pytest.mark.parametrize("how", ["postpone", "release"])
async def test_what_a_cell_puts_off_stays_for_cells(state: StateBackend, how: str):
    """It has not ended, well or not."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "lost")
    held = await state.claim(task(), worker="cell")
    assert await (state.store.postpone(held, 0) if how == "postpone" else state.store.release(held))
    assert await state.due() == []
    assert [one.task for one in await state.store.suspects(10)] == [task()]


async def test_one_that_ends_in_an_error_is_no_suspect_any_more(state: StateBackend):
    """It has ended without harm: its retry is anybody's. What was counted stays counted."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "killed")
    assert await state.store.retry(await state.claim(task(), worker="cell"), 0)
    assert await state.store.suspects(10) == []
    held = await state.claim(task(), "3")
    assert (held.attempt, held.fails, held.kills) == (3, 1, 1)


async def test_suspects_are_listed_oldest_first_and_no_more_than_asked_for(state: StateBackend):
    """By when their worker was found to be gone."""
    for number in range(1, 4):
        await state.store.start(run(number))
        await state.claim(task("pickup", number), worker=f"w{number}")
    for number in (2, 3, 1):
        await state.store.forfeit(f"w{number}", "lost")
        await state.tick()
    assert [one.task.run for one in await state.store.suspects(10)] == [uuid(2), uuid(3), uuid(1)]
    assert [one.task.run for one in await state.store.suspects(2)] == [uuid(2), uuid(3)]


async def test_suspects_of_a_run_that_has_ended_go_away(state: StateBackend):
    """The cell that comes for them finds nothing to do, and they are not listed for ever."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.cancel(uuid(1))
    await state.store.forfeit("w1", "lost")
    assert await state.store.claim(task(), "cell|1", LEASE_MS, [], isolated=True) is None
    assert await state.store.suspects(10) == []


async def test_a_suspect_that_waits_for_later_is_woken_like_any_other(state: StateBackend):
    """Such as one that is parked by a budget, once that is raised. One that is under way is left alone."""
    await state.store.start(run())
    await state.claim(task())
    await state.store.forfeit("w1", "lost")
    claim = await state.store.claim(task(), "cell|1", LEASE_MS, [], isolated=True)
    assert isinstance(claim, Claim)
    await state.store.wake(task().member)
    assert await state.store.suspects(10) == []
    assert await state.store.postpone(claim, 600_000)
    assert await state.store.suspects(10) == []
    await state.store.wake(task().member)
    assert [one.task for one in await state.store.suspects(10)] == [task()]
    assert await state.due() == []
