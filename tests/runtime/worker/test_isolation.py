"""Work runs side by side, or alone."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from runtime.worker.isolation import SoloGate

from tests.waiting import until


class Timer:
    """What a gate has asked its event loop to do later; it happens when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.delays: list[float] = []
        self._due: Callable[[], None] | None = None
        monkeypatch.setattr(asyncio.get_running_loop(), "call_later", self._later)

    def _later(self, delay: float, callback: Callable[..., None], *args: Any) -> "Timer":
        self.delays.append(delay)
        self._due = lambda: callback(*args)
        return self

    def cancel(self) -> None:
        self._due = None

    @property
    def is_set(self) -> bool:
        return self._due is not None

    async def ring(self) -> None:
        due, self._due = self._due, None
        assert due is not None
        due()
        await settled()


@pytest.fixture
async def timer(monkeypatch: pytest.MonkeyPatch) -> Timer:
    return Timer(monkeypatch)


class Visit:
    """Somebody who enters, and leaves when told."""

    def __init__(self, gate: SoloGate, *, alone: bool, correlation: UUID | None = None) -> None:
        self.inside = False
        self._leave = asyncio.Event()
        self.task = asyncio.create_task(self._stay(gate, correlation or uuid4(), alone=alone))

    async def _stay(self, gate: SoloGate, correlation: UUID, *, alone: bool) -> None:
        async with gate.enter(correlation, alone=alone):
            self.inside = True
            await self._leave.wait()
        self.inside = False

    async def leave(self) -> None:
        self._leave.set()
        await self.task


async def settled() -> None:
    """Lets everybody go as far as they get."""
    for _ in range(20):
        await asyncio.sleep(0)


def inside(*visits: Visit) -> list[bool]:
    return [visit.inside for visit in visits]


async def test_many_are_inside_at_once():
    """As long as nobody wants to be alone."""
    gate = SoloGate()
    visits = [Visit(gate, alone=False) for _ in range(3)]
    await settled()
    assert inside(*visits) == [True, True, True]
    for visit in visits:
        await visit.leave()


async def test_who_wants_to_be_alone_waits_for_the_others_and_goes_before_the_next():
    """And lets nobody in meanwhile."""
    gate = SoloGate()
    first = Visit(gate, alone=False)
    await settled()
    alone, later = Visit(gate, alone=True), Visit(gate, alone=False)
    await settled()
    assert inside(first, alone, later) == [True, False, False]
    await first.leave()
    await settled()
    assert inside(alone, later) == [True, False]
    await alone.leave()
    await settled()
    assert inside(later) == [True]
    await later.leave()


async def test_two_who_want_to_be_alone_go_one_after_the_other():
    """Neither is in company."""
    gate = SoloGate()
    one, other = Visit(gate, alone=True), Visit(gate, alone=True)
    await settled()
    assert inside(one, other) == [True, False]
    await one.leave()
    await settled()
    assert inside(other) == [True]
    await other.leave()


async def cancelled(visit: Visit) -> None:
    visit.task.cancel()
    await asyncio.gather(visit.task, return_exceptions=True)


async def test_whoever_gives_up_waiting_stands_in_nobodys_way():
    """Cancelled outside, or inside."""
    gate = SoloGate()
    first = Visit(gate, alone=False)
    await settled()
    await cancelled(waiting := Visit(gate, alone=True))
    later = Visit(gate, alone=False)
    await settled()
    assert inside(first, waiting, later) == [True, False, True]
    await cancelled(first)
    await cancelled(later)
    alone = Visit(gate, alone=True)
    await settled()
    assert inside(alone) == [True]
    await cancelled(alone)
    last = Visit(gate, alone=False)
    await settled()
    assert inside(last) == [True]
    await last.leave()


async def test_an_error_inside_frees_the_place():
    """Whatever the work does."""
    gate = SoloGate()

    async def failing(fail: Callable[[], None]) -> None:
        async with gate.enter(uuid4(), alone=True):
            fail()

    await asyncio.gather(failing(lambda: [][0]), return_exceptions=True)
    last = Visit(gate, alone=True)
    await settled()
    assert last.inside
    await last.leave()


async def test_work_inside_that_waits_for_work_outside_is_not_locked_out_for_ever():
    """A handler may wait for a run of its own worker: who wants to be alone lets others in now and then."""
    gate, done = SoloGate(patience=0.01), asyncio.Event()

    async def waits_inside() -> None:
        async with gate.enter(uuid4(), alone=False):
            await done.wait()

    async def is_waited_for() -> None:
        async with gate.enter(uuid4(), alone=False):
            done.set()

    first = asyncio.create_task(waits_inside())
    await settled()
    alone = Visit(gate, alone=True)
    await settled()
    async with asyncio.timeout(10):
        await asyncio.gather(first, is_waited_for())
        await until(lambda: alone.inside)
    await alone.leave()


