"""Gives runs that are under way the shape that their workflow has by now."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from runtime.definitions.shape import Shape
from runtime.definitions.steps import BuiltWorkflow
from runtime.state.contract import StateStore
from runtime.state.runs import MoveResult, MovingStep, RunRecord

_GOES_ON: Final = frozenset({"running", "failed"})


@dataclass(frozen=True, slots=True)
class MovedRun:
    """What became of one run. `what` is in words."""

    run: UUID
    workflow: str
    is_moved: bool
    what: str


async def move_run(store: StateStore, workflow: BuiltWorkflow, run: RunRecord, operator: str) -> MovedRun:
    """Gives a run the shape of a workflow as the code has it now: results stay of steps that are what they were and of
    which all that they wait for stays, and so do the records of one that is not done; all else is done, or done again
    from nothing.

    Args:
        store: of the app.
        workflow: as the code has it.
        run: of that workflow.
        operator: who says so, for the audit.
    """
    if lacking := _describe_missing_input(workflow, run):
        return MovedRun(run.id, workflow.name, is_moved=False, what=lacking)
    text = await store.get_shape(run.shape_digest) if run.shape_digest else ""
    former = Shape.parse(text).steps if text else {}
    now = Shape.parse(workflow.shape)
    steps = [
        MovingStep(name, one.waits_for, is_same=name in former and former[name].digest == one.digest)
        for name, one in now.steps.items()
    ]
    moving = await store.move(run.id, workflow.name, workflow.shape_digest, workflow.shape, steps, operator)
    return MovedRun(run.id, workflow.name, moving.status == "moved", _describe_move(moving, len(steps)))


async def find_runs_of_other_shapes(store: StateStore, workflow: BuiltWorkflow, limit: int) -> AsyncIterator[RunRecord]:
    """Runs of a workflow that can go on and have another shape than the code, the newest first, of the last `limit`."""
    for record in await store.runs(limit):
        is_its = record.workflow == workflow.name and record.status in _GOES_ON
        if is_its and record.shape_digest != workflow.shape_digest and not record.is_undone:
            yield record


def _describe_missing_input(workflow: BuiltWorkflow, run: RunRecord) -> str:
    """What keeps a run from having the shape of a workflow that asks for more than it was started with; empty where
    nothing does: it would fail of that, and what it has done would be undone."""
    for step, built in workflow.steps.items():
        signatures = (built.signature, built.condition, built.loop.until if built.loop and built.is_tail else None)
        asked = {one.name for each in signatures if each for one in each.parameters if not one.is_optional}
        asked |= {built.fan_out.over} if built.fan_out else set()
        for name in workflow.inputs:
            if name in asked and name not in run.inputs:
                return (
                    f"has no input {name!r}, which step {step!r} asks for: it began before there was one; let a worker "
                    "of the former version end it, give the parameter a default, or cancel it and start anew"
                )
    return ""


def _describe_move(moving: MoveResult, steps: int) -> str:
    match moving.status:
        case "moved":
            return f"moved: {moving.kept} of {steps} steps stay as they are"
        case "same":
            return "has that shape"
        case "busy":
            return f"step {moving.step!r} is under way: try again when it is done"
        case "inside":
            return f"{moving.step!r} is within a loop or a fan-out: try again when that is over"
        case "nested":
            return (
                f"step {moving.step!r} is a run of its own, which would have to be done again or be left: let a worker "
                "of the former version end it, or cancel it and start anew"
            )
        case "undoable":
            return (
                f"step {moving.step!r} is undone if the run fails, and the code has no such step any more: let a "
                "worker of the former version end it, or cancel it while there is one"
            )
        case "over":
            return f"is {moving.step}: only a run that goes on, or has failed, is moved"
    return "is not there any more"
