"""Log records."""

from collections.abc import Iterator
from typing import Unpack

from collector.asking.base import PAGE, Asking, TimeRange, walk
from collector.models import LogPage, LogRecord, SeverityName


class LogFilter(TimeRange, total=False):
    """Of which log records: of one service, of a severity at least, of one trace, span or node; `loose` are those that
    name no span, `q` finds what is shown. Without a time range a filter looks in all time."""

    service: str | None
    severity: SeverityName | None
    trace_id: str | None
    span_id: str | None
    node_id: str | None
    loose: bool | None
    q: str | None


class Logs(Asking):
    """What is asked about log records."""

    def logs(self, *, limit: int = 50, cursor: str | None = None, **wanted: Unpack[LogFilter]) -> LogPage:
        """Returns a page of log records, newest first; of a search one may hold few, and still have a `next`."""
        return self._api.get(LogPage, "/api/logs", limit=limit, cursor=cursor, **wanted)

    def every_log_record(self, **wanted: Unpack[LogFilter]) -> Iterator[LogRecord]:
        """Yields all log records, newest first."""
        return walk(lambda cursor: self.logs(limit=PAGE, cursor=cursor, **wanted))
