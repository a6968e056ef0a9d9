"""What a step waits for is answered once, or its time is up: one of both, whoever comes first."""

import asyncio

import pytest

from runtime.errors import AnswerRefusedError
from runtime.runs.answers import answer_wait
from runtime.state.tasks import Claim, Commit
from runtime.state.waits import AnswerSender, Wait, WaitState
from tests.contract.backends import LEASE_MS, StateBackend
from tests.contract.full_server import full
from tests.contract.made import run, task, uuid
from tests.waiting import until

APPROVAL = Wait("approval", schema='{"type": "boolean"}')
MEMBER = APPROVAL.member


async def claimed(state: StateBackend, step: str = "pickup") -> Claim:
    """A step of a run, claimed."""
    await state.store.start(run(1, {"pickup": 0, "billing": 0}))
    return await state.claim(task(step))


async def test_who_waits_holds_nothing_until_the_answer_makes_it_due(state: StateBackend):
    """Then it is another attempt, which is told who answered."""
    claim = await claimed(state)
    assert (await state.store.await_answer(claim, APPROVAL)).status == "waiting"
    assert await state.due() == ["billing"]
    assert (await state.store.backlog()).under_way == 0
    assert await state.store.renew([claim], LEASE_MS) == [claim]
    assert (await state.store.answer(uuid(1), MEMBER, "true", "ann")).status == "taken"
    assert "pickup" in await state.due()
    again = await state.claim(task(), "2")
    assert (again.attempt, again.fails) == (2, 0)
    answered = await state.store.await_answer(again, APPROVAL)
    assert (answered.status, answered.value, answered.by) == ("answered", "true", "ann")
    assert await state.store.commit(again, Commit("7"))


async def test_who_sends_an_answer_again_finds_that_it_was_taken(state: StateBackend):
    """Its step or handler is tried again, and says something else this time: the first answer stands. Another of its
    answers, and anybody else's, comes too late. Whoever goes on is told whose code it was."""
    claim = await claimed(state)
    sender = AnswerSender(uuid(7), uuid(71))
    sent = [await state.store.answer(uuid(1), MEMBER, f"{n}", "shop", sender=sender) for n in range(2)]
    assert [one.status for one in sent] == ["taken", "taken"]
    for late in (AnswerSender(uuid(7), uuid(72)), None):
        assert (await state.store.answer(uuid(1), MEMBER, "3", "shop", sender=late)).status == "answered"
    answered = await state.store.await_answer(claim, APPROVAL)
    assert (answered.value, answered.node) == ("0", uuid(7))
    await state.store.reject(claim, APPROVAL)
    await state.store.answer(uuid(1), MEMBER, "true", "ann")
    assert (await state.store.await_answer(claim, APPROVAL)).node is None


async def test_the_answer_to_the_round_before_does_not_answer_this_one(state: StateBackend):
    """Whoever sent it may do so again, late."""
    await state.store.start(run(1, {"pickup": 0, "pickup#2": 0}))
    sender = AnswerSender(uuid(7), uuid(71))
    await state.store.await_answer(await state.claim(task()), APPROVAL)
    await state.store.answer(uuid(1), MEMBER, "true", "shop", sender=sender)
    again = await state.claim(task("pickup#2"))
    assert (await state.store.await_answer(again, APPROVAL)).status == "waiting"
    assert (await state.store.answer(uuid(1), MEMBER, "true", "shop", sender=sender)).status == "taken"
    assert [wait.step for wait in await state.store.waits(uuid(1))] == ["pickup#2"]


async def test_an_answer_wakes_a_worker(state: StateBackend):
    """Nobody polls."""
    claim = await claimed(state)
    await state.claim(task("billing"))
    await state.store.await_answer(claim, APPROVAL)
    await state.store.list_due(10)  # takes wake-ups that were overtaken
    waiting = asyncio.create_task(state.store.wait(20))
    await state.store.answer(uuid(1), MEMBER, "true", "ann")
    await asyncio.wait_for(waiting, 10)


async def test_of_many_answers_one_is_taken(state: StateBackend):
    """Before the wait as well as after it; the others are told who was first."""
    claim = await claimed(state)
    answers = await asyncio.gather(
        *[state.store.answer(uuid(1), MEMBER, f'"{who}"', who) for who in ("ann", "bob", "cy", "di")]
    )
    (first,) = [who for who, one in zip(("ann", "bob", "cy", "di"), answers, strict=True) if one.status == "taken"]
    assert [one.by for one in answers if one.status == "answered"] == 3 * [first]
    assert await state.store.await_answer(claim, APPROVAL) == WaitState(
        "answered", f'"{first}"', first, next(one.at_ms for one in answers if one.at_ms)
    )


