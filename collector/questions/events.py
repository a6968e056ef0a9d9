"""Events, and how their groups fared."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from collector.causality import dead_letters, fates, markers, nodes, status, tries
from collector.errors import NotFoundError
from collector.models import DeliveryBrief, Event, EventDetail, EventPage, NodeStatus
from collector.questions import listed_events, lookup, newest
from collector.questions.paging import EXTRA, Place, split
from collector.questions.storage import kept_since
from collector.questions.wanted import Wanted
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment
from runtime.semconv import NodeKind

#: Characters of a payload that a list shows.
PAYLOAD_EXCERPT: Final = 500
#: More characters than any payload has.
_WHOLE: Final = 2**31 - 1

#: Groups of an event that a list shows, those that are worst off first.
LISTED_DELIVERIES: Final = 50

_SEARCH: Final = newest.Search(
    Query.EVENTS_FOUND,
    (NodeKind.EVENT, NodeKind.DELIVERY, NodeKind.DEAD_LETTER, NodeKind.REPLAY, NodeKind.DISCARD),
)

#: How a delivery stands, from the worst; a list has room for a few.
_WORST: Final = (NodeStatus.DEAD, NodeStatus.FAILED, NodeStatus.RETRYING, NodeStatus.RUNNING)


def find(
    session: Session,
    place: Place,
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
    sought = Wanted.read(q)
    payload_most = _WHOLE if whole else PAYLOAD_EXCERPT
    which = {"channel": channel, "status": standing, "payload_most": payload_most}
    most = limit + EXTRA
    of_ids = partial(listed_events.of_ids, session, channel=channel, payload_most=payload_most)
    if sought:
        read = of_ids if standing is None else None
        rows = newest.sought(session, Query.EVENTS_LIST, _SEARCH, sought, place, most, read, **which)
    elif channel is None and standing is None:
        rows = newest.first(session, Query.EVENTS_LIST, Query.EVENTS_NEWEST, of_ids, place, most, **which)
    else:
        rows = newest.rows(session, Query.EVENTS_LIST, place, most, is_found=False, **newest.UNKNOWN, **which)
    page, following = split(rows, place, limit, "event_id")
    return EventPage(
        items=with_deliveries(session, page, LISTED_DELIVERIES),
        next=following,
        window=place.within.window,
        kept_since=kept_since(session),
        searched=lookup.stored(session, sought) if sought and not page else None,
    )


def one(session: Session, event_id: UUID) -> EventDetail:
    """Returns one event whole.

    Raises:
        NotFoundError: when no span tells of it.
    """
    stored = session.stretch([event_id]).bounds
    rows = session.rows(Query.EVENTS_ONE, id=event_id, **stored)
    if not rows:
        raise NotFoundError("event", str(event_id))
    event = with_deliveries(session, rows)[0]
    records = session.rows(Query.EVENTS_RECORDS, id=event_id, **stored)
    built = nodes.build(records, fates.of_all(session, records))
    built.pop(event_id, None)
    rounds = sorted(built.values(), key=lambda node: (node.group or "", node.round or 0, node.id))
    return EventDetail(**event.model_dump(), rounds=rounds)


def with_deliveries(session: Session, rows: Sequence[Row], most: int | None = None) -> list[Event]:
    """Returns rows of `events` as events, each with its groups' newest round; of so many groups at most, the worst."""
    briefs = _briefs(session, [row["event_id"] for row in rows]) if rows else {}
    return [
        Event(
            event_id=str(row["event_id"]),
            channel=row["channel"] or "",
            time=moment(row["start_ns"]),
            source=row["source"],
            subject=row["subject"],
            correlation_id=text(row["correlation_id"]),
            causation_id=text(row["causation_id"]),
            payload=row["payload"],
            deliveries=_worst(briefs.get(row["event_id"], []), most),
            groups=len(briefs.get(row["event_id"], [])),
        )
        for row in rows
    ]


def _worst(briefs: list[DeliveryBrief], most: int | None) -> list[DeliveryBrief]:
    if most is None or len(briefs) <= most:
        return briefs
    order = {status: place for place, status in enumerate(_WORST)}
    return sorted(briefs, key=lambda brief: order.get(brief.status, len(order)))[:most]


def _briefs(session: Session, events: Sequence[UUID]) -> dict[UUID, list[DeliveryBrief]]:
    briefs = _deliveries(session, events)
    is_taken = session.present()["messages"]
    for row in session.rows(Query.EVENTS_RECEIPTS, events=events) if is_taken else ():
        briefs[row["event_id"]].append(
            DeliveryBrief(
                delivery_id=str(row["node_id"]),
                group=row["consumer_group"],
                status=status.of_span(row["status_code"], row["ended"]),
                round=0,
                attempts=row["attempts"],
                service=row["service"],
                foreign=True,
            )
        )
    return briefs


def _deliveries(session: Session, events: Sequence[UUID]) -> defaultdict[UUID, list[DeliveryBrief]]:
    """Returns how the groups of some events fared, by event; each in its newest round."""
    rows = session.rows(Query.EVENTS_DELIVERIES, events=events, **session.stretch(events).bounds)
    records = markers.without_arrived(session, rows)
    found = [(each.event_id, each) for each in tries.of_each(records).values() if each.event_id is not None]
    found.sort(key=lambda pair: (pair[0], pair[1].step, pair[1].round, pair[1].node_id))
    settled = dead_letters.settled(session, [each.node_id for _, each in found])
    newest = {(event_id, each.step): each for event_id, each in found}
    briefs: defaultdict[UUID, list[DeliveryBrief]] = defaultdict(list)
    for (event_id, group), each in newest.items():
        has_died = each.node_id in settled
        briefs[event_id].append(
            DeliveryBrief(
                delivery_id=str(each.node_id),
                group=group,
                status=status.of_settled(
                    tries.fate_in(each, None, has_died=has_died),
                    settled.get(each.node_id),
                    running=each.is_open and not has_died,
                ),
                round=each.round,
                attempts=each.attempts,
                service=each.service,
            )
        )
    return briefs


def text(value: object) -> str | None:
    """Returns an id as text."""
    return None if value is None else str(value)
