"""A run with a deadline fails when that has passed, by the server's clock, and nobody's late work counts."""

import asyncio
from dataclasses import replace
from math import inf

import pytest

from runtime.errors import DefinitionError, ServerFullError
from runtime.state.runs import NewRun, OverdueRuns, RunRecord
from runtime.state.tasks import Commit
from runtime.state.waits import Wait
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.full_server import full
from tests.contract.made import run, task, uuid
from tests.waiting import until

HOUR_MS = 3_600_000
FORK = {"pickup": 0, "billing": 0, "delivery": 1}


def due(deadline: str = "+1", number: int = 1) -> NewRun:
    """A run of three steps, two of them at first, with a deadline; by default a millisecond after its start."""
    return replace(run(number, FORK), deadline=deadline)


async def passed(state: StateBackend) -> None:
    """Waits until the deadline of the first run has passed."""

    async def is_overdue() -> bool:
        return uuid(1) in (await state.store.find_overdue(10)).runs

    await until(is_overdue, "the deadline has passed")


async def record(state: StateBackend, number: int = 1) -> RunRecord:
    found = await state.store.get(uuid(number))
    assert found is not None
    return found


async def test_a_deadline_counts_from_the_start_or_is_a_moment(state: StateBackend):
    """Both by the server's clock; a start that is repeated changes nothing about it."""
    accepted = await state.store.start(due("+500000"))
    assert (await record(state)).deadline_ms == accepted.at_ms + 500_000
    assert await state.store.start(due("+900000")) == accepted
    assert (await record(state)).deadline_ms == accepted.at_ms + 500_000
    await state.store.start(due(str(accepted.at_ms + HOUR_MS), 2))
    assert (await record(state, 2)).deadline_ms == accepted.at_ms + HOUR_MS
    await state.store.start(run(3))
    assert (await record(state, 3)).deadline_ms is None
    overdue = await state.store.find_overdue(10)
    assert overdue.runs == []
    assert 0 < overdue.next_s <= 500


async def test_a_deadline_that_has_passed_is_refused_and_changes_nothing(state: StateBackend):
    """With both times in the message."""
    with pytest.raises(DefinitionError, match="workflow shipment has passed: it is 2001-09-09 01:46:40 UTC"):
        await state.store.start(due("1000000000000"))
    assert await state.dump() == {}


async def test_nothing_ends_before_its_deadline(state: StateBackend):
    """Whoever asks."""
    await state.store.start(due("+60000"))
    before = await state.dump()
    assert await state.store.expire(uuid(1), "late") is None
    assert await state.dump() == before


async def test_of_many_that_find_it_overdue_one_ends_it(state: StateBackend):
    """It has failed, in no step, and nothing of it is due any more."""
    await state.store.start(due())
    await passed(state)
    ended = await asyncio.gather(*(state.store.expire(uuid(1), "late") for _ in range(10)))
    assert sum(one is not None for one in ended) == 1
    found = await record(state)
    assert (found.status, found.failed_step) == ("failed", "")
    assert (found.error_type, found.error) == ("RunDeadlineError", "late")
    assert (await state.due(), (await state.store.find_overdue(10)).runs) == ([], [])


async def test_what_is_cut_off_is_named_and_commits_nothing(state: StateBackend):
    """A step that was not begun is not: no attempt of it is counted."""
    await state.store.start(due("+50"))
    first, second = await state.claim(task()), await state.claim(task("billing"), "2")
    await passed(state)
    await state.store.expire(uuid(1), "late")
    assert await state.store.renew([first, second], LEASE_MS) == [first, second]
    assert await state.store.commit(first, Commit("7", ["delivery"])) is None
    assert await state.store.retry(second, 0) is False
    assert await state.store.fail(second, "OSError", "no route") is None
    found = await record(state)
    assert (found.error, found.failed_step) == ("late; cut off: billing, pickup", "billing")
    assert await state.begun(uuid(1)) == {"pickup", "billing"}


