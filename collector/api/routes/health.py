"""Whether the collector is up, and which version."""

from functools import partial
from importlib.metadata import PackageNotFoundError, version

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request

from collector.api.admission import IS_STRANGER
from collector.api.services import Services
from collector.errors import BusUnavailableError
from collector.models import API_VERSION, BusState, Health
from collector.operations.link import OperationsLink
from collector.store import schema


def router(services: Services) -> APIRouter:
    """Returns the routes of the health check."""
    routes = APIRouter(tags=["health"])
    # A thread of its own, so that a collector under load still passes its health check.
    ask_store = partial(to_thread.run_sync, services.database.ping, limiter=CapacityLimiter(1))

    @routes.get("/healthz")
    async def health(request: Request) -> Health:
        """Up, and the store answers. Whether the bus answers is said too, and does not make the collector unhealthy;
        why not, which names addresses, and whose home it serves, only where nobody needs a token."""
        await ask_store()
        bus = await bus_state(services.operations)
        home: str | None = services.home or None
        if request.scope.get(IS_STRANGER):
            bus, home = BusState(connected=bus.connected), None
        return Health(
            status="ok",
            version=installed_version(),
            schema_version=schema.newest_version(),
            api_version=API_VERSION,
            bus=bus,
            home=home,
        )

    return routes


async def bus_state(link: OperationsLink) -> BusState:
    """Returns whether the bus answers now."""
    try:
        async with link.use() as operations:
            await operations.ping()
    except BusUnavailableError as error:
        return BusState(connected=False, error=str(error))
    return BusState(connected=True)


def installed_version() -> str:
    try:
        return version("causeline")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"
