"""What runs stream while they go on."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from collector.models.base import Model, NodeStatus


class RunStreamKind(StrEnum):
    """What an event of a run's stream is: a `chunk` that a step streamed; another `attempt` at a step, which makes void
    what the step streamed before; chunks that are `lost`, for they could not be written down; a `gap`, where the oldest
    are kept no longer; or the `end` of the run."""

    CHUNK = "chunk"
    ATTEMPT = "attempt"
    LOST = "lost"
    GAP = "gap"
    END = "end"


class RunStreamEvent(Model):
    """One event of a run's stream. `offset` is its place, to go on `after`; `value` is a chunk, any JSON; `count` says
    how many chunks are lost, or entries gone; at its end `status` and `error` are those of the run."""

    kind: RunStreamKind
    offset: int
    step: str | None = None
    attempt: int | None = None
    at: datetime | None = None
    value: Any = None
    count: int | None = None
    status: NodeStatus | None = None
    error: str | None = None


class RunStreamPage(Model):
    """What a run has streamed after an offset. `last` is the offset to go on after; `status` is the run's now. Where
    `complete`, there is no more now; where the run has ended as well, the last item is its end."""

    items: list[RunStreamEvent] = Field(default_factory=list)
    last: int
    status: NodeStatus
    complete: bool
