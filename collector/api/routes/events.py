"""Events."""

from datetime import UTC, datetime

from fastapi import APIRouter

from collector.api.params import PAGE, Cursor, End, Id, Limit, Name, Start, Text, as_id
from collector.api.services import Services
from collector.models import EventDetail, EventPage
from collector.questions import events
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
        whole: bool = False,  # noqa: FBT001, FBT002 a parameter of the address
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> EventPage:
        """Events, newest first. A search without a window looks everywhere. Payloads are cut short unless `whole`."""
        with services.database.reading() as session:
            place = Place.read(cursor) or Place(listed(session, start, end, q, datetime.now(UTC), NodeKind.EVENT))
            return events.find(session, place, channel=channel, q=q, limit=limit, whole=whole)

    @routes.get("/{event_id}")
    def one(event_id: Id) -> EventDetail:
        """One event, and every delivery of it."""
        with services.database.reading() as session:
            return events.one(session, as_id("event", event_id))

    return routes
