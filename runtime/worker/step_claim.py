"""Claims a step with all that it reads, if the worker can do it in the shape that its run began with."""

from runtime.state.tasks import Claim, OtherShape, Task
from runtime.worker.shapes import Shapes
from runtime.worker.work import Equipment


async def claim_step(kit: Equipment, shapes: Shapes, task: Task, token: str, *, isolated: bool) -> Claim | None:
    """Takes a task.

    Args:
        kit: of the worker.
        shapes: what it knows of them.
        task: a due one, of a step that it has.
        token: of the attempt.
        isolated: the task waits for a cell, and this is one, or knows of none.

    Returns:
        The claim; None when somebody else has the task, or its run began with a shape that this worker can't do.
    """
    place = task.place
    built = shapes.workflow(task.workflow).steps[place.step]
    while True:
        claim = await kit.store.claim(
            task,
            token,
            kit.lease_ms,
            built.results_read(place),
            parts=built.parts_read(place),
            has_undo=built.is_undone_at(place),
            shapes=shapes.digests_for(task),
            isolated=isolated,
            limits=built.limits_at(place),
        )
        if not isinstance(claim, OtherShape):
            return claim
        if not await shapes.learn_shape(task, claim.digest):
            return None
