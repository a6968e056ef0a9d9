"""Events."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Query

from collector.api.params import PAGE, Cursor, Id, IdSaid, Limit, OfChannel, Text, Within
from collector.api.services import Services
from collector.models import EventDetail, EventPage, EventStanding
from collector.questions import events, lookup
from collector.questions.paging import PagePosition
from collector.questions.windows import RecordScope, choose_list_range
from runtime.semconv import NodeKind

Whole = Annotated[bool, Query(description="Whether payloads are uncut")]

#: Events may be known by their deliveries alone.
_ABOUT: Final = RecordScope([NodeKind.EVENT, NodeKind.DELIVERY])


def router(services: Services) -> APIRouter:
    """Returns the routes of events."""
    routes = APIRouter(prefix="/api", tags=["events"])

    @routes.get("/events")
    def find(
        within: Within,
        channel: OfChannel = None,
        status: Annotated[
            EventStanding | None,
            Query(
                description="With which some group stands so, in its newest round, or some foreign consumer; "
                "`unreceived`: which nobody received"
            ),
        ] = None,
        q: Text = None,
        whole: Whole = False,  # noqa: FBT002 a parameter of the address
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> EventPage:
        """Events, newest first. With a filter or a search, and without a time range, those of all time. Payloads
        are cut short unless `whole`."""
        with services.database.reading() as session:
            narrowed = any(each is not None for each in (channel, status, q or None))
            place = PagePosition.read(cursor) or PagePosition(
                choose_list_range(session, within, datetime.now(UTC), _ABOUT, narrowed=narrowed), session.as_of
            )
            return events.find_events(session, place, channel=channel, standing=status, q=q, limit=limit, whole=whole)

    def read_event(text: str) -> EventDetail:
        with services.database.reading() as session:
            return lookup.answer_about_node(session, "event", text, partial(events.find_event, session))

    @routes.get("/event")
    def event_of(said: IdSaid) -> EventDetail:
        """One event, and every delivery of it, whatever its id is."""
        return read_event(said)

    @routes.get("/events/{event_id:path}")
    def one(event_id: Id) -> EventDetail:
        """One event, and every delivery of it; by its id in any form, or that of a foreign message."""
        return read_event(event_id)

    return routes
