"""What operators do with runs."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter

from collector.api.operator import Who
from collector.api.params import Id, as_id
from collector.api.services import Services
from collector.errors import ConflictError
from collector.models import NodeStatus, RunAnswer, RunRequest, WaitAnswer
from collector.operations import to_models
from collector.operations.contract import Operations

#: By which way an answer has come whose sender does not say.
_API: Final = "the API"


def router(services: Services) -> APIRouter:
    """Returns the routes that end a run, that let it go on, that undo it, and that answer what it waits for."""
    routes = APIRouter(prefix="/api/runs", tags=["runs"])

    @routes.post("/{run_id}/cancel")
    async def cancel(run_id: Id, request: RunRequest, who: Who) -> RunAnswer:
        """Ends a run: what is under way commits nothing any more. One that is cancelled already stays so; 409 for one
        that has ended otherwise."""
        id_, operator = as_id("run", run_id), who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            changed = await operations.cancel(id_, operator)
            if not changed:
                await _require_cancelled(operations, id_)
        return RunAnswer(run_id=str(id_), status=NodeStatus.CANCELLED, changed=changed)

    @routes.post("/{run_id}/resume")
    async def resume(run_id: Id, request: RunRequest, who: Who) -> RunAnswer:
        """Lets a failed run go on from the step that failed, keeping what is committed; 409 for one that has not
        failed."""
        id_, operator = as_id("run", run_id), who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            await operations.resume(id_, operator)
        return RunAnswer(run_id=str(id_), status=NodeStatus.RUNNING, changed=True)

    @routes.post("/{run_id}/undo")
    async def undo(run_id: Id, request: RunRequest, who: Who) -> RunAnswer:
        """Undoes what a run that has ended has done and not undone, and tries undos again that have failed. Not
        `changed` where there is nothing to undo; 409 for one that goes on: a cancel undoes it."""
        id_, operator = as_id("run", run_id), who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            changed = await operations.undo(id_, operator)
            found = await operations.run(id_)
        status = to_models.parse_run_status(found.record.status) if found else NodeStatus.UNKNOWN
        return RunAnswer(run_id=str(id_), status=status, changed=changed)

    @routes.post("/{run_id}/answer")
    async def answer(run_id: Id, request: WaitAnswer, who: Who) -> RunAnswer:
        """Answers what a run waits for; its step goes on. The first answer counts: 409 where another was first, where
        it does not fit, or where nobody waits any more, or yet: an early one is kept, and nothing has `changed`."""
        id_, operator = as_id("run", run_id), who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            told: dict[str, Any] = {"key": request.key, "way": request.way or _API, "early": request.early}
            changed = await operations.answer(id_, request.name, request.value, operator, **told)
        return RunAnswer(run_id=str(id_), status=NodeStatus.RUNNING, changed=changed)

    return routes


async def _require_cancelled(operations: Operations, id_: UUID) -> None:
    found = await operations.run(id_)
    if found is None:
        return
    stands = found.record.ending or found.record.status  # the one that it ends with once its steps are undone
    if stands != NodeStatus.CANCELLED:
        raise ConflictError(
            "run_ended",
            f"run {id_} has ended before: it is {stands}",
            "only a run that goes on can be cancelled; one that failed stays as it is unless it is resumed",
        )