async def test_what_the_lone_work_has_started_comes_in():
    """It may be waiting for it; work of any other correlation stays outside."""
    gate, correlation = SoloGate(), uuid4()
    alone = Visit(gate, alone=True, correlation=correlation)
    await settled()
    kin, stranger = Visit(gate, alone=False, correlation=correlation), Visit(gate, alone=False)
    await settled()
    assert inside(alone, kin, stranger) == [True, True, False]
    await kin.leave()
    await alone.leave()
    await stranger.leave()


async def test_one_who_is_awaited_by_its_own_kin_inside_comes_in_beside_them(timer: Timer):
    """A step inside waits for a run that another worker's death has orphaned: else both would wait for ever."""
    gate, correlation = SoloGate(), uuid4()
    parent, stranger = Visit(gate, alone=False, correlation=correlation), Visit(gate, alone=False)
    await settled()
    orphan = Visit(gate, alone=True, correlation=correlation)
    await settled()
    assert inside(parent, stranger, orphan) == [True, True, False]
    await stranger.leave()
    await settled()
    later = Visit(gate, alone=False)
    await settled()
    assert inside(parent, orphan, later) == [True, True, False]
    for visit in (orphan, parent, later):
        await visit.leave()


async def test_two_of_one_correlation_are_not_alone_together(timer: Timer):
    """Steps of one run that died with their worker: one of them killed it."""
    gate, correlation = SoloGate(), uuid4()
    one = Visit(gate, alone=True, correlation=correlation)
    other = Visit(gate, alone=True, correlation=correlation)
    await settled()
    assert inside(one, other) == [True, False]
    await one.leave()
    await settled()
    assert inside(other) == [True]
    await other.leave()


async def test_others_wait_a_tenth_of_the_time_for_one_who_can_not_be_alone(timer: Timer):
    """For long work inside: the gate is shut and opened in turns, for twice as long each time."""
    gate = SoloGate(patience=1)
    long = Visit(gate, alone=False)
    await settled()
    alone, visits = Visit(gate, alone=True), []
    await settled()
    for _ in range(3):
        visits.append(Visit(gate, alone=False))
        await settled()
        assert not visits[-1].inside
        await timer.ring()
        assert visits[-1].inside
        await timer.ring()
    assert timer.delays == [1, 9, 2, 18, 4, 36, 8]
    for visit in visits:
        await visit.leave()
    assert not alone.inside
    await long.leave()
    await settled()
    assert (alone.inside, timer.is_set) == (True, False)
    await alone.leave()


async def test_many_who_want_to_be_alone_keep_others_out_no_longer_than_one(timer: Timer):
    """They wait together."""
    gate = SoloGate(patience=1)
    long = Visit(gate, alone=False)
    await settled()
    alone = [Visit(gate, alone=True) for _ in range(3)]
    await settled()
    await timer.ring()
    alone.append(Visit(gate, alone=True))
    other = Visit(gate, alone=False)
    await settled()
    assert (other.inside, timer.delays) == (True, [1, 9])
    await cancelled(alone.pop())
    assert timer.is_set
    await long.leave()
    await other.leave()
    for _ in range(3):
        await settled()
        assert sum(inside(*alone)) == 1
        await next(visit for visit in alone if visit.inside).leave()
    assert not timer.is_set


async def test_an_open_gate_is_entered_alone_as_soon_as_it_is_empty(timer: Timer):
    """Not only while others are kept out; and the next one is waited for as patiently as the first."""
    gate = SoloGate(patience=1)
    for _ in range(2):
        long = Visit(gate, alone=False)
        await settled()
        alone = Visit(gate, alone=True)
        await settled()
        await timer.ring()
        await long.leave()
        await settled()
        assert alone.inside
        await alone.leave()
    assert timer.delays == [1, 9, 1, 9]


async def test_two_inside_do_not_keep_each_others_orphans_out_for_ever(timer: Timer):
    """Each may wait for its own; it is tried in vain first, since they may as well be working."""
    gate, correlations = SoloGate(), [uuid4(), uuid4()]
    parents = [Visit(gate, alone=False, correlation=one) for one in correlations]
    await settled()
    orphans = [Visit(gate, alone=True, correlation=one) for one in correlations]
    stranger = Visit(gate, alone=True)
    await settled()
    assert inside(*orphans, stranger) == [False, False, False]
    await timer.ring()
    assert inside(*orphans, stranger) == [True, False, False]
    for orphan, parent in zip(orphans, parents, strict=True):
        await orphan.leave()
        await parent.leave()
        await settled()
    assert stranger.inside
    await stranger.leave()
