"""The application: the receiver and the API on one port."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from fastapi import APIRouter, Depends, FastAPI

from collector.api import document, errors
from collector.api.bodies import BodyLimit
from collector.api.bounded_answers import BoundedAnswers
from collector.api.conditional_requests import ChangeCheck
from collector.api.guard import Guard
from collector.api.head_requests import HeadRequests
from collector.api.known_params import refuse_unknown_params
from collector.api.open_questions import BoundedQuestions, OpenQuestions
from collector.api.query_limit import QueryLimit
from collector.api.routes import (
    access,
    alerts,
    audit,
    breakers,
    budgets,
    calls,
    channels,
    conversations,
    dead_letters,
    docs,
    events,
    exchange,
    groups,
    health,
    logs,
    metrics,
    nodes,
    overview,
    run_actions,
    run_streams,
    runs,
    schedules,
    search,
    sessions,
    shadows,
    steps,
    storage,
    topology,
    traces,
    waits,
    workers,
)
from collector.api.second_try import SecondTry
from collector.api.services import Services
from collector.api.tables import ArrowAnswers
from collector.otlp import http
from collector.otlp.grpc import GrpcServer
from collector.otlp.intake import CountedReceiver

#: Seconds that senders over gRPC are given for what is under way, and the bus to say goodbye.
_PATIENCE: Final = 1.0

#: Seconds after which a task that was cancelled is cancelled once more.
_REPEAT: Final = 0.5

#: Routers that query the store; they share a limit on concurrent requests.
_READERS: Final[Sequence[Callable[[Services], APIRouter]]] = (
    overview.router,
    runs.router,
    waits.router,
    calls.router,  # before conversations, of which a call's id may be anything
    conversations.router,
    sessions.router,
    events.router,
    nodes.router,
    traces.router,
    logs.router,
    search.router,
    steps.router,
    topology.router,
    topology.advice_router,
    storage.router,
)

#: Routers that mostly ask the bus: they answer also while the store is under load.
_OTHERS: Final[Sequence[Callable[[Services], APIRouter]]] = (
    health.router,
    alerts.router,
    channels.router,
    groups.router,
    workers.router,
    schedules.router,
    budgets.router,
    breakers.router,
    shadows.router,
    run_actions.router,
    dead_letters.router,
    audit.router,
    exchange.router,
)


def create(
    services: Services, receiver: CountedReceiver, guard: Guard, grpc_address: tuple[str, int], asking: OpenQuestions
) -> FastAPI:
    """Puts the application together.

    Args:
        services: what the routes answer with; the connection to the bus is closed when the application ends.
        receiver: who takes what is sent.
        guard: who is answered.
        grpc_address: host and port where OTLP is served over gRPC while the application runs; port 0 takes a free one.
        asking: the questions that are being answered.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        grpc = GrpcServer(receiver, guard.access, guard.tls)
        await grpc.start(*grpc_address)
        looking = asyncio.create_task(services.watch.poll_forever(), name="watch")
        alerting = asyncio.create_task(services.alerts.evaluate_forever(), name="alerts")
        yield
        await grpc.stop(_PATIENCE)
        services.alerts.interrupt()
        await _end(looking)
        await _end(alerting)
        await services.alerts.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await services.operations.close()

    app = FastAPI(
        title="Causeline collector",
        lifespan=lifespan,
        docs_url=None,  # their pages load scripts from elsewhere; ours has none
        redoc_url=None,
        generate_unique_id_function=document.operation_id,
        # The collector must not trace itself into itself.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    errors.install(app)
    document.install(app)
    app.add_middleware(SecondTry)
    app.add_middleware(HeadRequests)
    app.add_middleware(ArrowAnswers)
    app.add_middleware(BoundedAnswers)
    app.add_middleware(BodyLimit)
    app.add_middleware(BoundedQuestions, asking=asking)
    guard.install(app)
    app.include_router(http.router(receiver))
    app.include_router(metrics.router(services, receiver))
    known, since, turn = (
        Depends(refuse_unknown_params),
        Depends(ChangeCheck(services.database, lambda: services.prices.current().mark)),
        Depends(QueryLimit(), scope="function"),
    )
    for make in _READERS:
        app.include_router(make(services), dependencies=[known, since, turn])
    for make in _OTHERS:
        app.include_router(make(services), dependencies=[known, since])
    app.include_router(run_streams.router(services), dependencies=[known])
    app.include_router(access.router(guard.access))
    app.include_router(docs.router(app))
    return app


async def _end(task: "asyncio.Task[None]") -> None:
    """Cancels a task until it has ended: one order can be lost where it meets the answer of a driver."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_REPEAT)
