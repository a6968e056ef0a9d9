"""One part of the causal graph, as the company in memory draws it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector import models as api
from runtime.semconv import Coordination, Evidence


@dataclass
class Picture:
    """One shipment's part of the causal graph, and its details by node id."""

    nodes: dict[str, api.Node] = field(default_factory=dict)
    edges: list[api.Edge] = field(default_factory=list)
    holes: list[api.Hole] = field(default_factory=list)


def edge(cause: str, effect: str, coordination: Coordination) -> api.Edge:
    return api.Edge(cause=cause, effect=effect, evidence=Evidence.DECLARED, coordination=coordination)


def bars_of(start: datetime, *, tries: int, last: str, millis: int) -> list[api.AttemptBar]:
    """Attempts one after another, each waiting twice as long as the one before."""
    bars, at = [], start
    for attempt in range(1, tries + 1):
        end = at + timedelta(milliseconds=millis)
        bars.append(api.AttemptBar(attempt=attempt, outcome=last if attempt == tries else "retry", start=at, end=end))
        at = end + timedelta(milliseconds=200 * 2**attempt)
    return bars
