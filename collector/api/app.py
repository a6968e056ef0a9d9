"""The application: the receiver and the API on one port."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from fastapi import APIRouter, Depends, FastAPI

from collector.api import errors
from collector.api.bounding import BoundedAnswers
from collector.api.hosts import OwnHostOnly, is_loopback
from collector.api.routes import (
    audit,
    channels,
    dead_letters,
    events,
    groups,
    health,
    nodes,
    overview,
    run_actions,
    runs,
    search,
    steps,
    traces,
    workers,
)
from collector.api.services import Services
from collector.api.turns import Turns
from collector.otlp import http
from collector.otlp.grpc import GrpcServer
from collector.otlp.receiver import Receiver

#: Seconds that senders over gRPC are given for what is under way.
_PATIENCE: Final = 5.0

#: Seconds after which a task that was cancelled is cancelled once more.
_REPEAT: Final = 0.5

#: Routers that query the store; they share a limit on concurrent requests.
_READERS: Final[Sequence[Callable[[Services], APIRouter]]] = (
    overview.router,
    runs.router,
    events.router,
    nodes.router,
    traces.router,
    search.router,
    steps.router,
)

#: Routers that mostly ask the bus: they answer also while the store is under load.
_OTHERS: Final[Sequence[Callable[[Services], APIRouter]]] = (
    health.router,
    channels.router,
    groups.router,
    workers.router,
    run_actions.router,
    dead_letters.router,
    audit.router,
)


def create(services: Services, receiver: Receiver, host: str, grpc_address: tuple[str, int]) -> FastAPI:
    """Puts the application together.

    Args:
        services: what the routes answer with; the connection to the bus is closed when the application ends.
        receiver: who takes what is sent.
        host: the address that it listens on; on loopback, requests to foreign host names are refused.
        grpc_address: host and port where OTLP is served over gRPC while the application runs; port 0 takes a free one.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        grpc = GrpcServer(receiver)
        await grpc.start(*grpc_address)
        looking = asyncio.create_task(services.watch.keep_looking(), name="watch")
        yield
        await grpc.stop(_PATIENCE)
        await _end(looking)
        await services.operations.close()

    app = FastAPI(
        title="Causeline collector",
        lifespan=lifespan,
        # The collector must not trace itself into itself.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    errors.install(app)
    app.add_middleware(BoundedAnswers)
    if is_loopback(host):
        app.add_middleware(OwnHostOnly)
    app.include_router(http.router(receiver))
    turn = Depends(Turns(), scope="function")
    for make in _READERS:
        app.include_router(make(services), dependencies=[turn])
    for make in _OTHERS:
        app.include_router(make(services))
    return app


async def _end(task: "asyncio.Task[None]") -> None:
    """Cancels a task until it has ended: one order can be lost where it meets the answer of a driver."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_REPEAT)
