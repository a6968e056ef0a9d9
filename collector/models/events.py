"""Events, and how their groups fared."""

from datetime import datetime

from pydantic import Field

from collector.models.base import Model, NodeStatus, Page, Window
from collector.models.causality import Node
from collector.models.search import Searched


class DeliveryBrief(Model):
    """How one group fared with an event, in its newest round."""

    delivery_id: str
    group: str
    status: NodeStatus
    round: int
    attempts: int


class Event(Model):
    """One event and how its groups fared. `payload` is JSON text, cut short in lists, and so are `deliveries` of an
    event that many received; `groups` counts them all."""

    event_id: str
    channel: str
    time: datetime
    source: str | None = None
    subject: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    payload: str | None = None
    deliveries: list[DeliveryBrief] = Field(default_factory=list)
    groups: int = 0


class EventPage(Page[Event]):
    """One page of events; `window` is the range that they are of, None where a search looked everywhere. `searched`
    says in what, where that found nothing."""

    window: Window | None = None
    searched: Searched | None = None


class EventDetail(Event):
    """One event whole: its payload uncut, and every round of every delivery as a node. `truncated`: some were left out,
    for the answer would be too long."""

    rounds: list[Node] = Field(default_factory=list)
    truncated: bool = False
