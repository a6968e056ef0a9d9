"""A search of everything that is recorded."""

from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.params import TEXT_LIMIT
from collector.api.services import Services
from collector.models import SearchAnswer
from collector.questions import search


def router(services: Services) -> APIRouter:
    """Returns the route of the search."""
    routes = APIRouter(prefix="/api/search", tags=["search"])

    @routes.get("")
    def find(
        q: Annotated[str, Query(min_length=1, max_length=TEXT_LIMIT, description="An id in any form, or text")],
        limit: Annotated[int, Query(ge=1, le=search.LIMIT, description="Nodes to answer with")] = search.LIMIT,
        cursor: Annotated[str | None, Query(description="`next` of the answer before, to look further")] = None,
    ) -> SearchAnswer:
        """What an id is the id of, and the newest nodes of any kind that it leads to or that say a text. Says in what
        was looked and how far back; `next` looks further."""
        with services.database.reading() as session:
            return search.search_nodes(session, q, limit, cursor)

    return routes
