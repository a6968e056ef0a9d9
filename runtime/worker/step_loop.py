"""Claims an app's due steps and runs them."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Final

from runtime.cancellation import gather_all
from runtime.definitions.context import Rest
from runtime.definitions.declarations import BuiltApp
from runtime.definitions.serving import ALL, Serving
from runtime.definitions.steps import BuiltStep
from runtime.errors import ServerError
from runtime.state.tasks import Claim, SuspectTask, Task, new_token
from runtime.worker.admission import Admission
from runtime.worker.attempt import AttemptRunner
from runtime.worker.fan_out_work import build_step_work
from runtime.worker.loop import BLOCK, StopEvent
from runtime.worker.shapes import Shapes
from runtime.worker.slots import Slots
from runtime.worker.step_claim import claim_step
from runtime.worker.step_work import StepWork
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Due tasks that are looked at in one go, where the first are not enough.
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
        self, app: BuiltApp, equipment: Equipment, slots: Slots, stopping: StopEvent, serving: Serving = ALL
    ) -> None:
        self._workflows = app.workflows
        self._serving = serving
        self._admission = Admission(app, equipment.store, serving)
        self._kit = equipment
        self._runner = AttemptRunner(equipment)
        self.slots = slots
        self._stopping = stopping
        self._strange: set[tuple[str, str]] = set()
        self.shapes = Shapes(app.workflows, equipment.store)

    async def run_once(self) -> None:
        """Fills free slots once, or waits a little for something to do."""
        if not await self.slots.wait_free(BLOCK) or self._stopping.is_set():
            return
        claimed = await gather_all([self.claim(task) for task in await self.due(self.slots.free)])
        if not any(claimed):
            with self._stopping.interrupts():
                await self._kit.store.wait(BLOCK, self._serving.agents if self._admission.left else ())

    async def due(self, wanted: int) -> list[Task]:
        """Tasks that this worker is to do, oldest first; those of other versions may stand before them in any number.
        Those of other agents are set aside, so that nobody comes across them twice, and so are those that a limit holds
        for: of their lanes no more are told than the limit lets begin, in turn with all else."""
        found: list[Task] = []
        skip, look_at = 0, min(wanted, LOOK_AT)  # mostly all of them are this worker's to do
        while len(found) < wanted:
            page = await self._kit.store.list_due(look_at, skip, self._admission.elsewhere)
            known = [task for task in page if self.has_step(task)]
            aside = {task for task in known if not self._admission.can_begin_at_once(task)}
            if aside:
                await self._admission.set_aside(aside)
            found += [task for task in known if task not in aside]
            skip += len(page) - len(aside)
            if len(page) < look_at:
                break
            look_at = LOOK_AT
        return await self._admission.choose_next_tasks(found, wanted, self.has_step)

    async def suspects(self, wanted: int) -> list[SuspectTask]:
        """Tasks that wait for a cell and that this worker can do, oldest first; as in `due`."""
        limit = wanted
        while wanted:
            page = await self._kit.store.suspects(limit)
            found = [
                one for one in page if self.has_step(one.task) and self.agent(one.task) not in self._admission.left
            ]
            if len(found) >= wanted or len(page) < limit:
                return await self._filter_within_limits(found[:wanted])
            limit *= 2
        return []

    async def _filter_within_limits(self, suspects: list[SuspectTask]) -> list[SuspectTask]:
        """Those for which their limits have room: no cell is started for the others."""
        admitted = await self._admission.filter_within_limits([one.task for one in suspects])
        return [one for one in suspects if one.task in admitted]

    def has_step(self, task: Task) -> bool:
        """Whether this worker's version of the app has the step; warned of once if not."""
        step = task.place.step
        if self.shapes.has_step(task):
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
            claim = await self._kit.ask_until_answered(
                lambda: claim_step(self._kit, self.shapes, task, token, isolated=isolated)
            )
            return None if claim is None else self.begin(claim)

    @property
    def is_accepting(self) -> bool:
        """Whether whoever commits may take a step with its commit: not once the worker is to stop."""
        return not self._stopping.is_set()

    def can_take(self, step: BuiltStep) -> bool:
        """Whether a step is one that this worker takes with a commit, which knows of no limits."""
        return step.step.agent not in self._admission.left and not step.limits

    def agent(self, task: Task) -> str:
        """Whom a task is for that this worker knows."""
        return self._admission.agent(task)

    def begin(self, claim: Claim) -> "asyncio.Task[None]":
        """Runs a claimed task in a slot; one that came with a commit follows in the slot of that."""
        work = build_step_work(self._kit, self.shapes.workflow(claim.task.workflow, claim.run), claim, self)
        permits = self._admission.permits(claim)
        if not permits:
            return self.slots.begin(lambda rest: self._runner.run(work, rest), claim.task.member)
        return self.slots.begin(lambda rest: self._run_and_announce(work, rest, permits), claim.task.member)

    async def _run_and_announce(self, work: StepWork, rest: Rest, permits: Mapping[str, Collection[str]]) -> None:
        """Runs an attempt and tells those who wait for its limits that there is room again."""
        try:
            await self._runner.run(work, rest)
        finally:
            with suppress(ServerError):  # they look by themselves, too
                await self._admission.announce_room(permits)