async def test_a_question_that_is_repeated_gets_the_same_answer(state: StateBackend):
    """Its own may have been lost; also where it had left to wait."""
    claim = await claimed(state)
    assert [(await state.store.await_answer(claim, APPROVAL)).status for _ in range(2)] == ["waiting", "waiting"]
    await state.store.answer(uuid(1), MEMBER, "true", "ann")
    again = await state.claim(task(), "2")
    assert [(await state.store.await_answer(again, APPROVAL)).value for _ in range(2)] == ["true", "true"]


async def test_who_lost_the_step_waits_for_nothing(state: StateBackend):
    """And takes no answer back."""
    await state.store.start(run(1, {"pickup": 0}))
    late = await state.claim(task(), lease_ms=0)
    assert await state.store.claim(task(), "w2|1", LEASE_MS, []) is None
    assert (await state.store.await_answer(late, APPROVAL)).status == "stale"
    assert not await state.store.reject(late, APPROVAL)
    assert await state.store.waits(uuid(1)) == []


async def test_after_its_time_nobody_is_waited_for(state: StateBackend):
    """The step is due by itself, is told so for good, and an answer comes too late."""
    claim = await claimed(state)
    wait = Wait("approval", timeout_ms=30)
    assert (await state.store.await_answer(claim, wait)).status == "waiting"

    async def is_due() -> bool:
        return "pickup" in await state.due()

    await until(is_due, "the step is due")
    assert (await state.store.answer(uuid(1), MEMBER, "true", "ann")).status == "over"
    again = await state.claim(task(), "2")
    over = await state.store.await_answer(again, wait)
    assert over.status == "over"
    assert await state.store.await_answer(again, wait) == over
    assert await state.store.waits(uuid(1)) == []


async def test_an_answer_that_is_taken_back_leaves_the_wait_open(state: StateBackend):
    """The next one is taken."""
    claim = await claimed(state)
    await state.store.answer(uuid(1), MEMBER, "7", "ann")
    assert (await state.store.await_answer(claim, APPROVAL)).value == "7"
    assert await state.store.reject(claim, APPROVAL)
    assert (await state.store.await_answer(claim, APPROVAL)).status == "waiting"
    assert (await state.store.answer(uuid(1), MEMBER, "true", "bob")).status == "taken"


async def test_what_a_run_waits_for_is_seen(state: StateBackend):
    """The longest first, with the step, and the type of the answer."""
    claim, other = await claimed(state), await claimed(state, "billing")
    await state.store.await_answer(claim, APPROVAL)
    await state.tick()
    await state.store.await_answer(other, Wait("size", "b", 60_000))
    first, second = await state.store.waits(uuid(1))
    assert (first.name, first.key, first.step, first.schema, first.ends_ms) == (
        "approval",
        "",
        "pickup",
        APPROVAL.schema,
        None,
    )
    assert (second.name, second.key, second.step) == ("size", "b", "billing")
    assert second.ends_ms == second.since_ms + 60_000


async def listed(state: StateBackend, limit: int = 10) -> list[tuple[int, str]]:
    """What all runs wait for: the number of the run, and the wait's name."""
    return [(run.id.int, wait.name) for run, wait in await state.store.all_waits(limit)]


async def test_what_all_runs_wait_for_is_listed_until_it_is_answered(state: StateBackend):
    """The longest first. An answer that comes first is no wait, and one that is taken back leaves the wait open."""
    claim = await claimed(state)
    await state.store.start(run(2, {"pickup": 0}))
    second = await state.claim(task("pickup", 2))
    await state.store.await_answer(claim, APPROVAL)
    await state.tick()
    await state.store.answer(uuid(2), MEMBER, "7", "ann")
    assert await listed(state) == [(uuid(1).int, "approval")]
    assert await state.store.reject(second, APPROVAL)
    await state.store.await_answer(second, APPROVAL)
    assert await listed(state) == [(uuid(1).int, "approval"), (uuid(2).int, "approval")]
    assert await listed(state, 1) == [(uuid(1).int, "approval")]
    await state.store.answer(uuid(1), MEMBER, "true", "ann")
    assert await listed(state) == [(uuid(2).int, "approval")]


@pytest.mark.parametrize("has_undo", [False, True], ids=["ends", "is undone"])
async def test_a_run_that_ends_waits_for_nothing(state: StateBackend, has_undo: bool):
    """Also while it is undone: nothing of it stays on the list, whose reader would have to pass over it for ever."""
    claim = await claimed(state)
    other = await state.store.claim(task("billing"), "w1|1", LEASE_MS, [], has_undo=has_undo)
    assert isinstance(other, Claim)
    await state.store.await_answer(claim, APPROVAL)
    assert await state.listed_waits() == 1
    assert await state.store.fail(other, "ValueError", "no")
    assert await state.listed_waits() == 0


