"""Events."""

from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter

from collector.api.params import PAGE, Cursor, End, Id, Limit, Name, Start, Text
from collector.api.services import Services
from collector.models import EventDetail, EventPage
from collector.questions import events, lookup
from collector.questions.paging import Place
from collector.questions.windows import listed
from runtime.semconv import NodeKind


def router(services: Services) -> APIRouter:
    """Returns the routes of events."""
    routes = APIRouter(prefix="/api/events", tags=["events"])

    @routes.get("")
    def find(
        start: Start = None,
        end: End = None,
        channel: Name = None,
        q: Text = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> EventPage:
        """Events, newest first. A search without a window looks everywhere."""
        with services.database.reading() as session:
            place = Place.read(cursor) or Place(listed(session, start, end, q, datetime.now(UTC), NodeKind.EVENT))
            return events.find(session, place, channel=channel, q=q, limit=limit)

    @routes.get("/{event_id:path}")
    def one(event_id: Id) -> EventDetail:
        """One event, and every delivery of it; by its id in any form, or that of a foreign message."""
        with services.database.reading() as session:
            return lookup.answered(session, "event", event_id, partial(events.one, session))

    return routes
