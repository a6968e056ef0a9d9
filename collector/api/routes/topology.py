"""Who talks to whom, and what each step should be."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from collector.api.conditional_requests import Known
from collector.api.params import Within
from collector.api.services import Services
from collector.errors import BusUnavailableError
from collector.models import Advice, Topology
from collector.models.channels import BusState
from collector.operations import work_models
from collector.questions import advice, topology
from collector.questions.topology import BusDeclarations
from collector.questions.windows import Period, RecordScope, choose_window
from runtime.semconv import NodeKind

#: Spans of others count too.
_ABOUT: Final = RecordScope()
_STEPS: Final = RecordScope([NodeKind.RUN, NodeKind.STEP], of_agents=True)

Asked = Annotated[
    float | None, Query(gt=0, le=86_400_000, description="Milliseconds within which an answer is asked for, if any are")
]


def router(services: Services) -> APIRouter:
    """Returns the routes of the topology."""
    routes = APIRouter(prefix="/api/topology", tags=["topology"])

    @routes.get("")
    async def one(within: Within, known: Known) -> Topology:
        """The parts of a system (services, workflows, steps, channels, groups), what flowed between them in the time
        range, what groups owe now, and what differs between what is declared and what is done. Answers also while the
        bus is away, and says so."""
        declared = await _read_declared(services)
        known.require_changed(declared.state, declared.channels, declared.apps)
        return await run_in_threadpool(_read_topology, services, within, declared)

    return routes


def advice_router(services: Services) -> APIRouter:
    """Returns the route of advice."""
    routes = APIRouter(prefix="/api/advice", tags=["topology"])

    @routes.get("")
    def advise(within: Within, asked_ms: Asked = None) -> Advice:
        """What each step should be, orchestrated or choreographed, by what was observed of the newest runs that have
        ended: of our runtime's steps and of those of agents of others. Each claim with how many it was observed of, its
        interval where it is a rate, and runs that show it. Nothing is advised of fewer than `least` runs."""
        with services.database.reading() as session:
            window = choose_window(session, within, datetime.now(UTC), _STEPS)
            return advice.advise_steps(session, window, asked_ms)

    return routes


async def _read_declared(services: Services) -> BusDeclarations:
    try:
        async with services.operations.use() as operations:
            channels = await services.watch.read_channels(operations)
            workers = await operations.workers()
            apps = await services.watch.read_apps(operations, workers)
    except BusUnavailableError as error:
        return BusDeclarations(BusState(connected=False, error=str(error)))
    return BusDeclarations(
        BusState(connected=True), channels, [work_models.build_worker(entry) for entry in workers], apps
    )


def _read_topology(services: Services, within: Period, declared: BusDeclarations) -> Topology:
    with services.database.reading() as session:
        window = choose_window(session, within, datetime.now(UTC), _ABOUT)
        return topology.build_topology(session, window, declared)