async def test_a_run_that_is_resumed_has_as_long_again(state: StateBackend):
    """What was cut off is tried anew, under leases of its own; the first attempt's commit is still refused."""
    await state.store.start(due("+50"))
    lost = await state.claim(task())
    await passed(state)
    await state.store.expire(uuid(1), "late")
    resumed = await state.store.resume(uuid(1), "ann")
    assert resumed is not None
    assert resumed.is_resumed
    found = await record(state)
    assert found.deadline_ms == (found.resumed_ms or 0) + 50
    assert sorted(await state.due()) == ["billing", "pickup"]
    assert await state.store.commit(lost, Commit("7", ["delivery"])) is None
    again = await state.claim(task(), "2")
    assert (again.attempt, again.fails) == (2, 0)
    await passed(state)
    assert await state.store.expire(uuid(1), "late again") is not None
    assert (await record(state)).life == 2


async def test_a_run_that_failed_in_no_step_is_resumed_too(state: StateBackend):
    """What is due is what waits for nothing; there is no step without a name."""
    await state.store.start(due())
    await passed(state)
    await state.store.expire(uuid(1), "late")
    await state.store.resume(uuid(1), "ann")
    assert sorted(await state.due()) == ["billing", "pickup"]


async def test_what_it_waited_for_is_waited_for_no_more(state: StateBackend):
    """An answer comes too late, and is told so."""
    await state.store.start(due("+50"))
    await state.store.await_answer(await state.claim(task()), Wait("word"))
    await passed(state)
    await state.store.expire(uuid(1), "late")
    answering = await state.store.answer(uuid(1), "word|", '"yes"', "ann")
    assert (answering.status, answering.by) == ("ended", "failed")


async def test_a_run_that_ended_in_time_has_no_deadline_any_more(state: StateBackend):
    """Well, or cancelled: nothing of it stays to be looked at."""
    await state.store.start(replace(due("+60000"), needs={"pickup": 0}))
    await state.store.commit(await state.claim(task()), Commit("7"))
    await state.store.start(due("+60000", 2))
    await state.store.cancel(uuid(2))
    assert await state.store.find_overdue(10) == OverdueRuns([], inf)


@pytest.mark.in_memory
async def test_a_full_server_ends_what_is_overdue(state: StateBackend):
    """That is what makes room; a new run with a deadline is refused whole."""
    await state.store.start(due())
    await passed(state)
    async with full(state.client):
        assert await state.store.expire(uuid(1), "late") is not None
        with pytest.raises(ServerFullError):
            await state.store.start(due("+5000", 2))
    assert await state.store.find_overdue(10) == OverdueRuns([], inf)


async def test_what_is_being_undone_has_no_deadline(state: StateBackend):
    """What was done is taken back, however late it is, and the run ends as it would have."""
    await state.store.start(due("+1000"))
    await state.store.commit(await state.claim(task("pickup")), Commit('"p"', ["delivery"], undo="done"))
    assert await state.store.cancel(uuid(1), "ada")
    assert await state.due() == ["~pickup"]

    async def is_late() -> bool:
        return (await state.client.now_ms()) > ((await record(state)).deadline_ms or 0)

    await until(is_late, "its deadline has passed")
    assert await state.store.expire(uuid(1), "late") is None
    await state.store.commit(await state.claim(task("~pickup")), Commit('"undone"', undo="undo"))
    found = await record(state)
    assert (found.status, found.error_type) == ("cancelled", "")
    assert (await state.store.find_overdue(10)).runs == []


async def test_how_runs_stand_is_told_of_many_at_once(state: StateBackend):
    """Nothing of what is not there."""
    for number in (1, 2):
        await state.store.start(run(number))
    await state.store.cancel(uuid(2))
    asked = [uuid(number) for number in (1, 2, 3)]
    assert await state.store.statuses(asked) == {uuid(1): "running", uuid(2): "cancelled"}
    assert await state.store.statuses([]) == {}


async def test_runs_are_found_by_how_their_ids_end(state: StateBackend):
    """Of those accepted last, so many."""
    for number in (0x1_0001, 0x2_0001, 0x2_0002):
        await state.store.start(run(number))
        await state.tick()
    assert await state.store.find_by_id_suffix("0001", 10) == [uuid(0x2_0001), uuid(0x1_0001)]
    assert await state.store.find_by_id_suffix("0001", 2) == [uuid(0x2_0001)]
    assert await state.store.find_by_id_suffix("10001", 10) == [uuid(0x1_0001)]
