"""The gate that all ticks pass: one claim a tick, by the server's clock, and a policy for runs that still go on."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from runtime.errors import ScheduleNotFoundError, ServerFullError
from runtime.runs import ticks
from runtime.schedules.every import Every
from runtime.schedules.policies import Overlap
from runtime.semconv import TickKind
from runtime.state.schedules import DeclaredSchedule, ScheduleAdvance, Schedules, Tick, TickResult
from tests.contract.backends import APP, StateBackend
from tests.contract.full_server import full
from tests.contract.made import run

HOUR = 3_600_000
NIGHTLY = DeclaredSchedule("nightly", "shipment", Every(hours=1), "latest", "skip")


@pytest.fixture
def book(state: StateBackend) -> Schedules:
    """The schedules of an app."""
    return state.schedules()


def tick(at_ms: int, *, is_late: bool = False) -> Tick:
    return ticks.build_due_tick(APP, "nightly", "shipment", at_ms, is_late=is_late)


async def declared(book: Schedules, overlap: Overlap = "skip") -> int:
    """Declares the schedule with a tick that was due an hour ago; when."""
    board = await book.read_board()
    at_ms = (board.now_ms // HOUR - 1) * HOUR
    await book.declare(replace(NIGHTLY, overlap=overlap), at_ms)
    return at_ms


async def claimed(book: Schedules, at_ms: int, dropped: int = 0) -> TickResult:
    """Claims a tick; the one that follows is a second later, so that several can be due within the hour that has
    passed."""
    return await book.claim("nightly", tick(at_ms), ScheduleAdvance(at_ms, at_ms + 1000, dropped, NIGHTLY.rule))


async def goes_on(state: StateBackend, passed: TickResult) -> UUID:
    """Starts the run of a tick; its id."""
    assert passed.tick is not None
    await state.store.start(replace(run(1), id=passed.tick.tick.run))
    return passed.tick.tick.run


async def test_of_many_that_claim_a_tick_one_gets_it(book: Schedules):
    """The others find that it is not next any more; the same run would follow from it anyway."""
    at_ms = await declared(book)
    passed = await asyncio.gather(*(claimed(book, at_ms) for _ in range(20)))
    assert sorted(one.status for one in passed) == ["stale"] * 19 + ["started"]
    board = await book.read_board()
    assert [noted.tick for noted in board.ticks] == [tick(at_ms)]
    assert [(one.next_ms, one.started) for one in board.schedules] == [(at_ms + 1000, 1)]


async def test_a_tick_is_not_claimed_before_its_time_by_the_servers_clock(book: Schedules):
    """Whatever the clock of the worker says."""
    await declared(book)
    later = (await book.read_board()).now_ms + HOUR
    await book.operate("nightly", "pause", "ann")
    at_ms = (await book.read_board()).schedules[0].next_ms
    await book.operate("nightly", "unpause", "ann", ScheduleAdvance(at_ms, later, 0, ""))
    assert (await claimed(book, later)).status == "stale"


async def test_a_tick_and_its_run_follow_from_the_schedule_and_the_time(book: Schedules):
    """Whoever reckons them finds the same; another time, schedule or app has others."""
    assert tick(5) == tick(5)
    others = [
        tick(6),
        ticks.build_due_tick(APP, "daily", "shipment", 5, is_late=False),
        ticks.build_due_tick("b", "nightly", "x", 5, is_late=False),
    ]
    assert len({one.id for one in (tick(5), *others)} | {one.run for one in (tick(5), *others)}) == 8
    assert Tick.parse(tick(5).text()) == tick(5)


async def test_a_tick_is_skipped_while_the_run_before_goes_on(book: Schedules, state: StateBackend):
    """Also while that is noted and has not been started yet; it is counted, and the next one starts again."""
    at_ms = await declared(book)
    first = await claimed(book, at_ms)
    assert first.tick is not None
    assert await claimed(book, at_ms + 1000) == TickResult("skipped", run=first.tick.tick.run)
    id_ = await goes_on(state, first)
    assert await claimed(book, at_ms + 2000) == TickResult("skipped", run=id_)
    await state.store.cancel(id_)
    assert (await claimed(book, at_ms + 3000)).status == "started"
    (record,) = (await book.read_board()).schedules
    assert (record.started, record.skipped, record.next_ms) == (2, 2, at_ms + 4000)


async def test_one_tick_waits_for_the_run_before_and_no_second_one(book: Schedules, state: StateBackend):
    """It starts when that has ended, once, whoever looks."""
    at_ms = await declared(book, "buffer")
    id_ = await goes_on(state, await claimed(book, at_ms))
    assert await claimed(book, at_ms + 1000) == TickResult("waits", run=id_)
    assert await claimed(book, at_ms + 2000) == TickResult("skipped", run=id_)
    waiting = tick(at_ms + 1000)
    assert await book.release(waiting) == TickResult("waits", run=id_)
    await state.store.cancel(id_)
    passed = await asyncio.gather(*(book.release(waiting) for _ in range(10)))
    assert sorted(one.status for one in passed) == ["stale"] * 9 + ["started"]
    (record,) = (await book.read_board()).schedules
    assert (record.waiting, record.skipped, record.started) == (None, 1, 2)


async def test_a_tick_does_not_overtake_one_that_waits(book: Schedules, state: StateBackend):
    """That one starts, and the new one waits instead."""
    at_ms = await declared(book, "buffer")
    id_ = await goes_on(state, await claimed(book, at_ms))
    await claimed(book, at_ms + 1000)
    await state.store.cancel(id_)
    passed = await claimed(book, at_ms + 2000)
    assert passed.tick is not None
    assert passed.tick.tick == tick(at_ms + 1000)
    assert (await book.read_board()).schedules[0].waiting == tick(at_ms + 2000)


async def test_a_run_that_is_to_be_cancelled_is_named_and_nothing_changes(book: Schedules, state: StateBackend):
    """Until it is: then the tick starts."""
    at_ms = await declared(book, "cancel")
    first = await claimed(book, at_ms)
    id_ = await goes_on(state, first)
    before = await state.dump()
    assert await claimed(book, at_ms + 1000) == TickResult("cancel", run=id_)
    assert await state.dump() == before
    await state.store.cancel(id_)
    assert (await claimed(book, at_ms + 1000)).status == "started"


async def test_a_tick_waits_for_what_nobody_can_cancel(book: Schedules, state: StateBackend):
    """A run that is noted and not started yet, or whose steps are being undone: it starts when that is over."""
    at_ms = await declared(book, "cancel")
    first = await claimed(book, at_ms)
    assert (await claimed(book, at_ms + 1000)).status == "waits"
    waiting = tick(at_ms + 1000)
    id_ = await goes_on(state, first)
    assert await book.release(waiting) == TickResult("cancel", run=id_)
    await state.stand(id_, "undoing")
    assert await book.release(waiting) == TickResult("waits", run=id_)
    assert (await claimed(book, at_ms + 2000)).status == "skipped"
    await state.stand(id_, "cancelled")
    assert (await book.release(waiting)).status == "started"


async def test_ticks_start_beside_each_other_where_they_may(book: Schedules, state: StateBackend):
    """Each one."""
    at_ms = await declared(book, "allow")
    await goes_on(state, await claimed(book, at_ms))
    assert (await claimed(book, at_ms + 1000)).status == "started"


@pytest.mark.parametrize(
    ("overlap", "status"), [("skip", "skipped"), ("buffer", "waits"), ("cancel", "cancel"), ("allow", "started")]
)
@pytest.mark.parametrize("kind", ["due", "late", "hand"])
async def test_all_kinds_of_ticks_pass_one_gate(
    book: Schedules, state: StateBackend, overlap: Overlap, status: str, kind: str
):
    """One by hand changes nothing about what is next."""
    at_ms = await declared(book, overlap)
    await goes_on(state, await claimed(book, at_ms))
    if kind == "hand":
        assert (await book.trigger(ticks.build_manual_tick(APP, "nightly", "shipment", at_ms, "ann"))).status == status
        assert (await book.read_board()).schedules[0].next_ms == at_ms + 1000
    else:
        advance = ScheduleAdvance(at_ms + 1000, at_ms + 2000, 0, NIGHTLY.rule)
        assert (await book.claim("nightly", tick(at_ms + 1000, is_late=kind == "late"), advance)).status == status


async def test_ticks_by_hand_are_others_each_time(book: Schedules):
    """Although they may be said in the same millisecond; who said so is noted."""
    at_ms = await declared(book, "allow")
    first, second = (ticks.build_manual_tick(APP, "nightly", "shipment", at_ms, "ann") for _ in range(2))
    assert len({first.id, second.id, tick(at_ms).id}) == 3
    assert (await book.trigger(first)).status == (await book.trigger(second)).status == "started"
    assert {noted.tick.by for noted in (await book.read_board()).ticks} == {"ann"}


async def test_dropped_ticks_are_counted_with_when_that_was(book: Schedules):
    """Also where nothing starts after them."""
    at_ms = await declared(book)
    assert (
        await book.claim("nightly", None, ScheduleAdvance(at_ms, at_ms + 5000, 5, NIGHTLY.rule))
    ).status == "dropped"
    await claimed(book, at_ms + 5000, dropped=2)
    (record,) = (await book.read_board()).schedules
    assert (record.dropped, record.dropped_ms is not None) == (7, True)


async def test_a_paused_schedule_does_not_tick_but_by_hand(book: Schedules):
    """Paused again, or let go on again, it stays as it is; who paused it is known."""
    at_ms = await declared(book)
    assert await book.operate("nightly", "pause", "ann")
    assert await book.operate("nightly", "pause", "bob") is False
    (record,) = (await book.read_board()).schedules
    assert (record.paused_by, record.paused_ms is not None) == ("ann", True)
    assert (await claimed(book, at_ms)).status == "stale"
    assert (await book.trigger(ticks.build_manual_tick(APP, "nightly", "shipment", at_ms, "ann"))).status == "started"
    assert await book.operate("nightly", "unpause", "ann", ScheduleAdvance(at_ms - 1, at_ms + HOUR, 3, "")) is None
    assert await book.operate("nightly", "unpause", "ann", ScheduleAdvance(at_ms, at_ms + HOUR, 3, ""))
    assert await book.operate("nightly", "unpause", "ann", ScheduleAdvance(at_ms, at_ms + HOUR, 3, "")) is False
    (record,) = (await book.read_board()).schedules
    assert (record.paused_ms, record.next_ms, record.dropped) == (None, at_ms + HOUR, 3)


async def test_a_tick_that_waits_waits_while_its_schedule_is_paused(book: Schedules, state: StateBackend):
    """And starts once it goes on."""
    at_ms = await declared(book, "buffer")
    id_ = await goes_on(state, await claimed(book, at_ms))
    await claimed(book, at_ms + 1000)
    await book.operate("nightly", "pause", "ann")
    await state.store.cancel(id_)
    assert (await book.release(tick(at_ms + 1000))).status == "stale"
    await book.operate("nightly", "unpause", "ann", ScheduleAdvance(at_ms + 2000, at_ms + 2 * HOUR, 0, ""))
    assert (await book.release(tick(at_ms + 1000))).status == "started"


async def test_declared_again_a_schedule_goes_on_where_it_was(book: Schedules):
    """With other policies, too; but with another rule it begins anew, and is not claimed by the former one."""
    at_ms = await declared(book)
    assert await book.declare(replace(NIGHTLY, missed="none"), at_ms + HOUR) is None
    assert (await book.read_board()).schedules[0].next_ms == at_ms
    other = replace(NIGHTLY, when=Every(hours=2))
    assert await book.declare(other, at_ms + 9) == NIGHTLY.rule
    (record,) = (await book.read_board()).schedules
    assert (record.next_ms, record.missed, record.dropped) == (at_ms + 9, "latest", 1)
    assert (await claimed(book, at_ms + 9)).status == "stale"
    assert await book.declare(replace(other, name="weekly"), 7) == ""


async def test_a_removed_schedule_is_gone_with_its_ticks(book: Schedules, state: StateBackend):
    """What operators did to it stays in the audit."""
    at_ms = await declared(book)
    await claimed(book, at_ms)
    await book.trigger(ticks.build_manual_tick(APP, "nightly", "shipment", at_ms, "ann"))
    await book.operate("nightly", "remove", "bob")
    board = await book.read_board()
    assert (board.schedules, board.ticks) == ([], [])
    assert [(one.action, one.operator, one.schedule, one.workflow) for _, one in await state.store.audit(None, 9)] == [
        ("remove_schedule", "bob", "nightly", "shipment"),
        ("run_schedule", "ann", "nightly", "shipment"),
    ]
    assert (await claimed(book, at_ms)).status == "missing"
    with pytest.raises(ScheduleNotFoundError, match="app logistics has no schedule 'nightly'"):
        await book.operate("nightly", "pause", "ann")


async def test_a_tick_is_dropped_unless_its_run_is_started(book: Schedules, state: StateBackend):
    """Both can't be."""
    at_ms = await declared(book)
    first = await claimed(book, at_ms)
    await goes_on(state, first)
    assert not await book.drop(tick(at_ms))
    await book.confirm([tick(at_ms).run])
    await state.store.cancel(tick(at_ms).run)
    await claimed(book, at_ms + 1000)
    assert await book.drop(tick(at_ms + 1000))
    board = await book.read_board()
    assert (board.ticks, board.schedules[0].dropped) == ([], 1)
    assert (await claimed(book, at_ms + 2000)).status == "started"  # what was dropped is in nobody's way


@pytest.mark.in_memory
async def test_a_full_server_takes_no_tick_and_loses_none(book: Schedules, state: StateBackend):
    """It is still due when there is room; a schedule can be paused all the same."""
    at_ms = await declared(book)
    async with full(state.client):
        with pytest.raises(ServerFullError):
            await claimed(book, at_ms)
        assert await book.operate("nightly", "pause", "ann")
    await book.operate("nightly", "unpause", "ann", ScheduleAdvance(at_ms, at_ms, 0, ""))
    assert (await claimed(book, at_ms)).status == "started"


def test_kinds_of_ticks_are_told_apart():
    """In the picture, and where a worker begins what another one claimed."""
    assert [tick(1).kind, tick(1, is_late=True).kind] == [TickKind.DUE, TickKind.LATE]
