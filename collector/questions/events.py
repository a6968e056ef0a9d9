"""Events, and how their groups fared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from collector.causality import fates, nodes, status
from collector.errors import NotFoundError
from collector.models import DeliveryBrief, Event, EventDetail, EventPage
from collector.questions.paging import EXTRA, Place, split
from collector.questions.storage import kept_since
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import moment

#: Characters of a payload that a list shows.
PAYLOAD_EXCERPT: Final = 500
#: More characters than any payload has.
_WHOLE: Final = 2**31 - 1


def find(
    session: Session, place: Place, *, channel: str | None, q: str | None, limit: int, whole: bool = False
) -> EventPage:
    """Returns events, newest first.

    Args:
        session: the snapshot to read.
        place: where the page begins, and when they were published.
        channel: of this channel only.
        q: text in the subject, the event's or correlation's id, or the payload; case doesn't matter.
        limit: entries of a page.
        whole: whether payloads are uncut.
    """
    rows = session.rows(
        Query.EVENTS_LIST,
        first_ns=place.within.first_ns,
        end_ns=place.within.end_ns,
        as_of=place.as_of,
        before_ns=place.before_ns,
        before_id=place.before_id,
        channel=channel,
        q=folded(q),
        payload_most=_WHOLE if whole else PAYLOAD_EXCERPT,
        most=limit + EXTRA,
    )
    page, following = split(rows, place, limit, "event_id")
    return EventPage(
        items=with_deliveries(session, page), next=following, window=place.within.window, kept_since=kept_since(session)
    )


def one(session: Session, event_id: UUID) -> EventDetail:
    """Returns one event whole.

    Raises:
        NotFoundError: when no span tells of it.
    """
    rows = session.rows(Query.EVENTS_ONE, id=event_id)
    if not rows:
        raise NotFoundError("event", str(event_id))
    event = with_deliveries(session, rows)[0]
    records = session.rows(Query.EVENTS_RECORDS, id=event_id)
    built = nodes.build(records, fates.of_all(session, records))
    built.pop(event_id, None)
    rounds = sorted(built.values(), key=lambda node: (node.group or "", node.round or 0, node.id))
    return EventDetail(**event.model_dump(), rounds=rounds)


def with_deliveries(session: Session, rows: Sequence[Row]) -> list[Event]:
    """Returns rows of `events` as events, each with its groups' newest round."""
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
            deliveries=briefs.get(row["event_id"], []),
        )
        for row in rows
    ]


def _briefs(session: Session, events: Sequence[UUID]) -> dict[UUID, list[DeliveryBrief]]:
    briefs = _deliveries(session.rows(Query.EVENTS_DELIVERIES, events=events))
    for row in session.rows(Query.EVENTS_RECEIPTS, events=events):
        briefs[row["event_id"]].append(
            DeliveryBrief(
                delivery_id=str(row["node_id"]),
                group=row["consumer_group"],
                status=status.of_span(row["status_code"]),
                round=0,
                attempts=row["attempts"],
                service=row["service"],
                foreign=True,
            )
        )
    return briefs


def _deliveries(rows: Iterable[Row]) -> defaultdict[UUID, list[DeliveryBrief]]:
    newest = {(row["event_id"], row["consumer_group"]): row for row in rows}  # rows come by round
    briefs: defaultdict[UUID, list[DeliveryBrief]] = defaultdict(list)
    for (event_id, group), row in newest.items():
        briefs[event_id].append(
            DeliveryBrief(
                delivery_id=str(row["node_id"]),
                group=group,
                status=status.of_settled(row["outcome"], row["settled_by"], running=row["running"]),
                round=row["round"],
                attempts=row["attempts"],
                service=row["service"],
            )
        )
    return briefs


def folded(q: str | None) -> str | None:
    """Returns search text as queries compare it; None where there is nothing to look for."""
    return (q or "").strip().lower() or None


def text(value: object) -> str | None:
    """Returns an id as text."""
    return None if value is None else str(value)
