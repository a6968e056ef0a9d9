"""Runs."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from collector.api.conditional_requests import Known
from collector.api.params import PAGE, Cursor, Id, Limit, OfWorkflow, Text, Within
from collector.api.services import Services
from collector.errors import BusUnavailableError
from collector.models import NodeStatus, RunDetail, RunOnServer, RunPage
from collector.operations import to_models
from collector.operations.redaction import redact_answer
from collector.operations.waiting import find_all_waits
from collector.questions import identifiers, lookup, runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import RecordScope, choose_list_range
from runtime.semconv import NodeKind

Source = Literal["own", "others"]

#: Waits that are looked at to find the runs that wait.
_WAITS: Final = 1_000

_ABOUT: Final = RecordScope([NodeKind.RUN, NodeKind.SPAN])


def router(services: Services) -> APIRouter:
    """Returns the routes of runs."""
    routes = APIRouter(prefix="/api/runs", tags=["runs"])

    @routes.get("")
    async def find(
        within: Within,
        known: Known,
        workflow: OfWorkflow = None,
        status: Annotated[NodeStatus | None, Query(description="That stand so only")] = None,
        q: Text = None,
        app: Annotated[str | None, Query(description="Of this service")] = None,
        agent: Annotated[str | None, Query(description="In which this agent has a part")] = None,
        model: Annotated[str | None, Query(description="In which this model is called")] = None,
        session: Annotated[str | None, Query(description="Of this conversation")] = None,
        source: Annotated[Source | None, Query(description="Of our runtime, or of others")] = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> RunPage:
        """Runs, newest first. With a filter or a search, and without a time range, those of all time. Which of our runs
        wait for an answer is read from the server; of those of others spans tell."""
        waiting = await _find_waiting_runs(services) if status == NodeStatus.WAITING and source != "others" else ()
        known.require_changed(*map(str, waiting))
        wanted = RunCriteria(workflow, status, q or None, app, agent, model, session, source, waiting)
        return await run_in_threadpool(list_runs, wanted, within, cursor, limit)

    def list_runs(wanted: RunCriteria, within: Within, cursor: str | None, limit: int) -> RunPage:
        with services.database.reading() as snapshot:
            place = PagePosition.read(cursor) or PagePosition(
                choose_list_range(snapshot, within, datetime.now(UTC), _ABOUT, narrowed=wanted != RunCriteria()),
                snapshot.as_of,
            )
            return runs.find_runs(snapshot, place, wanted, limit, services.prices.current())

    def read_run(text: str, server: RunOnServer | None) -> RunDetail:
        prices = services.prices.current()
        with services.database.reading() as session:
            return lookup.answer_about_node(
                session, "run", text, lambda id_: runs.find_run(session, id_, server, prices)
            )

    @routes.get("/{run_id}")
    async def one(run_id: Id, known: Known) -> RunDetail:
        """One run with its lives, its steps and the events that they published; and how the live bus has it, where that
        is there."""
        ids = identifiers.parse_identifier(run_id).uuids
        server = await _find_on_server(services, ids[0]) if ids else None
        known.require_changed(server)
        return await run_in_threadpool(read_run, run_id, server)

    return routes


async def _find_waiting_runs(services: Services) -> tuple[UUID, ...]:
    """The runs that wait for an answer, those first that wait the longest; none where no bus is there."""
    with suppress(BusUnavailableError):
        async with services.operations.use() as operations:
            found = await find_all_waits(operations, _WAITS)
        return tuple(dict.fromkeys(UUID(wait.run_id) for wait in found))
    return ()


async def _find_on_server(services: Services, run_id: UUID) -> RunOnServer | None:
    with suppress(BusUnavailableError):
        async with services.operations.use() as operations:
            found = await operations.run(run_id)
            if found is not None:
                goes_on = found.record.status == NodeStatus.RUNNING
                waits = await operations.waits(run_id) if goes_on else []
                parked = await operations.find_parked_steps(found) if goes_on else []
                to_come = await operations.to_come(found) if goes_on else {}
                server = to_models.build_run(found, waits, parked, to_come)
                if found.record.is_over:
                    server = server.model_copy(update={"has_undos": await operations.has_undos(run_id)})
                return redact_answer(server, services.redactor)
    return None
