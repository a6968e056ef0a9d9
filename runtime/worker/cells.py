"""Runs what workers that are gone have left: in cells where there is a parent to start them, else in this process.

A cell is a child process that runs one piece of work. It has its own memory and its own death: what kills it is known
to have killed it, and nothing else waits or suffers.
"""

import secrets
from collections.abc import Sequence
from typing import Final, Protocol

from runtime.bus.contract import place
from runtime.bus.deliveries import Suspect
from runtime.errors import ServerError
from runtime.state.presence import Presence
from runtime.state.tasks import SuspectTask
from runtime.worker.cell_order import CellOrder
from runtime.worker.group_loop import GroupLoop
from runtime.worker.step_loop import StepLoop
from runtime.worker.work import Equipment

#: Cells that one worker has at most.
MOST_CELLS: Final = 32
#: A worker that runs cells and was heard of so many ms ago is left what waits for them.
_HEARD_OF_MS: Final = 3_000


class Isolation(Protocol):
    """Runs suspects: work whose last worker is gone."""

    async def look(self) -> None:
        """Takes care of what waits, as far as there is room."""
        ...


class Cells:
    """Has the parent of this worker start cells.

    A suspect whose cell has vanished together with its parent runs as the only one of its kind: only so can it be told
    which of them takes everything along.

    Args:
        equipment: of the worker.
        steps, groups: know what this worker's version of the app can run.
        size: cells at most.
    """

    def __init__(self, equipment: Equipment, steps: StepLoop, groups: Sequence[GroupLoop], size: int) -> None:
        self._kit = equipment
        self._steps = steps
        self._groups = groups
        self._size = min(size, MOST_CELLS)
        self._orders: dict[str, CellOrder] = {}
        self._grave: set[str] = set()
        self._new: list[CellOrder] = []

    async def look(self) -> None:
        """Orders cells for what waits, as far as there is room."""
        taken = {order.item for order in self._orders.values()}
        for suspect in await self._kit.store.suspects(self._size):
            if self._steps.knows(suspect.task):
                self._order(CellOrder("", task=suspect.task.member), suspect.vanished, taken)
        for group in self._groups:
            one = group.subscription
            for found in await self._kit.bus.suspects(one.channel, one.group, self._size):
                order = CellOrder("", channel=one.channel, group=one.group, place=place(found.delivery))
                self._order(order, found.vanished, taken)

    def take_orders(self) -> list[CellOrder]:
        """Cells that are to be started now."""
        orders, self._new = self._new, []
        return orders

    def ended(self, consumer: str) -> None:
        """Notes that a cell has ended."""
        self._orders.pop(consumer, None)
        self._grave.discard(consumer)

    def running(self, orders: Sequence[CellOrder]) -> None:
        """Notes cells that the worker before this one has left running."""
        self._orders.update({order.consumer: order for order in orders})

    def _order(self, order: CellOrder, vanished: int, taken: set[tuple[str, str, str, str]]) -> None:
        is_grave = vanished > 0
        if len(self._orders) >= self._size or order.item in taken or (is_grave and self._grave):
            return
        named = CellOrder(f"{self._kit.consumer}.cell-{secrets.token_hex(4)}", *order.item)
        taken.add(named.item)
        self._orders[named.consumer] = named
        if is_grave:
            self._grave.add(named.consumer)
        self._new.append(named)


class SameProcess:
    """Runs suspects in the worker's own process, beside all else, where it has no parent that could start cells, such
    as in `app.run`: the script that it runs in can't be imported by another process without running again. What kills
    the process there is not found out, and nobody is condemned. It is left to workers with cells where there are any.
    """

    def __init__(self, equipment: Equipment, presence: Presence, steps: StepLoop, groups: Sequence[GroupLoop]) -> None:
        self._kit = equipment
        self._presence = presence
        self._steps = steps
        self._groups = groups

    async def look(self) -> None:
        """Takes what waits, as far as there are free slots."""
        tasks = [one for one in await self._kit.store.suspects(1) if self._steps.knows(one.task)]
        waiting = [(group, await self._suspects(group)) for group in self._groups]
        if not (tasks or any(found for _, found in waiting)) or await self._others_have_cells():
            return
        await self._take_tasks(tasks)
        for group, found in waiting:
            for suspect in found[: group.slots.free]:
                if await self._kit.bus.claim(suspect.delivery, self._kit.consumer):
                    group.begin(suspect.delivery)

    async def _suspects(self, group: GroupLoop) -> list[Suspect]:
        one = group.subscription
        return await self._kit.bus.suspects(one.channel, one.group, group.slots.free)

    async def _take_tasks(self, tasks: Sequence[SuspectTask]) -> None:
        for suspect in tasks[: self._steps.slots.free]:
            await self._steps.claim(suspect.task, isolated=True)

    async def _others_have_cells(self) -> bool:
        try:
            workers = await self._presence.workers()
        except ServerError:
            return True
        return any(one.record.cells and one.silent_ms < _HEARD_OF_MS for one in workers)
