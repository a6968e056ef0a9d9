"""Calls of models and tools: figures over a window."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.params import PAGE_LIMIT, Limit, OfApp, Within
from collector.api.services import Services
from collector.models import CallFiguresList, CallsBy, CallsSort
from collector.models.base import NAME_LIMIT
from collector.questions import call_figures
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.windows import RecordScope, choose_window
from runtime.semconv import NodeKind

_ABOUT = RecordScope([NodeKind.SPAN])


OfAgent = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this agent only")]
OfModel = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this model only")]
OfSession = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this conversation only")]
OfUser = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Of this user only")]


def router(services: Services) -> APIRouter:
    """Returns the routes of calls."""
    routes = APIRouter(prefix="/api/calls", tags=["calls"])

    @routes.get("/figures")
    def figures(
        within: Within,
        *,
        by: Annotated[CallsBy, Query(description="What they are put together by")] = CallsBy.MODEL,
        per_app: Annotated[bool, Query(description="Whether those of each app stand apart")] = False,
        app: OfApp = None,
        agent: OfAgent = None,
        model: OfModel = None,
        session: OfSession = None,
        user: OfUser = None,
        sort: Annotated[CallsSort, Query(description="What they are sorted by")] = CallsSort.COST,
        descending: Annotated[bool, Query(description="Whether the largest come first")] = True,
        limit: Limit = PAGE_LIMIT,
    ) -> CallFiguresList:
        """Calls of models, agents, tools and others: how many, errors, tokens, cost, times. Each call counts once,
        however many instrumentations told of it."""
        wanted = CallCriteria(by, per_app, app, agent, model, session, user)
        prices = services.prices.current()
        with services.database.reading() as snapshot:
            window = choose_window(snapshot, within, datetime.now(UTC), _ABOUT)
            return call_figures.find_figures(snapshot, window, wanted, CallOrder(sort, descending, limit), prices)

    return routes
