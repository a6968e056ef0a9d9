"""Events, and how their groups fared."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from collector.causality import fates, nodes
from collector.errors import NotFoundError
from collector.models import DeliveryBrief, Event, EventDetail, EventPage, NodeStatus
from collector.questions import candidates, deliveries, id_places, listed_events, lookup, newest_pages, standings
from collector.questions.candidates import CandidateIds
from collector.questions.paging import EXTRA, PagePosition, split_page
from collector.questions.search_text import SearchText
from collector.questions.storage import find_kept_since
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment
from runtime.semconv import NodeKind

#: Characters of a payload that a list shows.
PAYLOAD_EXCERPT: Final = 500
#: More characters than any payload has.
_WHOLE: Final = 2**31 - 1

#: Times as many events as fill a page that are looked at where those are listed with which somebody stands so.
_SPARE: Final = 20

#: Groups of an event that a list shows, those that are worst off first.
LISTED_DELIVERIES: Final = 50

_SEARCH: Final = newest_pages.IdSearch(
    Query.EVENTS_FOUND,
    (NodeKind.EVENT, NodeKind.DELIVERY, NodeKind.DEAD_LETTER, NodeKind.REPLAY, NodeKind.DISCARD),
    id_places.keep_places_around,
)

#: How a delivery stands, from the worst; a list has room for a few.
_WORST: Final = (NodeStatus.DEAD, NodeStatus.FAILED, NodeStatus.RETRYING, NodeStatus.RUNNING)


def find_events(
    session: Session,
    place: PagePosition,
    *,
    channel: str | None,
    q: str | None,
    limit: int,
    standing: str | None = None,
    whole: bool = False,
) -> EventPage:
    """Returns events, newest first.

    Args:
        session: the snapshot to read.
        place: where the page begins, and when they were published.
        channel: of this channel only.
        q: an id of anything that the event is part of, in any form, or text of what is shown of it.
        limit: entries of a page.
        standing: with which somebody stands so only, in the words of `NodeStatus`; `unreceived` where nobody does.
        whole: whether payloads are uncut.
    """
    sought = SearchText.parse(q)
    payload_most = _WHOLE if whole else PAYLOAD_EXCERPT
    which = {"channel": channel, "status": standing, "payload_most": payload_most}
    most = limit + EXTRA
    of_ids = partial(listed_events.list_events_of_ids, session, channel=channel, payload_most=payload_most)
    if standing is not None:
        of_ids = partial(standings.list_events_of_standing, session, of_ids, standing)
    if sought:
        rows = newest_pages.search_rows(session, Query.EVENTS_LIST, _SEARCH, sought, place, most, of_ids, **which)
    elif (found := _find_candidates(session, channel, standing)) is not None:
        rows = newest_pages.find_rows_among(session, Query.EVENTS_LIST, found, place, most, of_ids, **which)
    else:
        named, spare = {"channel": channel}, None if standing is None else _SPARE
        rows = newest_pages.find_first_rows(
            session, Query.EVENTS_LIST, Query.EVENTS_NEWEST, of_ids, place, most, named, spare, **which
        )
    page, following = split_page(rows, place, limit, "event_id")
    return EventPage(
        items=build_events(session, page, LISTED_DELIVERIES),
        next=following,
        window=place.within.window,
        kept_since=find_kept_since(session),
        searched=lookup.describe_search(session, sought) if sought and not page else None,
    )


def _find_candidates(session: Session, channel: str | None, standing: str | None) -> CandidateIds | None:
    """Returns the events that may be meant; None for too many, or all."""
    named = (
        None if channel is None else candidates.find_candidates(session, Query.CLUES_EVENTS_OF_CHANNEL, channel=channel)
    )
    if named is not None and named.is_few:
        return named
    return candidates.intersect_candidates(
        [named, None if standing is None else standings.find_candidates(session, standing)]
    )


def find_event(session: Session, event_id: UUID) -> EventDetail:
    """Returns one event whole.

    Raises:
        NotFoundError: when no span tells of it.
    """
    stored = session.stretch([event_id]).bounds
    rows = session.rows(Query.EVENTS_ONE, id=event_id, **stored)
    if not rows:
        raise NotFoundError("event", str(event_id))
    event = build_events(session, rows)[0]
    records = session.rows(Query.EVENTS_RECORDS, id=event_id, **stored)
    built = nodes.build_nodes(records, fates.find_fates(session, records))
    built.pop(event_id, None)
    rounds = sorted(built.values(), key=lambda node: (node.group or "", node.round or 0, node.id))
    return EventDetail(**event.model_dump(), rounds=rounds)


def build_events(session: Session, rows: Sequence[Row], most: int | None = None) -> list[Event]:
    """Returns rows of `events` as events, each with its groups' newest round; of so many groups at most, the worst."""
    briefs = deliveries.find_delivery_briefs(session, [row["event_id"] for row in rows]) if rows else {}
    return [
        Event(
            event_id=str(row["event_id"]),
            channel=row["channel"] or "",
            time=moment(row["start_ns"]),
            source=row["source"],
            subject=row["subject"],
            correlation_id=format_id(row["correlation_id"]),
            causation_id=format_id(row["causation_id"]),
            payload=row["payload"],
            deliveries=_select_worst(briefs.get(row["event_id"], []), most),
            groups=len(briefs.get(row["event_id"], [])),
        )
        for row in rows
    ]


def _select_worst(briefs: list[DeliveryBrief], most: int | None) -> list[DeliveryBrief]:
    if most is None or len(briefs) <= most:
        return briefs
    order = {status: place for place, status in enumerate(_WORST)}
    return sorted(briefs, key=lambda brief: order.get(brief.status, len(order)))[:most]


def format_id(value: object) -> str | None:
    """Returns an id as text."""
    return None if value is None else str(value)
