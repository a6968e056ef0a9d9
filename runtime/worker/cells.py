"""Runs what workers that are gone have left: in cells where there is a parent to start them, else in this process.

A cell is a child process that runs one piece of work. It has its own memory and its own death: what kills it is known
to have killed it, and nothing else waits or suffers.
"""

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from itertools import chain, zip_longest
from typing import Final, Protocol

from runtime.bus.contract import place_of
from runtime.bus.deliveries import Suspect
from runtime.errors import ServerError
from runtime.state.presence import Presence, WorkerRecord
from runtime.worker.cell_order import CellOrder
from runtime.worker.group_loop import GroupLoop
from runtime.worker.step_loop import StepLoop
from runtime.worker.work import Equipment

#: Cells that one worker has at work at most.
MOST_CELLS: Final = 32
#: So many times as many suspects as there may be cells are looked at, of which any are taken: workers that all took the
#: oldest would start two of three cells for what another one has.
_WIDER: Final = 4
#: A suspect whose cell has vanished so often runs as the only one of its kind. Once is an accident: all that ran on a
#: machine that went down has vanished, and must not wait for each other.
ALONE_FROM: Final = 2
#: A worker that runs cells and was heard of so many ms ago is left what waits for them.
_HEARD_OF_MS: Final = 3_000

#: Something that waits for a cell, and how often its cell has vanished.
_Waiting = tuple[CellOrder, int]


class SuspectRunner(Protocol):
    """Runs suspects: work whose last worker is gone."""

    async def run_suspects(self) -> None:
        """Takes care of what waits, as far as there is room."""
        ...


class CellSuspectRunner:
    """Has the parent of this worker start cells.

    Suspects whose cells have vanished together with their parent again and again run one after the other: only so can
    it be told which of them takes everything along. A cell whose code waits for other work makes room for another, as a
    slot does: what it waits for may need one.

    Args:
        equipment: of the worker.
        steps, groups: know what this worker's version of the app can run.
        size: cells at work at most.
        start: has the parent start a cell.
    """

    def __init__(
        self,
        equipment: Equipment,
        steps: StepLoop,
        groups: Sequence[GroupLoop],
        size: int,
        start: Callable[[CellOrder], object],
    ) -> None:
        self._kit = equipment
        self._steps = steps
        self._groups = groups
        self._size = min(size, MOST_CELLS)
        self._start = start
        self._orders: dict[str, CellOrder] = {}
        self._alone: set[str] = set()
        self._holding: set[str] = set()
        self._resting: set[str] = set()
        self._looks = 0

    @property
    def has_running_cells(self) -> bool:
        """Whether any cell has not ended yet."""
        return bool(self._orders)

    async def run_suspects(self) -> None:
        """Orders cells for what waits, as far as there is room. Steps and groups take turns, so that many suspects of
        one keep those of no other waiting."""
        queues = await asyncio.gather(
            self._waiting_steps(), *(self._waiting_deliveries(group) for group in self._groups)
        )
        first = self._looks % len(queues)
        self._looks += 1
        for waiting in chain.from_iterable(zip_longest(*queues[first:], *queues[:first])):
            if waiting is not None:
                self._order_cell(*waiting)

    def note_running(self, order: CellOrder) -> None:
        """Notes a cell that the worker before this one has left running."""
        self._orders[order.consumer] = order

    def note_holding(self, consumer: str) -> None:
        """Notes that a cell has its work. If that waits for a cell again, this one has lost it: it is paused, say."""
        self._holding.add(consumer)

    def note_resting(self, consumer: str) -> None:
        """Notes that a cell's code waits for other work."""
        self._resting.add(consumer)

    def note_working(self, consumer: str) -> None:
        """Notes that it goes on."""
        self._resting.discard(consumer)

    def note_ended(self, consumer: str) -> None:
        """Notes that a cell has ended."""
        self._orders.pop(consumer, None)
        for noted in (self._alone, self._holding, self._resting):
            noted.discard(consumer)

    async def _waiting_steps(self) -> list[_Waiting]:
        suspects = await self._steps.suspects(self._size * _WIDER)
        return _shuffled([(CellOrder("", task=one.task.member), one.vanished) for one in suspects])

    async def _waiting_deliveries(self, group: GroupLoop) -> list[_Waiting]:
        one = group.subscription
        suspects = await self._kit.bus.suspects(one.channel, one.group, self._size * _WIDER)
        return _shuffled(
            [
                (CellOrder("", channel=one.channel, group=one.group, place=place_of(found.delivery)), found.vanished)
                for found in suspects
            ]
        )

    def _order_cell(self, order: CellOrder, vanished: int) -> None:
        runs_alone, at_work = vanished >= ALONE_FROM, self._orders.keys() - self._resting
        is_taken = any(self._orders[one].item == order.item for one in self._orders.keys() - self._holding)
        if is_taken or len(at_work) >= self._size or (runs_alone and self._alone & at_work):
            return
        named = CellOrder(f"{self._kit.consumer}.cell-{secrets.token_hex(4)}", *order.item)
        self._orders[named.consumer] = named
        if runs_alone:
            self._alone.add(named.consumer)
        self._start(named)


def _shuffled(waiting: list[_Waiting]) -> list[_Waiting]:
    """What waits, in any order: another worker, which sees the same, is to begin with others."""
    return random.sample(waiting, len(waiting))


class LocalSuspectRunner:
    """Runs suspects in the worker's own process, beside all else, where it has no parent that could start cells, such
    as in `app.run`: the script that it runs in can't be imported by another process without running again. What kills
    the process there is not found out, and nobody is condemned. It is left to workers with cells where there are any.
    """

    def __init__(self, equipment: Equipment, presence: Presence, steps: StepLoop, groups: Sequence[GroupLoop]) -> None:
        self._kit = equipment
        self._presence = presence
        self._steps = steps
        self._groups = groups

    async def run_suspects(self) -> None:
        """Takes what waits, as far as there are free slots."""
        tasks = await self._steps.suspects(self._steps.slots.free)
        free = [group for group in self._groups if group.slots.free]
        found = await asyncio.gather(*(self._group_suspects(group) for group in free))
        if not (tasks or any(found)):
            return
        others = await self._workers_with_cells()
        if others is None:
            return
        for task in tasks[: self._steps.slots.free]:
            agent = self._steps.agent(task.task)
            if not any(one.does_steps_for(agent) for one in others):
                await self._steps.claim(task.task, isolated=True)
        for group, suspects in zip(free, found, strict=True):
            agent = group.subscription.agent
            if any(one.serves_groups_of(agent) for one in others):
                continue
            for suspect in suspects[: group.slots.free]:
                if await self._kit.bus.claim(suspect.delivery, self._kit.consumer):
                    group.begin(suspect.delivery)

    async def _group_suspects(self, group: GroupLoop) -> list[Suspect]:
        one = group.subscription
        return await self._kit.bus.suspects(one.channel, one.group, group.slots.free)

    async def _workers_with_cells(self) -> list[WorkerRecord] | None:
        """The live workers that have cells; None where nobody knows."""
        try:
            workers = await self._presence.workers()
        except ServerError:
            return None
        return [one.record for one in workers if one.record.cells and one.silent_ms < _HEARD_OF_MS]
