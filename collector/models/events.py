"""Events, and how their groups fared."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from collector.models.base import Model, NodeStatus, Page, Window
from collector.models.causality import Node
from collector.models.search import Searched

#: How somebody who received an event may stand; `unreceived` where nobody did.
EventStanding = Literal[
    "ok",
    "running",
    "retrying",
    "failed",
    "dead",
    "replayed",
    "discarded",
    "cancelled",
    "duplicate",
    "expired",
    "unknown",
    "unreceived",
]


class DeliveryBrief(Model):
    """How one group fared with an event, in its newest round; or how a consumer of another program did (`foreign`), as
    its newest span says. `group` is its service's name where it names no group, `delivery_id` its span's node."""

    delivery_id: str
    group: str
    status: NodeStatus
    round: int
    attempts: int
    service: str | None = None
    foreign: bool = False


class Event(Model):
    """One event and how its groups fared. `payload` is JSON text, cut short in lists that do not ask for it whole, and
    so are `deliveries` of an event that many received; `groups` counts them all."""

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
    """One page of events; `window` is the range that they are of, None for all time. What is older than `kept_since` is
    kept no longer. `searched` says in what was looked where that found nothing."""

    window: Window | None = None
    kept_since: datetime | None = None
    searched: Searched | None = None


class EventDetail(Event):
    """One event whole: its payload uncut, and every round of every delivery as a node. `truncated`: some were left out,
    for the answer would be too long."""

    rounds: list[Node] = Field(default_factory=list)
    truncated: bool = False
