"""Which runs a worker's version of the app can go on with, where they began with another shape of their workflow."""

import logging
from collections.abc import Mapping

from runtime.definitions.shape import Shape, adapt_workflow
from runtime.definitions.steps import BuiltWorkflow
from runtime.state.contract import StateStore
from runtime.state.runs import RunRecord
from runtime.state.tasks import Task

_log = logging.getLogger("causeline.worker")

#: Runs of another shape that are kept in mind; the first are forgotten, and asked about again.
_MOST_RUNS = 10_000


class Shapes:
    """What one worker knows of shapes.

    A step is done for a run of another shape if it is what it was for that: it reads the same, waits for the same, and
    is part of the same loop. What follows is what followed in that shape. Steps that have changed wait for a worker
    whose version has them as they were, or for an operator who moves the run (`causeline runs move`).

    Args:
        workflows: of the worker's version of the app.
        store: of the app.
    """

    def __init__(self, workflows: Mapping[str, BuiltWorkflow], store: StateStore) -> None:
        self._store = store
        self._own = {name: (workflow.shape_digest, workflow) for name, workflow in workflows.items()}
        self._adapted: dict[tuple[str, str], BuiltWorkflow] = {}
        self._of_run: dict[Task, str] = {}
        self._told: set[tuple[str, str]] = set()

    def has_step(self, task: Task) -> bool:
        """Whether the worker has the step, as far as it knows in the shape that the task's run began with."""
        own = self._own.get(task.workflow)
        if own is None or task.place.step not in own[1].steps:
            return False
        other = self._adapted.get((task.workflow, self._of_run.get(task, "")))
        return other is None or task.place.step in other.steps

    def digests_for(self, task: Task) -> list[str]:
        """Digests of the shapes that its run may have begun with, as far as is known."""
        step = task.place.step
        others = [
            digest
            for (workflow, digest), one in self._adapted.items()
            if workflow == task.workflow and step in one.steps
        ]
        return [self._own[task.workflow][0], *others]

    def workflow(self, name: str, run: RunRecord | None = None) -> BuiltWorkflow:
        """The workflow as it is done for a run: as that began with it."""
        digest, own = self._own[name]
        if run is None or run.shape_digest in ("", digest):
            return own
        return self._adapted[name, run.shape_digest]

    async def learn_shape(self, task: Task, digest: str) -> bool:
        """Looks at the shape that a task's run began with; whether the worker can do the task."""
        key = task.workflow, digest
        if key not in self._adapted:
            text = await self._store.get_shape(digest)
            own = self._own[task.workflow][1]
            self._adapted[key] = adapt_workflow(own, Shape.parse(text)) if text else own
        if task.place.step in self._adapted[key].steps:
            return True
        while len(self._of_run) >= _MOST_RUNS:
            del self._of_run[next(iter(self._of_run))]
        self._of_run[task] = digest
        self._warn_of_step(task)
        return False

    async def warn_of_other_shapes(self) -> None:
        """Says how many runs go on that began with another version, and what becomes of them here."""
        for shaped in await self._store.count_runs_by_shape():
            own = self._own.get(shaped.workflow)
            if own is None or shaped.digest == own[0]:
                continue
            text = await self._store.get_shape(shaped.digest)
            steps = Shape.parse(text).steps if text else {}
            changed = sorted(steps.keys() - adapt_workflow(own[1], Shape.parse(text)).steps.keys()) if text else []
            _log.warning(
                "%d runs of workflow %s began with another version of it: they go on as they began%s",
                shaped.runs,
                shaped.workflow,
                f", but for {', '.join(changed)}, which this version does not have as it was: they wait for a worker "
                "that has, or until `causeline runs move` gives them the shape of this one"
                if changed
                else "",
            )

    def _warn_of_step(self, task: Task) -> None:
        step = task.workflow, task.place.step
        if step not in self._told:
            self._told.add(step)
            _log.warning(
                "step %s of workflow %s is due for run %s, which began with another version of the step: it waits for "
                "a worker of that, or until `causeline runs move` gives the run the shape of this one",
                task.place.step,
                task.workflow,
                task.run,
            )
