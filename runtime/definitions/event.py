"""An event as a handler sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

Data = TypeVar("Data")


@dataclass(frozen=True, slots=True)
class Event(Generic[Data]):
    """One event of a channel, its payload read into the type that the handler asks for.

    Attributes:
        id: the event's id; the same in every delivery and replay.
        channel: where it was published.
        data: the payload.
        source: who published it.
        subject: what it is about; empty where its publisher did not say.
        time: when it was made, in UTC.
        correlation_id: shared by everything that stems from one outside trigger.
        causation_id: the step or delivery that published it; None for an event from outside.
    """

    id: UUID
    channel: str
    data: Data
    source: str
    subject: str
    time: datetime
    correlation_id: UUID
    causation_id: UUID | None = None
