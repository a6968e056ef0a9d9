"""Sessions."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query

from collector.api.params import PAGE, Cursor, Limit, Text, Within
from collector.api.services import Services
from collector.models.base import NAME_LIMIT
from collector.models.conversations import SessionDetail, SessionPage
from collector.questions import sessions
from collector.questions.paging import PagePosition
from collector.questions.windows import RecordScope, choose_list_range, get_asked_range
from runtime.semconv import NodeKind

_ABOUT: Final = RecordScope([NodeKind.SPAN])

#: Runs of one answer at most: each is told with what it was asked and what it answered.
_RUNS: Final = 200


def router(services: Services) -> APIRouter:
    """Returns the routes of sessions."""
    routes = APIRouter(prefix="/api/sessions", tags=["conversations"])

    @routes.get("")
    def find(
        within: Within,
        user: Annotated[str | None, Query(max_length=NAME_LIMIT, description="With this user only")] = None,
        q: Text = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> SessionPage:
        """Sessions, those first in which something happened last. With a filter or a search, and without a time range,
        those of all time."""
        with services.database.reading() as snapshot:
            place = PagePosition.read(cursor) or PagePosition(
                choose_list_range(snapshot, within, datetime.now(UTC), _ABOUT, narrowed=bool(user or q)), snapshot.as_of
            )
            return sessions.find_sessions(snapshot, place, user, q or None, limit, services.prices.current())

    @routes.get("/one")
    def one(
        session: Annotated[str, Query(max_length=NAME_LIMIT, description="The session's id")],
        within: Within,
        limit: Annotated[int, Query(ge=1, le=_RUNS, description="Runs of a page")] = PAGE,
        cursor: Cursor = None,
    ) -> SessionDetail:
        """One session with a page of its runs, oldest first: each with what it was asked, and what it answered."""
        with services.database.reading() as snapshot:
            place = PagePosition.read(cursor) or sessions.make_first_position(
                snapshot, get_asked_range(within, datetime.now(UTC))
            )
            return sessions.find_session(snapshot, session, place, limit, services.prices.current())

    return routes
