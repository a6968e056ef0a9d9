"""Items of fan-outs of which an answer tells numbers alone."""

from datetime import datetime

from collector.models.base import Model, NodeStatus


class ItemsLeftOut(Model):
    """Items of one fan-out that an answer counts and does not list, for there are too many: how many stand how, their
    attempts, when the first began and the last ended (None while one goes on). `p50_ms` is how long half of all items
    of the fan-out took at most. `place` tells apart the rounds of a step in a loop, such as `#2`."""

    run_id: str
    step: str
    place: str | None = None
    statuses: dict[NodeStatus, int]
    attempts: int
    p50_ms: float | None = None
    start: datetime
    end: datetime | None = None
