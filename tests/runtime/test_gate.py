"""Work runs side by side, or alone."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

from runtime.gate import SoloGate
from tests.conditions import until


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
