"""How those fared who received events."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from collector.causality import dead_letters, markers, status, tries
from collector.models import DeliveryBrief
from collector.store.database import Session
from collector.store.queries import Query


def find_delivery_briefs(session: Session, events: Sequence[UUID]) -> dict[UUID, list[DeliveryBrief]]:
    """Returns how those fared who received some events, by event: of each group its newest round, and each consumer of
    others. Of an event that nobody received there is nothing.

    Args:
        session: the snapshot to read.
        events: their ids.
    """
    found = _find_group_briefs(session, events)
    is_taken = session.find_edge_sources()["messages"]
    for row in session.rows(Query.EVENTS_RECEIPTS, events=events) if is_taken else ():
        found[row["event_id"]].append(
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
    return found


def _find_group_briefs(session: Session, events: Sequence[UUID]) -> defaultdict[UUID, list[DeliveryBrief]]:
    """Returns how the groups of some events fared, by event; each in its newest round."""
    rows = session.rows(Query.EVENTS_DELIVERIES, events=events, **session.stretch(events).bounds)
    records = markers.drop_arrived_markers(session, rows)
    found = [(each.event_id, each) for each in tries.group_attempts(records).values() if each.event_id is not None]
    found.sort(key=lambda pair: (pair[0], pair[1].step, pair[1].round, pair[1].node_id))
    settled = dead_letters.find_settlements(session, [each.node_id for _, each in found])
    newest = {(event_id, each.step): each for event_id, each in found}
    briefs: defaultdict[UUID, list[DeliveryBrief]] = defaultdict(list)
    for (event_id, group), each in newest.items():
        has_died = each.node_id in settled
        briefs[event_id].append(
            DeliveryBrief(
                delivery_id=str(each.node_id),
                group=group,
                status=status.of_settled(
                    tries.decide_outcome(each, None, has_died=has_died),
                    settled.get(each.node_id),
                    running=each.is_open and not has_died,
                ),
                round=each.round,
                attempts=each.attempts,
                service=each.service,
            )
        )
    return briefs
