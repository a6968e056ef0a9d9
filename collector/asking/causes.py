"""Events, nodes, and what caused what."""

from collections.abc import Iterator
from typing import Literal, Unpack

from collector.asking.base import PAGE, PAGE_WHOLE, Asking, TimeRange, walk
from collector.models import CausalGraph, Event, EventDetail, EventPage, EventStanding, NodeDetail, SearchAnswer

Direction = Literal["both", "causes", "effects", "whole"]


class EventFilter(TimeRange, total=False):
    """Of which events; `q` finds a subject, an id or text of the payload, `status` those with which some group stands
    so. Without a time range a filter looks in all time."""

    channel: str | None
    status: EventStanding | None
    q: str | None
    whole: bool | None


class Causes(Asking):
    """What is asked about events and about nodes of the causal graph."""

    def events(self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[EventFilter]) -> EventPage:
        """Returns a page of events, newest first; `whole` leaves payloads uncut."""
        return self._api.get(EventPage, "/api/events", limit=limit, cursor=cursor, **wanted)

    def every_event(self, **wanted: Unpack[EventFilter]) -> Iterator[Event]:
        """Yields all events, newest first."""
        return walk(
            lambda cursor: self.events(limit=PAGE_WHOLE if wanted.get("whole") else PAGE, cursor=cursor, **wanted)
        )

    def event(self, event_id: str) -> EventDetail:
        """Returns one event, and every delivery of it."""
        return self._api.get(EventDetail, "/api/event", id=event_id)

    def node(self, node_id: str, *, full: str | None = None) -> NodeDetail:
        """Returns everything that is known of one node; long texts are cut, but for that at the place `full`."""
        return self._api.get(NodeDetail, "/api/node", id=node_id, full=full)

    def search(self, q: str, *, limit: int | None = None, cursor: str | None = None) -> SearchAnswer:
        """Returns what an id is the id of, and the newest nodes of any kind that it leads to or that say a text; with
        `next` as `cursor`, those further back."""
        return self._api.get(SearchAnswer, "/api/search", q=q, limit=limit, cursor=cursor)

    def causality(self, node_id: str, *, direction: Direction = "both", limit: int | None = None) -> CausalGraph:
        """Returns what caused a node and what it caused; for `whole`, all that its first cause brought about."""
        return self._api.get(CausalGraph, "/api/causality", id=node_id, direction=direction, limit=limit)