async def test_nobody_is_listed_whose_time_is_up(state: StateBackend):
    """As soon as the step that waited hears of it."""
    claim = await claimed(state)
    wait = Wait("approval", timeout_ms=1)
    await state.store.await_answer(claim, wait)
    await state.tick()

    async def is_over() -> bool:
        return "pickup" in await state.due()

    await until(is_over, "the step is due")
    again = await state.claim(task(), "2")
    assert (await state.store.await_answer(again, wait)).status == "over"
    assert await state.store.all_waits(10) == []


async def test_two_steps_do_not_wait_for_the_same(state: StateBackend):
    """One of them would take the other's answer."""
    claim, other = await claimed(state), await claimed(state, "billing")
    await state.store.await_answer(claim, APPROVAL)
    assert await state.store.await_answer(other, APPROVAL) == WaitState("taken", by="pickup")


@pytest.mark.parametrize("how", ["cancelled", "failed"])
async def test_a_run_that_has_ended_is_not_answered(state: StateBackend, how: str):
    """Nor is anything of it due when the time of its wait is up."""
    claim, other = await claimed(state), await claimed(state, "billing")
    await state.store.await_answer(claim, Wait("approval", timeout_ms=1))
    await (state.store.cancel(uuid(1)) if how == "cancelled" else state.store.fail(other, "OSError", "no bank"))
    answering = await state.store.answer(uuid(1), MEMBER, "true", "ann")
    assert (answering.status, answering.by) == ("ended", how)
    await state.tick()
    assert await state.due() == []
    assert (await state.store.answer(uuid(2), MEMBER, "true", "ann")).status == "missing"


async def test_a_run_that_is_resumed_waits_again(state: StateBackend):
    """For the same answer."""
    claim, other = await claimed(state), await claimed(state, "billing")
    await state.store.await_answer(claim, APPROVAL)
    await state.store.fail(other, "OSError", "no bank")
    await state.store.resume(uuid(1), "ann")
    again = await state.claim(task(), "2")
    assert (await state.store.await_answer(again, APPROVAL)).status == "waiting"
    assert (await state.store.answer(uuid(1), MEMBER, "true", "ann")).status == "taken"


async def test_an_operator_who_answers_is_in_the_audit(state: StateBackend):
    """Programs that answer are not."""
    claim = await claimed(state)
    await state.store.await_answer(claim, APPROVAL)
    await state.store.answer(uuid(1), "other|", "1", "shop")
    await state.store.answer(uuid(1), MEMBER, "true", "ann", "ann", way="the dashboard")
    ((_, record),) = await state.store.audit(None, 10)
    assert (record.action, record.operator, record.run_id) == ("answer", "ann", uuid(1))
    assert record.reason == "approval, from step pickup, by the dashboard"


async def told(state: StateBackend, name: str, *, early: bool = False) -> bool:
    """What an operator is told who answers the first run."""
    return await answer_wait(state.store, uuid(1), name, value=True, key="", by="ann", early=early)


async def test_an_operator_who_mistypes_a_wait_is_told_what_there_is(state: StateBackend):
    """Nothing is kept, but where it is said to come early; programs say nothing of that."""
    claim = await claimed(state)
    with pytest.raises(AnswerRefusedError, match=r"does not wait for 'aproval': it waits for nothing now\. Nothing"):
        await told(state, "aproval")
    await state.store.await_answer(claim, APPROVAL)
    with pytest.raises(
        AnswerRefusedError, match=r"it waits for 'approval'; did you mean 'approval'\? Nothing .*--early"
    ):
        await told(state, "aproval")
    assert not await state.store.is_wait(uuid(1), "aproval|")
    assert not await told(state, "later", early=True)
    assert await state.store.is_wait(uuid(1), "later|")
    assert await told(state, "approval")
    with pytest.raises(AnswerRefusedError, match="was given before by ann"):
        await told(state, "approval")
    await state.store.cancel(uuid(1))
    with pytest.raises(AnswerRefusedError, match="comes too late: the run is cancelled"):
        await told(state, "aproval")


@pytest.mark.in_memory
async def test_who_leaves_to_wait_does_so_although_the_server_is_full(state: StateBackend):
    """It is under way: it must not stay there."""
    claim = await claimed(state)
    async with full(state.client):
        assert (await state.store.await_answer(claim, APPROVAL)).status == "waiting"
