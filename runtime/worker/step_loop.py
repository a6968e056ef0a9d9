"""Claims an app's due steps and runs them."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from runtime.definitions.steps import BuiltWorkflow
from runtime.state.tasks import Claim, SuspectTask, Task, new_token
from runtime.worker.attempt import AttemptRunner
from runtime.worker.fan_out_work import step_work
from runtime.worker.loop import BLOCK, Stopping
from runtime.worker.shapes import Shapes
from runtime.worker.slots import Slots
from runtime.worker.step_claim import claimed
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Due tasks that are looked at in one go.
LOOK_AT: Final = 100


class StepLoop:
    """Fills the slots of a worker with steps that are due."""

    def __init__(
        self, workflows: Mapping[str, BuiltWorkflow], equipment: Equipment, slots: Slots, stopping: Stopping
    ) -> None:
        self._workflows = workflows
        self._kit = equipment
        self._runner = AttemptRunner(equipment)
        self.slots = slots
        self._stopping = stopping
        self._strange: set[tuple[str, str]] = set()
        self.shapes = Shapes(workflows, equipment.store)

    async def turn(self) -> None:
        """Fills free slots once, or waits a little for something to do."""
        if not await self.slots.wait_free(BLOCK) or self._stopping.is_set():
            return
        claimed = await asyncio.gather(*(self.claim(task) for task in await self.due(self.slots.free)))
        if not any(claimed):
            with self._stopping.interrupts():
                await self._kit.store.wait(BLOCK)

    async def due(self, wanted: int) -> list[Task]:
        """Tasks that this worker can do, oldest first; those of other versions may stand before them in any number."""
        found: list[Task] = []
        skip = 0
        while len(found) < wanted:
            page = await self._kit.store.due(LOOK_AT, skip)
            found += [task for task in page if self.knows(task)]
            skip += len(page)
            if len(page) < LOOK_AT:
                break
        return found[:wanted]

    async def suspects(self, wanted: int) -> list[SuspectTask]:
        """Tasks that wait for a cell and that this worker can do, oldest first; as in `due`."""
        limit = wanted
        while wanted:
            page = await self._kit.store.suspects(limit)
            found = [one for one in page if self.knows(one.task)]
            if len(found) >= wanted or len(page) < limit:
                return found[:wanted]
            limit *= 2
        return []

    def knows(self, task: Task) -> bool:
        """Whether this worker's version of the app has the step; warned of once if not."""
        step = task.place.step
        if self.shapes.knows(task):
            return True
        is_known = task.workflow in self._workflows and step in self._workflows[task.workflow].steps
        if not is_known and (task.workflow, step) not in self._strange:
            self._strange.add((task.workflow, step))
            _log.warning(
                "step %s of workflow %s is due, and this worker does not know it: was it renamed while runs were going "
                "on? They wait for a worker that does",
                step,
                task.workflow,
            )
        return False

    async def claim(self, task: Task, *, isolated: bool = False) -> "asyncio.Task[None] | None":
        """Claims a task and runs it in a slot; None when somebody else has it."""
        token = new_token(self._kit.consumer)
        with self.slots.taking():
            # Asked again with its token, the claim finds itself: an answer that is lost costs no lease.
            claim = await self._kit.settled(lambda: claimed(self._kit, self.shapes, task, token, isolated=isolated))
            return None if claim is None else self.begin(claim)

    @property
    def is_wanted(self) -> bool:
        """Whether whoever commits may take a step with its commit: not once the worker is to stop."""
        return not self._stopping.is_set()

    def begin(self, claim: Claim) -> "asyncio.Task[None]":
        """Runs a claimed task in a slot; one that came with a commit follows in the slot of that."""
        work = step_work(self._kit, self.shapes.workflow(claim.task.workflow, claim.run), claim, self)
        return self.slots.begin(lambda rest: self._runner.run(work, rest), claim.task.member)
