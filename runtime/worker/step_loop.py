"""Claims an app's due steps and runs them."""

import asyncio
import logging
from contextlib import suppress
from itertools import chain, zip_longest
from typing import Final

from runtime.definitions.context import Rest
from runtime.definitions.declarations import BuiltApp
from runtime.definitions.serving import ALL, Serving
from runtime.definitions.steps import BuiltStep
from runtime.errors import ServerError
from runtime.resilience.limits import Limit
from runtime.state.tasks import Claim, SuspectTask, Task, new_token
from runtime.worker.attempt import AttemptRunner
from runtime.worker.fan_out_work import step_work
from runtime.worker.loop import BLOCK, Stopping
from runtime.worker.shapes import Shapes
from runtime.worker.slots import Slots
from runtime.worker.step_claim import claimed
from runtime.worker.step_work import StepWork
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Due tasks that are looked at in one go.
LOOK_AT: Final = 100


class StepLoop:
    """Fills the slots of a worker with steps that are due.

    Args:
        app: whose steps.
        equipment: of the worker.
        slots: where they run.
        stopping: set when the worker is told to stop.
        serving: whose steps it does; the others it leaves to workers that do.
    """

    def __init__(
        self, app: BuiltApp, equipment: Equipment, slots: Slots, stopping: Stopping, serving: Serving = ALL
    ) -> None:
        self._workflows = app.workflows
        self._serving = serving
        self._left = serving.leaves(app)
        self._limits = [limit for agent, limit in app.limits.items() if agent not in self._left]
        self._elsewhere = self._left | app.limits.keys()
        self._kit = equipment
        self._runner = AttemptRunner(equipment)
        self.slots = slots
        self._stopping = stopping
        self._strange: set[tuple[str, str]] = set()
        self.shapes = Shapes(app.workflows, equipment.store)

    async def turn(self) -> None:
        """Fills free slots once, or waits a little for something to do."""
        if not await self.slots.wait_free(BLOCK) or self._stopping.is_set():
            return
        claimed = await asyncio.gather(*(self.claim(task) for task in await self.due(self.slots.free)))
        if not any(claimed):
            with self._stopping.interrupts():
                await self._kit.store.wait(BLOCK, self._serving.agents if self._left else ())

    async def due(self, wanted: int) -> list[Task]:
        """Tasks that this worker is to do, oldest first; those of other versions may stand before them in any number.
        Those of other agents are set aside, so that nobody comes across them twice, and so are those of agents with a
        limit: of their lanes no more are told than the limit lets begin, in turn with all else."""
        found: list[Task] = []
        skip = 0
        while len(found) < wanted:
            page = await self._kit.store.due(LOOK_AT, skip, self._elsewhere)
            known = [task for task in page if self.knows(task)]
            aside = {task: self.agent(task) for task in known if not self._takes_at_once(task)}
            if aside:
                await self._kit.store.set_aside(aside)
            found += [task for task in known if task not in aside]
            skip += len(page) - len(aside)
            if len(page) < LOOK_AT:
                break
        if not self._limits:
            return found[:wanted]
        rooms = [room.tasks[: room.free] for room in await self._kit.store.rooms(self._limits, LOOK_AT)]
        admitted = [[task for task in tasks if self.knows(task)] for tasks in rooms]
        turns = chain.from_iterable(zip_longest(*admitted, found))
        return [task for task in turns if task is not None][:wanted]

    async def suspects(self, wanted: int) -> list[SuspectTask]:
        """Tasks that wait for a cell and that this worker can do, oldest first; as in `due`."""
        limit = wanted
        while wanted:
            page = await self._kit.store.suspects(limit)
            found = [one for one in page if self.knows(one.task) and self.agent(one.task) not in self._left]
            if len(found) >= wanted or len(page) < limit:
                return await self._within_limits(found[:wanted])
            limit *= 2
        return []

    async def _within_limits(self, suspects: list[SuspectTask]) -> list[SuspectTask]:
        """Those for which the limits of their agents have room: no cell is started for the others."""
        bounded = [one for one in suspects if self._limit(one.task) is not None]
        if not bounded:
            return suspects
        rooms = await self._kit.store.rooms(self._limits, 0)
        over: list[SuspectTask] = []
        for limit, room in zip(self._limits, rooms, strict=True):
            of_agent = [one for one in bounded if self.agent(one.task) == limit.agent]
            over += of_agent[room.free :] if room.free is not None else []
        return [one for one in suspects if one not in over]

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

    def does(self, step: BuiltStep) -> bool:
        """Whether a step is one that this worker takes with a commit, which knows of no limits."""
        return step.step.agent not in self._elsewhere

    def agent(self, task: Task) -> str:
        """Whom a task is for that this worker knows."""
        return self._workflows[task.workflow].steps[task.place.step].step.agent

    def begin(self, claim: Claim) -> "asyncio.Task[None]":
        """Runs a claimed task in a slot; one that came with a commit follows in the slot of that."""
        work = step_work(self._kit, self.shapes.workflow(claim.task.workflow, claim.run), claim, self)
        limit = self._limit(claim.task)
        if limit is None or limit.at_once is None:
            return self.slots.begin(lambda rest: self._runner.run(work, rest), claim.task.member)
        agent = limit.agent
        return self.slots.begin(lambda rest: self._run_and_tell(work, rest, agent), claim.task.member)

    async def _run_and_tell(self, work: StepWork, rest: Rest, agent: str) -> None:
        """Runs an attempt and tells those who wait for its agent's limit that there is room again."""
        try:
            await self._runner.run(work, rest)
        finally:
            with suppress(ServerError):  # they look by themselves, too
                await self._kit.store.made_room(agent)

    def _limit(self, task: Task) -> Limit | None:
        place = task.place
        return self._kit.limit_at(self._workflows[task.workflow].steps[place.step], place)

    def _takes_at_once(self, task: Task) -> bool:
        return self.agent(task) not in self._left and self._limit(task) is None
