"""Traces of any program."""

from collections.abc import Iterator
from typing import Unpack

from collector.asking.base import PAGE, Asking, TimeRange, rest, walk
from collector.models import Trace, TraceBrief, TracePage


class TraceFilter(TimeRange, total=False):
    """Of which traces; `service` has a part in them, `q` finds the name of a span, a service or an agent, or the id;
    `status` is `ok` or `error`. Without a time range a filter looks in all time."""

    service: str | None
    status: str | None
    q: str | None


class Traces(Asking):
    """What is asked about traces."""

    def traces(self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[TraceFilter]) -> TracePage:
        """Returns a page of traces, newest first."""
        return self._api.get(TracePage, "/api/traces", limit=limit, cursor=cursor, **wanted)

    def every_trace(self, **wanted: Unpack[TraceFilter]) -> Iterator[TraceBrief]:
        """Yields all traces, newest first."""
        return walk(lambda cursor: self.traces(limit=PAGE, cursor=cursor, **wanted))

    def trace(self, trace_id: str) -> Trace:
        """Returns all spans of one trace."""
        return self._api.get(Trace, f"/api/traces/{rest(trace_id)}")
